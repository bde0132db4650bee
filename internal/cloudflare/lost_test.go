package cloudflare

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestLostCreate(t *testing.T) {
	t.Parallel()
	made := record("new", "www.acme.example", "TXT", `\"v=1\" \"2\"`)
	made = strings.ReplaceAll(made, `\\\"`, `\"`)
	old := strings.Replace(strings.Replace(made, `"new"`, `"old"`, 1), "2026-07-01T11:59:59Z", "2020-01-01T00:00:00Z", 1)
	for name, tc := range map[string]struct {
		answer  step
		listed  []string // what the read-back sees
		warm    []string // what the snapshot held; nil = none
		id      string   // "" = an error
		message string
	}{
		"cut, made":                {step{}, []string{made}, nil, "new", ""},
		"cut, made, snapshot":      {step{}, []string{made}, []string{record("x", "x.acme.example", "A", "192.0.2.1")}, "new", ""},
		"502 page, made":           {step{502, "<html>", "Content-Type: text/html"}, []string{made}, nil, "new", ""},
		"200 cut short, made":      {step{200, `{"success":tr`, ""}, []string{made}, nil, "new", ""},
		"cut, not made":            {step{}, nil, nil, "", "the answer was lost"},
		"500, not made":            {step{500, "", ""}, nil, nil, "", "500"},
		"cut, there before":        {step{}, []string{old}, nil, "", "the answer was lost"},
		"cut, in the snapshot":     {step{}, []string{made}, []string{made}, "", "the answer was lost"},
		"cut, something else made": {step{}, []string{strings.Replace(made, "v=1", "v=2", 1)}, nil, "", "the answer was lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPost:
					script([]step{tc.answer})(w, r)
				case r.URL.Query().Get("name") == "www.acme.example" && r.URL.Query().Get("type") == "TXT":
					send(w, 200, page(tc.listed...))
				default:
					send(w, 200, page(tc.warm...))
				}
			})
			if tc.warm != nil {
				if _, err := a.Records(context.Background(), zoneID); err != nil {
					t.Fatal(err)
				}
			}
			got, err := a.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "TXT", Content: `"v=12"`, TTL: 1})
			if got.ID != tc.id || (err == nil) != (tc.id != "") {
				t.Errorf("record %q, error %v", got.ID, err)
			}
			if err != nil && !strings.Contains(err.Error(), tc.message) {
				t.Errorf("error %v", err)
			}
			if n := a.count("POST"); n != 1 {
				t.Errorf("%d POSTs", n)
			}
		})
	}
}

func TestLostUpdate(t *testing.T) {
	t.Parallel()
	wanted := Record{ID: "r1", Name: "acme.example", Type: "A", Content: "192.0.2.9", TTL: 1}
	for name, tc := range map[string]struct {
		now     string // what is read back
		patches int
		works   bool
	}{
		"done":     {"192.0.2.9", 1, true},
		"not done": {"192.0.2.1", 2, true},
	} {
		first := true
		a := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodGet:
				send(w, 200, ok(record("r1", "acme.example", "A", tc.now)))
			case first:
				first = false
				drop(w)
			default:
				send(w, 200, ok(record("r1", "acme.example", "A", "192.0.2.9")))
			}
		})
		got, err := a.UpdateRecord(context.Background(), zoneID, wanted)
		if err != nil || got.Content != "192.0.2.9" || a.count("PATCH") != tc.patches {
			t.Errorf("%s: %+v %v, %d PATCHes", name, got, err, a.count("PATCH"))
		}
	}
}

// A record made by a call that was given up would belong to nobody.
func TestCreateSurvivesCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			cancel()
			<-r.Context().Done()
			return
		}
		send(w, 200, page(record("new", "www.acme.example", "A", "192.0.2.1")))
	})
	wanted := Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.1"}
	if got, err := a.CreateRecord(ctx, zoneID, wanted); err != nil || got.ID != "new" {
		t.Errorf("%+v %v", got, err)
	}
	_, err := a.CreateRecord(ctx, zoneID, wanted)
	if e, isError := asError(err); !isError || e.uncertain || !errors.Is(err, context.Canceled) {
		t.Errorf("a call that was never sent: %+v", err)
	}
	if got := a.count("POST"); got != 1 {
		t.Errorf("%d POSTs", got)
	}
}
