package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
)

// mailFunction is a function of one argument that reads or writes a mail record.
type mailFunction struct {
	name, summary, description string
	parameter                  function.Parameter
	returns                    function.Return
	run                        func(ctx context.Context, req function.RunRequest) (any, *function.FuncError)
}

func (f mailFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f mailFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: f.summary, MarkdownDescription: f.description, Parameters: []function.Parameter{f.parameter}, Return: f.returns,
	}
}

func (f mailFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	out, err := f.run(ctx, req)
	if err != nil {
		resp.Error = err
		return
	}
	resp.Error = resp.Result.Set(ctx, out)
}

// spfTermTypes is a term of an SPF record.
func spfTermTypes() map[string]attr.Type {
	return map[string]attr.Type{"qualifier": types.StringType, "mechanism": types.StringType, "modifier": types.StringType, "value": types.StringType}
}

type spfTermValue struct {
	Qualifier types.String `tfsdk:"qualifier"`
	Mechanism types.String `tfsdk:"mechanism"`
	Modifier  types.String `tfsdk:"modifier"`
	Value     types.String `tfsdk:"value"`
}

type spfRecordValue struct {
	Record types.String   `tfsdk:"record"`
	Terms  []spfTermValue `tfsdk:"terms"`
}

func newParseSPFFunction() function.Function {
	return mailFunction{
		name: "parse_spf", summary: "Reads an SPF record",
		description: "Returns the terms of an SPF record (RFC 7208) in order, and the record in its normal form. `mechanism` is set for directives, `modifier` for modifiers; " +
			"`qualifier` is `+`, `-`, `~` or `?`. A record that breaks the grammar is an error that names the term.",
		parameter: function.StringParameter{Name: "record", MarkdownDescription: "SPF record, such as `v=spf1 include:_spf.google.com ~all`."},
		returns: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"record": types.StringType, "terms": types.ListType{ElemType: types.ObjectType{AttrTypes: spfTermTypes()}},
		}},
		run: func(ctx context.Context, req function.RunRequest) (any, *function.FuncError) {
			var text string
			if err := req.Arguments.Get(ctx, &text); err != nil {
				return nil, err
			}
			record, err := spf.Parse(text)
			if err != nil {
				return nil, function.NewArgumentFuncError(0, sentence(err))
			}
			out := spfRecordValue{Record: types.StringValue(spf.Format(record)), Terms: []spfTermValue{}}
			for _, t := range record.Terms {
				out.Terms = append(out.Terms, spfTerm(t))
			}
			return out, nil
		},
	}
}

func spfTerm(t spf.Term) spfTermValue {
	text := t.String()
	if t.Modifier != "" {
		_, value, _ := strings.Cut(text, "=")
		return spfTermValue{Qualifier: types.StringValue(""), Mechanism: types.StringValue(""), Modifier: types.StringValue(t.Modifier), Value: types.StringValue(value)}
	}
	value := strings.TrimPrefix(strings.TrimLeft(text, "+-~?"), string(t.Mechanism))
	return spfTermValue{
		Qualifier: types.StringValue(string(t.Qualifier)), Mechanism: types.StringValue(string(t.Mechanism)), Modifier: types.StringValue(""),
		Value: types.StringValue(strings.TrimPrefix(value, ":")),
	}
}

func newFormatSPFFunction() function.Function {
	return mailFunction{
		name: "format_spf", summary: "Writes an SPF record",
		description: "Joins terms to an SPF record in its normal form (RFC 7208). A term that breaks the grammar is an error.",
		parameter:   function.ListParameter{Name: "terms", ElementType: types.StringType, MarkdownDescription: "Terms in order, such as `[\"include:_spf.google.com\", \"~all\"]`; `v=spf1` may be left out."},
		returns:     function.StringReturn{},
		run: func(ctx context.Context, req function.RunRequest) (any, *function.FuncError) {
			var terms []string
			if err := req.Arguments.Get(ctx, &terms); err != nil {
				return nil, err
			}
			if len(terms) > 0 && strings.EqualFold(terms[0], spf.Version) {
				terms = terms[1:]
			}
			for _, term := range terms {
				if term == "" || strings.ContainsAny(term, " \t\r\n") {
					return nil, function.NewArgumentFuncError(0, "Each element is one term without blanks: "+term)
				}
			}
			record, err := spf.Parse(strings.Join(append([]string{spf.Version}, terms...), " "))
			if err != nil {
				return nil, function.NewArgumentFuncError(0, sentence(err))
			}
			return spf.Format(record), nil
		},
	}
}

func newParseDMARCFunction() function.Function {
	return mailFunction{
		name: "parse_dmarc", summary: "Reads a DMARC record",
		description: "Returns the tags of a DMARC record (RFC 9989) as a map, names in lower case. A record that receivers would discard or read otherwise than written is an error that says why.",
		parameter:   function.StringParameter{Name: "record", MarkdownDescription: "DMARC record, such as `v=DMARC1; p=reject; rua=mailto:dmarc@acme.example`."},
		returns:     function.MapReturn{ElementType: types.StringType},
		run: func(ctx context.Context, req function.RunRequest) (any, *function.FuncError) {
			var text string
			if err := req.Arguments.Get(ctx, &text); err != nil {
				return nil, err
			}
			record, err := dmarc.Parse(text)
			if err != nil {
				return nil, function.NewArgumentFuncError(0, sentence(err))
			}
			out := map[string]string{}
			for _, t := range record.Tags {
				out[t.Name] = t.Value
			}
			return out, nil
		},
	}
}

// dmarcOrder is the order of tags that people expect.
func dmarcOrder() []string {
	return []string{"v", "p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd"}
}

func newFormatDMARCFunction() function.Function {
	return mailFunction{
		name: "format_dmarc", summary: "Writes a DMARC record",
		description: "Writes a map of tags as a DMARC record (RFC 9989): `v` and `p` first, then the others in the order of the standard. A record that would be malformed is an error.",
		parameter:   function.MapParameter{Name: "tags", ElementType: types.StringType, MarkdownDescription: "Tags, such as `{ p = \"reject\", rua = \"mailto:dmarc@acme.example\" }`; `v` may be left out."},
		returns:     function.StringReturn{},
		run: func(ctx context.Context, req function.RunRequest) (any, *function.FuncError) {
			var given map[string]string
			if err := req.Arguments.Get(ctx, &given); err != nil {
				return nil, err
			}
			var tags []dmarc.Tag
			for name, value := range given {
				if strings.ContainsAny(name+value, ";\r\n") || name == "v" && value != dmarc.Version {
					return nil, function.NewArgumentFuncError(0, "The tag "+name+" has a value that no record can carry: "+value)
				}
				tags = append(tags, dmarc.Tag{Name: name, Value: value})
			}
			rank := func(t dmarc.Tag) int {
				if i := slices.Index(dmarcOrder(), t.Name); i >= 0 {
					return i
				}
				return len(dmarcOrder())
			}
			slices.SortFunc(tags, func(a, b dmarc.Tag) int {
				if d := rank(a) - rank(b); d != 0 {
					return d
				}
				return strings.Compare(a.Name, b.Name)
			})
			text := dmarc.Format(tags)
			if _, err := dmarc.Parse(text); err != nil {
				return nil, function.NewArgumentFuncError(0, sentence(err))
			}
			return text, nil
		},
	}
}
