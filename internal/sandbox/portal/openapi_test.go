package portal

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestOpenAPI holds that the description is sound and names every route.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	paths := func() int {
		raw := as(t, p, "anonymous").do("GET", "/api/openapi.json", "").body
		doc, err := openapi3.NewLoader().LoadFromData([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
			t.Error(err)
		}
		n := 0
		for _, item := range doc.Paths.Map() {
			n += len(item.Operations())
		}
		return n
	}
	all := len(p.apiRoutes())
	if got := paths(); got != all-1 { // but for the one that a fault brings
		t.Errorf("%d operations, want %d", got, all-1)
	}
	p.Set(RouteUncovered, true)
	if got := paths(); got != all {
		t.Errorf("with the fault: %d operations, want %d", got, all)
	}
}
