package runbook

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// texts are forms that Markdown has, for the tests and the fuzzer.
var texts = []string{
	"---\ntitle: x\nlast_reviewed: 2026-11-02\n---\n# A\n\n**B**\n\n1. c\n2. [d](e.md#f)\n\n| g | h |\n| --- | --- |\n| i | `j` |\n",
	"+++\nowner = \"Ada\"\n+++\nText <name> and <br> and <!-- c --> &lt;x&gt;\n", "Term\n: definition\n", "<h2 id=\"a\">B</h2>\n<p>c <a href=\"d\">e</a>\n",
	"- [ ] a\n  - b\n\n        code\n", "> quote\n\n```\ncode\n```\n", "[a]: b\n[a] ![c](d) <mailto:e@f.example> www.g.example ~~h~~\n", "---\n- not\n", "\xff\xfea\x00", "In\xe8s", "",
	strings.Repeat("[", 300), strings.Repeat("*_", 300), strings.Repeat("> ", 40) + "x", "a\x00b", "<", "<a", "<!--", "| a |\n| - |\n| <b> [c](d) |\n",
}

// FuzzParse holds that whatever is read ends, in valid text, with blocks that
// stand in lines of the document.
func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		book, err := Parse("x.md", raw)
		if err != nil {
			return
		}
		file := book.Files[0]
		lines := strings.Count(file.Text, "\n") + 1
		for _, b := range file.Blocks {
			if b.Line < 1 || b.Line > lines {
				t.Errorf("a block in line %d of %d", b.Line, lines)
			}
			if !utf8.ValidString(b.Text) || !utf8.ValidString(b.Prose) {
				t.Errorf("no text: %q", b.Text)
			}
			if b.Kind == Heading && (b.Level < 1 || b.Level > 6) {
				t.Errorf("a heading of level %d", b.Level)
			}
		}
		if book.Words() < 0 {
			t.Error("fewer than no words")
		}
	})
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	book, err := Parse("x.md", []byte(texts[0]))
	if err != nil {
		t.Fatal(err)
	}
	f := book.Files[0]
	if f.Front["title"] != "x" || f.Front["last reviewed"] != "2026-11-02" {
		t.Errorf("front matter: %v", f.Front)
	}
	var kinds []Kind
	for _, b := range f.Blocks {
		kinds = append(kinds, b.Kind)
	}
	if len(kinds) != 5 || kinds[0] != Heading || kinds[1] != Bold || kinds[2] != Item || kinds[3] != Item || kinds[4] != Row {
		t.Fatalf("blocks: %v", kinds)
	}
	if b := f.Blocks[3]; !b.Ordered || !b.First || b.Line != 10 || len(b.Links) != 1 || b.Links[0].Target != "e.md#f" {
		t.Errorf("the step: %+v", b)
	}
	if b := f.Blocks[4]; b.Heads[1] != "h" || b.Cells[1] != "j" || strings.Contains(b.Prose, "j") || b.Inline != "j\n" {
		t.Errorf("the row: %+v", b)
	}
	if f.Blocks[0].Line != 5 || !f.Anchors["a"] {
		t.Errorf("the heading: %+v", f.Blocks[0])
	}
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"When to escalate?": "whentoescalate", "Größe – 2": "größe2", "": ""} {
		if got := Anchor(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
