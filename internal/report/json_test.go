package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// compiled is a JSON Schema, ready to validate.
func compiled(t testing.TB, text string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// conforms fails if a document does not fit the schema.
func conforms(t testing.TB, s *jsonschema.Schema, document []byte) {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(instance); err != nil {
		t.Errorf("%v", err)
	}
}

// closed is the schema with every object closed: a field that it does not
// describe is an error. The published one is open, so that fields can be added.
func closed(t *testing.T) string {
	t.Helper()
	var tree any
	if err := json.Unmarshal([]byte(Schema()), &tree); err != nil {
		t.Fatal(err)
	}
	var shut func(any)
	shut = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if v["type"] == "object" {
				v["additionalProperties"] = false
			}
			for _, one := range v {
				shut(one)
			}
		case []any:
			for _, one := range v {
				shut(one)
			}
		}
	}
	shut(tree)
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJSONFitsItsSchema(t *testing.T) {
	published, strict := compiled(t, Schema()), compiled(t, closed(t))
	for name, s := range map[string]readiness.Scorecard{"blocked": blockedCard(t), "decided": decidedCard(t), "open": openCard(t), "overridden": overriddenCard(t)} {
		t.Run(name, func(t *testing.T) {
			for _, o := range []Options{{}, {GeneratedAt: today}} {
				text, err := JSON(s, o)
				if err != nil {
					t.Fatal(err)
				}
				conforms(t, published, text)
				conforms(t, strict, text)
				if bytes.Contains(text, []byte(": null")) != bytes.Contains(text, []byte(`"window": null`)) {
					t.Error("something that is no window is null")
				}
			}
		})
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t, Schema())
	good, err := JSON(blockedCard(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, replace := range map[string][2]string{
		"another format":     {`"format_version": 2`, `"format_version": 1`},
		"an unknown gate":    {`"gate": "blocked"`, `"gate": "ajar"`},
		"a score over 100":   {`"score": 29`, `"score": 129`},
		"a list that is one": {`"targets": [`, `"targets": null, "aims": [`},
	} {
		bad := bytes.Replace(good, []byte(replace[0]), []byte(replace[1]), 1)
		if bytes.Equal(bad, good) {
			t.Fatalf("%s: nothing to replace", name)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(instance) == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
}

func TestJSONReadsBack(t *testing.T) {
	s := blockedCard(t)
	text, err := JSON(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Gate != readiness.Blocked || got.FormatVersion != FormatVersion || len(got.Areas) != 10 || len(got.Findings) != len(s.Findings) || got.GeneratedAt != nil {
		t.Errorf("read back: %+v", got)
	}
	if s.Areas[0].Checks == nil && s.Criteria[3].Against != nil {
		t.Error("rendering changed what was handed in")
	}
}
