package taglist

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		fold       Fold
		tags       []Tag
		faults     []Fault
	}{
		{"plain", "v=X; a=1;", false, []Tag{{"v", "X"}, {"a", "1"}}, nil},
		{"blanks", " v = X ;\ta\r\n=\n1 ", false, []Tag{{"v", "X"}, {"a", "1"}}, nil},
		{"value with =", "p=abc==", false, []Tag{{"p", "abc=="}}, nil},
		{"empty value", "p=", false, []Tag{{"p", ""}}, nil},
		{"repeated", "a=1; a=2", false, []Tag{{"a", "1"}}, []Fault{{"a", "the tag a appears twice", "keep one"}}},
		{"cases are names of their own", "a=1; A=2", false, []Tag{{"a", "1"}, {"A", "2"}}, nil},
		{"unless folded", "a=1; A=2", true, []Tag{{"a", "1"}}, []Fault{{"a", "the tag a appears twice", "keep one"}}},
		{"empty tag", "a=1;;b=2", false, []Tag{{"a", "1"}, {"b", "2"}}, []Fault{{"", "an empty tag stands between two semicolons", "write one semicolon between tags"}}},
		{"no name", "=1", false, nil, []Fault{{"", `"=1" is not of the form name=value`, "separate the tags by semicolons"}}},
		{"foreign character", "a=\u00e9", false, []Tag{{"a", "\u00e9"}}, []Fault{{"a", "the tag a holds characters that are not printable ASCII", "retype it in plain ASCII"}}},
	} {
		tags, faults := Parse(c.text, c.fold)
		if diff := cmp.Diff(c.tags, tags) + cmp.Diff(c.faults, faults); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestVersioned(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"v=STSv1; id=1": true, "v=STSv1 ;id=1": true, "v=STSv1;": true,
		"v=STSv1": false, "v=stsv1; id=1": false, " v=STSv1; id=1": false, "v=STSv10; id=1": false, "v = STSv1; id=1": false, "id=1; v=STSv1;": false,
	} {
		if Versioned(text, "STSv1") != want {
			t.Errorf("Versioned(%q) is %v", text, !want)
		}
	}
	for text, want := range map[string]bool{"\"v=stsv1; id=1": true, "v = STSv1": true, "v=spf1 -all": false, "v=ST": false} {
		if Resembles(text, "STSv1") != want {
			t.Errorf("Resembles(%q) is %v", text, !want)
		}
	}
}
