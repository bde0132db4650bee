package deploycheck

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxLines is how long a text may be, in bytes, in whose lines a release is looked for.
const maxLines = 2 << 10

// plainName is a name as it is compared: git_sha, gitSha and Git-Sha are one.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// plainNames is a JSON document with its names written plainly. A list of one
// object is that object.
func plainNames(document []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var all any
	if decoder.Decode(&all) != nil {
		return nil
	}
	if list, ok := all.([]any); ok && len(list) == 1 {
		all = list[0]
	}
	out, _ := json.Marshal(plainly(all, 0)) // which was one before
	return out
}

func plainly(value any, depth int) any {
	object, ok := value.(map[string]any)
	if !ok || depth > 4 { // deeper no release is looked for
		return value
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	out := map[string]any{}
	for _, name := range names {
		plain := plainName(name)
		if _, twice := out[plain]; !twice || plain == name {
			out[plain] = plainly(object[name], depth+1)
		}
	}
	return out
}

var (
	// nameAndValue is a line such as "version: 1.4.2" or "GIT_SHA=a1b2c3d".
	nameAndValue = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*(?:export\s+)?["']?([A-Za-z][\w .-]{0,30}?)["']?\s*[:=]\s*["']?([^\s"']{1,80})["']?[,;]?\s*$`)
	})
	releaseNames = []string{"release", "version", "commit", "sha", "gitsha", "revision", "build", "tag", "appversion", "gitcommit", "gitversion", "commitsha", "commithash", "buildid", "releaseid"}
)

// inLines looks for a release in the lines of a text: behind a name, or, where the
// text is a single line of few words, as one of them: "portal 1.4.2 (a1b2c3d)".
func inLines(text string, take func(place, text string)) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines {
		if m := nameAndValue().FindStringSubmatch(line); m != nil {
			if name := strings.ReplaceAll(plainName(m[1]), " ", ""); slices.Contains(releaseNames, name) {
				take("line "+name, m[2])
			}
		}
	}
	words := strings.Fields(lines[0])
	if len(lines) > 1 || len(words) > 6 || strings.ContainsAny(lines[0], "<>{}") {
		return
	}
	for _, word := range words {
		word = strings.Trim(word, "()[],;:")
		_, behind, slash := strings.Cut(word, "/") // portal/1.4.2
		if slash {
			word = behind
		}
		if r := release(word).plain(); numbered().MatchString(r) {
			take("word", word)
		} else if isHash(r) && strings.ContainsAny(r, "0123456789") && strings.ContainsAny(strings.ToLower(r), "abcdef") {
			take("commit", word)
		}
	}
}
