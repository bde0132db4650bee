package planfile

import (
	"strings"
	"testing"
)

const (
	cardOpen = `{"address":"module.portal.module.verify.data.launchready_scorecard.this","mode":"data","type":"launchready_scorecard","values":{"gate":"open","score":97,"risk":"low","areas":[{"area":"tls","status":"pass","score":97}],"violations":[],"markdown":"# Report"}}`
	nested   = `"child_modules":[{"child_modules":[{"resources":[` + cardOpen + `]}]}]`
	waiting  = `{"address":"module.portal.module.verify.data.launchready_scorecard.this","mode":"data","type":"launchready_scorecard","change":{"actions":["read"]}}`
	deletion = `{"address":"launchready_dns_record.a","mode":"managed","type":"launchready_dns_record","change":{"actions":["delete"]}}`
	update   = `{"address":"launchready_dns_record.b","mode":"managed","type":"launchready_dns_record","change":{"actions":["update"]}}`
)

func plan(head, root, changes string) string {
	return `{"format_version":"1.2",` + head + `"prior_state":{"values":{"root_module":{` + root + `}}},"resource_changes":[` + changes + `]}`
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		text                       string
		errored, partial, destroys bool
		cards                      int
		waits                      bool
		gate                       string
	}{
		"open, in a module of a module":           {text: plan("", nested, update), cards: 1, gate: "open"},
		"put off":                                 {text: plan("", "", waiting+","+update), cards: 1, waits: true},
		"put off, with what the run before left":  {text: plan("", nested, waiting), cards: 1, waits: true},
		"errored":                                 {text: plan(`"errored":true,"complete":false,`, nested, ""), errored: true, partial: true, cards: 1, gate: "open"},
		"of a part":                               {text: plan(`"complete":false,`, nested, ""), partial: true, cards: 1, gate: "open"},
		"all is deleted":                          {text: plan("", "", deletion), destroys: true},
		"something is deleted":                    {text: plan("", nested, deletion+","+update), cards: 1, gate: "open"},
		"no scorecard":                            {text: plan("", "", "")},
		"a resource of that type that is no data": {text: plan("", `"resources":[{"address":"x","mode":"managed","type":"launchready_scorecard","values":{"gate":"open"}}]`, "")},
		"what is written by a program before complete": {text: plan(`"complete":true,`, nested, ""), cards: 1, gate: "open"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Read(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if p.Errored != test.errored || p.Partial != test.partial || p.Destroys != test.destroys || len(p.Scorecards) != test.cards {
				t.Fatalf("%+v", p)
			}
			if test.cards > 0 && (p.Scorecards[0].Waits != test.waits || p.Scorecards[0].Gate != test.gate) {
				t.Errorf("%+v", p.Scorecards[0])
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                 "",
		"cut off":                 plan("", nested, "")[:200],
		"no plan":                 `{"errors":[{"status":"404"}]}`,
		"a version to come":       `{"format_version":"2.0"}`,
		"a scorecard of no shape": plan("", `"resources":[{"address":"x","mode":"data","type":"launchready_scorecard","values":{"gate":7}}]`, ""),
	} {
		if p, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(plan("", nested, waiting+","+deletion))
	f.Add(plan(`"errored":true,`, nested, update))
	f.Add(`{"format_version":"1.2","prior_state":null,"resource_changes":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Read(strings.NewReader(text))
		if err != nil && len(p.Scorecards) > 0 {
			t.Error("an error with a result")
		}
	})
}
