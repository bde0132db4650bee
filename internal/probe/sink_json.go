package probe

import (
	"bytes"
	"context"
	"encoding/json"
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
	return SinkReading{
		Entries: holding(all, q.Text), Around: all,
		Live: len(all) > 0 || s.config.Kind == SinkWebhook,
	}
}

// jsonEntries takes a document apart: the elements of the list at a pointer, or
// of the document itself if that is a list, or its only list; else its lines if
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
		var found [][]json.RawMessage
		for _, value := range object {
			var inner []json.RawMessage
			if bytes.HasPrefix(bytes.TrimSpace(value), []byte("[")) && json.Unmarshal(value, &inner) == nil {
				found = append(found, inner)
			}
		}
		if len(found) == 1 {
			return texts(found[0]), true
		}
		return []string{string(body)}, true
	}
	return lines(string(body)), true
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
