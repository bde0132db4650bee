package api

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// description is Cloudflare's own description of its API.
const description = "../../../../shared/cloudflare-api/openapi-slice.json"

// relaxation is one thing in which the description is known to be wrong or
// loose. All are here; everything else is an error.
type relaxation struct {
	why    string
	schema func(*openapi3.Schema)
}

func relaxations() []relaxation {
	return []relaxation{
		{"null stands for absent fields, though the schemas do not allow it",
			func(s *openapi3.Schema) { s.Nullable = true }},
		{"alternatives overlap, and their discriminators do not resolve",
			func(s *openapi3.Schema) { s.AnyOf, s.OneOf, s.Discriminator = append(s.AnyOf, s.OneOf...), nil, nil }},
		{"names of actions may have underscores, though the pattern has none", func(s *openapi3.Schema) {
			if s.Pattern == "^[a-z]+$" {
				s.Pattern = "^[a-z_]+$"
			}
		}},
	}
}

// requestRelaxation holds for requests only: their schemas require what the
// server assigns, or, in a PATCH, what stays as it is.
func requestRelaxation(patch bool) relaxation {
	assigned := []string{"id", "created_on", "modified_on", "proxiable", "meta", "settings", "editable", "version", "last_updated"}
	return relaxation{"requests need not hold what the server assigns", func(s *openapi3.Schema) {
		s.Required = slices.DeleteFunc(s.Required, func(name string) bool {
			// content of records with data is assigned by the server, too
			return patch || slices.Contains(assigned, name) || name == "content"
		})
	}}
}

// later are operations and objects that came after the description was made.
// They are checked as far as the parts of which they consist are in it.
var later = map[string]string{
	"POST /zones/{zone_id}/dns_records/batch":      "came later: each record in it is checked",
	"GET /accounts/{account_id}/tokens/verify":     "not in the slice: checked as the user's form",
	"GET /zones/{zone_id}/settings":                "ssl_automatic_mode in it came later: left out",
	"setting ssl_automatic_mode":                   "came later: checked as an envelope",
	"record OPENPGPKEY":                            "came later: checked as an envelope",
	"DELETE requires a body that nobody sends":     "not sent",
	"failures demand success to be true and false": "answers from 400 up are checked as plain envelopes",
}

// loadDescription reads the description and relaxes every schema in it once.
func loadDescription(t *testing.T, relaxed ...relaxation) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(description))
	if err != nil {
		t.Skipf("Cloudflare's description of its API is not here: %v", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*openapi3.Schema]bool{}
	var walk func(*openapi3.SchemaRef)
	walk = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		for _, r := range relaxed {
			r.schema(s)
		}
		for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
			for _, one := range list {
				walk(one)
			}
		}
		for _, one := range s.Properties {
			walk(one)
		}
		walk(s.Items)
		walk(s.AdditionalProperties.Schema)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					walk(media.Schema)
				}
			}
			for _, resp := range op.Responses.Map() {
				for _, media := range resp.Value.Content {
					walk(media.Schema)
				}
			}
		}
	}
	return doc
}

// conformance validates exchanges.
type conformance struct {
	responses, requests, patches *openapi3.T
}

func newConformance(t *testing.T) *conformance {
	t.Helper()
	return &conformance{
		responses: loadDescription(t, relaxations()...),
		requests:  loadDescription(t, append(relaxations(), requestRelaxation(false))...),
		patches:   loadDescription(t, append(relaxations(), requestRelaxation(true))...),
	}
}

func visit(schema *openapi3.SchemaRef, body []byte, options ...openapi3.SchemaValidationOption) error {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	options = append(options, openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(
		map[string]openapi3.StringFormatValidator{"ipv4": openapi3.NewIPValidator(true), "ipv6": openapi3.NewIPValidator(false)}))
	return schema.Value.VisitJSON(value, options...)
}

// envelopeShape is what every answer has, whatever else it has.
func envelopeShape(body []byte) error {
	var e struct {
		Success  *bool `json:"success"`
		Errors   *[]struct{ Code *int }
		Messages *[]any
		Result   json.RawMessage
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	switch {
	case e.Success == nil || e.Errors == nil || e.Messages == nil || e.Result == nil:
		return fmt.Errorf("no envelope")
	case *e.Success != (len(*e.Errors) == 0):
		return fmt.Errorf("success %v with %d errors", *e.Success, len(*e.Errors))
	}
	for _, one := range *e.Errors {
		if one.Code == nil || *one.Code == 0 {
			return fmt.Errorf("an error without a code")
		}
	}
	return nil
}

// response checks an answer against the description.
func (c *conformance) response(label string, status int, body []byte) error {
	if err := envelopeShape(body); err != nil || status >= 400 {
		return err
	}
	method, template, _ := strings.Cut(label, " ")
	if template == "/accounts/{account_id}/tokens/verify" {
		template = "/user/tokens/verify"
	}
	item := c.responses.Paths.Value(template)
	if item == nil || item.GetOperation(method) == nil {
		return fmt.Errorf("%s is not described", label)
	}
	schema := item.GetOperation(method).Responses.Status(status).Value.Content["application/json"].Schema
	return visit(schema, body, openapi3.VisitAsResponse())
}

// record checks one record of a batch.
func (c *conformance) record(view recordView) error {
	return c.response("GET /zones/{zone_id}/dns_records/{dns_record_id}", 200, raw(success(view)))
}

// request checks a body that is about to be sent.
func (c *conformance) request(label string, body string) error {
	method, template, _ := strings.Cut(label, " ")
	doc := c.requests
	if method == "PATCH" {
		doc = c.patches
	}
	op := doc.Paths.Value(template).GetOperation(method)
	return visit(op.RequestBody.Value.Content["application/json"].Schema, []byte(body), openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation())
}
