package expression

import (
	"reflect"
	"testing"
)

// What was built is read back; what was written by hand is not.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []Conditions{
		{Paths: []string{"/login"}},
		{Paths: []string{"/"}},
		{Hosts: []string{"a.example"}},
		{Hosts: []string{"a.example", "b.example", "*.c.example"}, Methods: []string{"POST", "PUT"}, Paths: []string{"/a", "/b", "/c/*", "/d*e"}},
		{Hosts: []string{"*.c.example"}, Paths: []string{"/x/*", "/y/*"}},
		{Methods: []string{"POST"}},
	} {
		for _, exact := range []bool{false, true} {
			got, ok := Read(c.Build(exact), exact)
			if !ok || !reflect.DeepEqual(got, c) {
				t.Errorf("%s: read %+v %v, want %+v", c.Build(exact), got, ok, c)
			}
		}
	}
	for _, text := range []string{
		"", "true", `http.host eq "a.example" or ssl`, `not http.host eq "a.example"`, `http.host ne "a.example"`, `(http.host eq "a" or http.request.method eq "GET")`,
		`http.request.uri.path contains "/a"`, `http.host eq "a\"b"`, `http.request.method eq "GET" and http.host eq "a.example"`,
	} {
		for _, exact := range []bool{false, true} {
			if c, ok := Read(text, exact); ok {
				t.Errorf("%q was read as %+v", text, c)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`(http.host in {"a.example" "b.example"} and starts_with(lower(url_decode(http.request.uri.path)), "/a/"))`)
	f.Add(`"(" and (`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, exact := range []bool{false, true} {
			if c, ok := Read(text, exact); ok && c.Build(exact) != text {
				t.Errorf("%q was read as %+v, which is %q", text, c, c.Build(exact))
			}
		}
	})
}
