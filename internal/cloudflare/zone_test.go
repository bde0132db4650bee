package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func wireZoneText(id, name, status, account string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"status":%q,"paused":false,"type":"full","development_mode":7,"name_servers":["a.ns"],"account":{"id":%q},"plan":{"legacy_id":"free","name":"Free Website"}}`,
		id, name, status, account)
}

func TestZone(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch name := r.URL.Query().Get("name"); {
		case strings.HasSuffix(r.URL.Path, "/zones/"+zoneID):
			send(w, 200, ok(wireZoneText(zoneID, "acme.example", "active", "acc")))
		case strings.HasSuffix(r.URL.Path, "/zones/"+strings.Repeat("f", 32)):
			send(w, 404, refuse(0, "not found"))
		case name == "acme.example":
			send(w, 200, page(wireZoneText("x", "not-acme.example", "active", "other"), wireZoneText(zoneID, "ACME.example", "active", "acc")))
		case name == "moved.example":
			send(w, 200, page(wireZoneText("m1", name, "moved", "acc1"), wireZoneText("m2", name, "active", "acc2")))
		case name == "twice.example":
			send(w, 200, page(wireZoneText("t1", name, "pending", "acc1"), wireZoneText("t2", name, "pending", "acc2")))
		case name == "xn--bcher-kva.example":
			send(w, 200, page(wireZoneText("b1", "bücher.example", "active", "acc")))
		default:
			send(w, 200, `{"success":true,"errors":null,"messages":null,"result":null}`)
		}
	})
	ctx := context.Background()
	want := Zone{ID: zoneID, Name: "acme.example", AccountID: "acc", Status: "active", Type: "full", Plan: "free", NameServers: []string{"a.ns"}, DevelopmentMode: 7}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, err := a.Zone(ctx, "Acme.Example."); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	all.Wait()
	if got, err := a.Zone(ctx, zoneID); err != nil || got.Name != "acme.example" {
		t.Errorf("by id: %+v %v", got, err)
	}
	if got, err := a.ZoneOf(ctx, "*.a.portal.acme.example"); err != nil || got.ID != zoneID {
		t.Errorf("ZoneOf: %+v %v", got, err)
	}
	if got, err := a.ZoneOf(ctx, "_dmarc.b.portal.acme.example"); err != nil || got.ID != zoneID {
		t.Errorf("ZoneOf: %+v %v", got, err)
	}
	asked := []string{
		"GET /zones?name=acme.example&per_page=50", "GET /zones?name=a.portal.acme.example&per_page=50",
		"GET /zones?name=portal.acme.example&per_page=50", "GET /zones?name=b.portal.acme.example&per_page=50",
	}
	if diff := cmp.Diff(asked, a.requests()); diff != "" {
		t.Error(diff)
	}
	if got, err := a.Zone(ctx, "moved.example"); err != nil || got.ID != "m2" {
		t.Errorf("moved: %+v %v", got, err)
	}
	if got, err := a.Zone(ctx, "bücher.example"); err != nil || got.ID != "b1" {
		t.Errorf("IDN: %+v %v", got, err)
	}
	var ambiguous *AmbiguousZoneError
	if _, err := a.Zone(ctx, "twice.example"); !errors.As(err, &ambiguous) || !strings.Contains(err.Error(), "acc1") || !strings.Contains(err.Error(), "acc2") {
		t.Errorf("twice: %v", err)
	}
	var missing *NotFoundError
	for _, name := range []string{"none.example", strings.Repeat("f", 32)} {
		if _, err := a.Zone(ctx, name); !errors.As(err, &missing) || !strings.Contains(err.Error(), "not there or not visible to the token") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.ZoneOf(ctx, "a.none.example"); !errors.As(err, &missing) {
		t.Errorf("ZoneOf: %v", err)
	}
	n := len(a.requests())
	_, _ = a.Zone(ctx, "none.example")
	a.clock.mu.Lock()
	a.clock.t = a.clock.t.Add(time.Minute)
	a.clock.mu.Unlock()
	_, _ = a.Zone(ctx, "none.example")
	if got := len(a.requests()) - n; got != 1 {
		t.Errorf("a missing zone was asked for %d times", got)
	}
	for _, bad := range []string{"", "a b", "../x"} {
		if _, err := a.Zone(ctx, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestZoneByIDServesLaterNames(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, ok(wireZoneText(zoneID, "acme.example", "active", "acc")))
	})
	for _, name := range []string{strings.ToUpper(zoneID), "acme.example"} {
		if _, err := a.Zone(context.Background(), name); err != nil {
			t.Error(err)
		}
	}
	if got := len(a.requests()); got != 1 {
		t.Errorf("%d requests", got)
	}
}

func TestSetting(t *testing.T) {
	t.Parallel()
	lost := true
	value := `"flexible"`
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			value = `"strict"`
			if lost {
				lost = false
				drop(w)
				return
			}
		}
		send(w, 200, `{"success":true,"errors":[],"messages":["note",{"code":1,"message":"mind"}],"result":{"id":"ssl","value":`+value+`,"editable":false}}`)
	})
	ctx := context.Background()
	got, err := a.readSetting(ctx, zoneID, "ssl")
	if diff := cmp.Diff(Setting{ID: "ssl", Value: []byte(`"flexible"`), Warnings: []string{"note", "mind"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for range 2 { // the first answer is lost
		if got, err = a.PatchSetting(ctx, zoneID, "ssl", "strict"); err != nil || string(got.Value) != `"strict"` {
			t.Errorf("%+v %v", got, err)
		}
	}
	path := "/zones/" + zoneID + "/settings/ssl"
	want := []string{"GET " + path, "PATCH " + path + ` {"value":"strict"}`, "GET " + path, "PATCH " + path + ` {"value":"strict"}`}
	if diff := cmp.Diff(want, a.requests()); diff != "" {
		t.Error(diff)
	}
	for _, id := range []string{"", "a/b", "../x"} {
		_, err := a.readSetting(ctx, zoneID, id)
		if e, isError := asError(err); !isError || e.Retryable || e.Advice() != "" || len(a.requests()) != len(want) {
			t.Errorf("setting %q was asked for: %v", id, err)
		}
	}
}
