package authcheck

import (
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// What a stranger is told in the same form is no data unless there is some.
func TestSameShape(t *testing.T) {
	for name, test := range map[string]struct {
		owner, other string
		want         bool
	}{
		"somebody else":       {`{"id":"1","email":"mira@acme.example"}`, `{"id":"2","email":"bruno@acme.example"}`, true},
		"an empty list":       {`{"items":[{"id":"1"}],"page":1,"total":1}`, `{"items":[],"page":1,"total":0}`, false},
		"another's list":      {`{"items":[{"id":"1"}],"page":1,"total":1}`, `{"items":[{"id":"7"},{"id":"8"}],"page":1,"total":2}`, true},
		"nobody is signed in": {`{"user":{"id":1},"authenticated":true}`, `{"user":null,"authenticated":false}`, false},
		"empty texts":         {`{"name":"Mira","mail":"mira@acme.example"}`, `{"name":"","mail":""}`, false},
		"an error":            {`{"id":"1","email":"a"}`, `{"error":"no"}`, false},
		"no document":         {`{"id":"1","email":"a"}`, `<html>`, false},
		"one name":            {`{"ok":true}`, `{"ok":true}`, false},
	} {
		if got := sameShape(probe.Exchange{Body: []byte(test.owner)}, probe.Exchange{Body: []byte(test.other)}); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
