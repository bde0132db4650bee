package secretscan

import (
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		content string
		form    Form
		text    string
	}{
		"UTF-8":            {"grün\n", Plain, "grün\n"},
		"UTF-16 with mark": {utf16File("key = x"), UTF16, "key = x"},
		"without mark":     {utf16File("a long enough line of text")[2:], UTF16, "a long enough line of text"},
		"binary":           {"\x00\x01readable text here\x00short\x00", Binary, "readable text here\n"},
		"empty":            {"", Plain, ""},
	} {
		if form, text := FormOf([]byte(tt.content)), Decode([]byte(tt.content)); form != tt.form || text != tt.text {
			t.Errorf("%s: %d %q", name, form, text)
		}
	}
}

// A secret is found wherever a window ends.
func TestWindows(t *testing.T) {
	t.Parallel()
	e := engine(t, Options{})
	for _, before := range []int{window - 20, window - 1, window - overlap, window + 5, 2*window - 30} {
		for _, filler := range []string{"x", "x\n"} {
			text := strings.Repeat(filler, before/len(filler)) + " key='" + githubToken + "' " + strings.Repeat(filler, 1000)
			if got := e.Scan(t.Context(), Text{Content: text, Name: "b"}); len(got) != 1 || got[0].Line != 1+strings.Count(text[:strings.Index(text, githubToken)], "\n") {
				t.Errorf("%d %q: %+v", before, filler, got)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("\x00\x01text that can be read"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if text := Decode(content); len(text) > 4*len(content)+8 {
			t.Errorf("%d bytes of %d", len(text), len(content))
		}
	})
}
