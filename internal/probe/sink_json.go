package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// jsonSink reads an address that answers with events: a JSON list, an object
// that holds one, JSON lines, or text. The payloads of a webhook inbox are read
// in the same way.
type jsonSink struct{ httpSink }

// Look implements Sink. A webhook inbox is empty until the first alert; other
// events there must be for it to be known that they would be shown.
func (s *jsonSink) Look(ctx context.Context, q SinkQuery) SinkReading {
	x, failure := s.get(ctx, "", nil, "application/json, application/x-ndjson;q=0.9, */*;q=0.5")
	switch {
	case failure.Failed():
		return failure
	case x.Status >= 400:
		return s.unreadable("that the request is wrong: check url")
	}
	all, ok := jsonEntries(x.Body, q.Query)
	if !ok {
		return s.unreadable("without a list at the JSON pointer of the query")
	}
	out := SinkReading{Around: all, Live: len(all) > 0 || s.config.Kind == SinkWebhook}
	if q.Query == "" {
		out.Around = append(out.Around, besideLists(x.Body)...)
	}
	out.Entries = holding(out.Around, q.Text)
	return out
}

// jsonEntries takes a document apart: the elements of the list at a pointer, or
// of the document itself if that is a list, or of the lists in it; else its lines if
// each is JSON, or if it is no JSON at all; else the document.
func jsonEntries(body []byte, pointer string) ([]string, bool) {
	body = bytes.TrimSpace(body)
	if pointer != "" {
		at, ok := rawAt(body, pointer)
		if !ok {
			return nil, false
		}
		body = at
		var list []json.RawMessage
		if json.Unmarshal(body, &list) != nil {
			return nil, false
		}
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		return texts(list), true
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil {
		if found, ok := listsOf(object, 0); ok {
			return found, true
		}
		return []string{string(body)}, true
	}
	return lines(string(body)), true
}

// maxNested is how deep lists of events are looked for.
const maxNested = 4

// listsOf are the elements of the lists of objects within a document, as deep
// as the first that has any; ok is false where there is no list at all. What
// stands beside a list, such as a count or the time of the answer, changes without
// an event.
func listsOf(object map[string]json.RawMessage, depth int) (out []string, ok bool) {
	var inner []map[string]json.RawMessage
	for _, name := range slices.Sorted(maps.Keys(object)) {
		var list []json.RawMessage
		var one map[string]json.RawMessage
		switch value := bytes.TrimSpace(object[name]); {
		case bytes.HasPrefix(value, []byte("[")) && json.Unmarshal(value, &list) == nil:
			ok = true
			out = append(out, texts(list)...)
		case depth < maxNested && bytes.HasPrefix(value, []byte("{")) && json.Unmarshal(value, &one) == nil:
			inner = append(inner, one)
		}
	}
	if ok {
		return out, true
	}
	for _, one := range inner {
		found, there := listsOf(one, depth+1)
		out, ok = append(out, found...), ok || there
	}
	return out, ok
}

// besideLists is what an object holds but its lists: one that is an event itself,
// with a list of tags, or the last payload that was received, says most there.
func besideLists(body []byte) []string {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil || !withoutLists(object, 0) {
		return nil
	}
	text, err := json.Marshal(object)
	if err != nil || len(object) == 0 {
		return nil
	}
	return []string{string(text)}
}

// withoutLists takes the lists out of an object and reports whether there were any.
func withoutLists(object map[string]any, depth int) (had bool) {
	for name, value := range object {
		switch value := value.(type) {
		case []any:
			delete(object, name)
			had = true
		case map[string]any:
			had = depth < maxNested && withoutLists(value, depth+1) || had
		}
	}
	return had
}

func texts(list []json.RawMessage) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// rawAt is the part of a document that a JSON pointer (RFC 6901) leads to.
func rawAt(document []byte, pointer string) ([]byte, bool) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, false
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		var object map[string]json.RawMessage
		if json.Unmarshal(document, &object) != nil {
			return nil, false
		}
		next, ok := object[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		if !ok {
			return nil, false
		}
		document = next
	}
	return document, true
}
