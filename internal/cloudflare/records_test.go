package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const recordsPath = "/zones/" + zoneID + "/dns_records"

func ids(records []Record) string {
	var out []string
	for _, r := range records {
		out = append(out, r.ID+"="+r.Content)
	}
	return strings.Join(out, " ")
}

func TestSnapshotIsOneCall(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, page(record("r2", "www.acme.example", "A", "192.0.2.2"), record("r1", "acme.example", "A", "192.0.2.1")))
	})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			r, found, err := a.Record(context.Background(), zoneID, fmt.Sprintf("r%d", 1+i%3))
			if err != nil || found != (i%3 < 2) || (found && r.Name == "") {
				t.Errorf("%+v %v %v", r, found, err)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff([]string{"GET " + recordsPath + "?page=1&per_page=5000"}, a.requests()); diff != "" {
		t.Error(diff)
	}
	a.Invalidate(zoneID)
	if _, err := a.Records(context.Background(), zoneID); err != nil || len(a.requests()) != 2 {
		t.Errorf("after Invalidate: %v, %d requests", err, len(a.requests()))
	}
}

func TestSnapshotReadsEveryPage(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		send(w, 200, fmt.Sprintf(`{"success":true,"result":[%s,%s],"result_info":{"page":%s,"per_page":2,"total_pages":3}}`,
			record("r"+n, "a.acme.example", "A", "192.0.2.1"), record("same", "a.acme.example", "A", "192.0.2.9"), n))
	})
	records, err := a.Records(context.Background(), zoneID)
	if err != nil || ids(records) != "r1=192.0.2.1 r2=192.0.2.1 r3=192.0.2.1 same=192.0.2.9" || len(a.requests()) != 3 {
		t.Errorf("%v %v %v", ids(records), err, a.requests())
	}
}

func TestSnapshotFailureIsNotKept(t *testing.T) {
	t.Parallel()
	a := serve(t, script([]step{{403, refuse(10000, "Authentication error"), ""}, {200, page(), ""}}))
	if _, err := a.Records(context.Background(), zoneID); err == nil {
		t.Fatal("no error")
	}
	if records, err := a.Records(context.Background(), zoneID); err != nil || len(records) != 0 {
		t.Errorf("%v %v", records, err)
	}
}

func TestCancelledCallerDoesNotPoisonOthers(t *testing.T) {
	t.Parallel()
	started, goOn := make(chan struct{}), make(chan struct{})
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-goOn
		send(w, 200, page(record("r1", "acme.example", "A", "192.0.2.1")))
	})
	first, cancel := context.WithCancel(context.Background())
	firstErr, second := make(chan error), make(chan error)
	go func() { _, err := a.Records(first, zoneID); firstErr <- err }()
	<-started
	go func() {
		records, err := a.Records(context.Background(), zoneID)
		if err == nil && len(records) != 1 {
			err = errors.New("no records")
		}
		second <- err
	}()
	for { // until the second has joined
		a.snapshots.flight.mu.Lock()
		call := a.snapshots.flight.calls[zoneID+" 0"]
		waiting := call.waiting
		a.snapshots.flight.mu.Unlock()
		if waiting == 2 {
			break
		}
	}
	cancel()
	if err := <-firstErr; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	close(goOn)
	if err := <-second; err != nil {
		t.Errorf("second: %v", err)
	}
}

func TestSnapshotIsKeptByWrites(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			send(w, 200, page(record("r1", "acme.example", "A", "192.0.2.1"), record("r3", "b.acme.example", "A", "192.0.2.3")))
		case http.MethodPost:
			send(w, 200, ok(record("r2", "www.acme.example", "A", "192.0.2.2")))
		case http.MethodPatch:
			send(w, 200, ok(record("r1", "acme.example", "CNAME", "x.example")))
		case http.MethodDelete:
			send(w, 404, refuse(81044, "Record does not exist."))
		}
	})
	ctx := context.Background()
	before, err := a.Records(ctx, zoneID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateRecord(ctx, zoneID, Record{Name: "WWW.acme.example", Type: "A", Content: "192.0.2.2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.UpdateRecord(ctx, zoneID, Record{ID: "r1", Name: "acme.example", Type: "CNAME", Content: "x.example", TTL: 300, Comment: "c"}); err != nil {
		t.Fatal(err)
	}
	if err := a.DeleteRecord(ctx, zoneID, Record{ID: "r3"}); err != nil {
		t.Fatal(err)
	}
	after, err := a.Records(ctx, zoneID)
	if err != nil || ids(after) != "r1=x.example r2=192.0.2.2" {
		t.Errorf("after: %s %v", ids(after), err)
	}
	if ids(before) != "r1=192.0.2.1 r3=192.0.2.3" {
		t.Errorf("the earlier list was changed: %s", ids(before))
	}
	want := []string{
		"GET " + recordsPath + "?page=1&per_page=5000",
		"POST " + recordsPath + ` {"content":"192.0.2.2","name":"www.acme.example","proxied":false,"ttl":1,"type":"A"}`,
		"PATCH " + recordsPath + `/r1 {"comment":"c","content":"x.example","name":"acme.example","proxied":false,"ttl":300,"type":"CNAME"}`,
		"DELETE " + recordsPath + "/r3",
	}
	if diff := cmp.Diff(want, a.requests()); diff != "" {
		t.Error(diff)
	}
}

func TestWriteDuringListIsNotLost(t *testing.T) {
	t.Parallel()
	started, goOn := make(chan struct{}), make(chan struct{})
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			send(w, 200, ok(record("r2", "www.acme.example", "A", "192.0.2.2")))
			return
		}
		close(started)
		<-goOn // the answer is of before the write
		send(w, 200, page(record("r1", "acme.example", "A", "192.0.2.1")))
	})
	done := make(chan error)
	go func() { _, err := a.Records(context.Background(), zoneID); done <- err }()
	<-started
	if _, err := a.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.2"}); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if records, err := a.Records(context.Background(), zoneID); err != nil || ids(records) != "r1=192.0.2.1 r2=192.0.2.2" {
		t.Errorf("%s %v", ids(records), err)
	}
}

func TestConflictNamesTheRecord(t *testing.T) {
	t.Parallel()
	for code, existing := range map[int]string{
		81053: record("c0ffee", "www.acme.example", "A", "192.0.2.7"),
		81054: record("c0ffee", "www.acme.example", "CNAME", "x.example"),
		81057: record("c0ffee", "www.acme.example", "CNAME", "y.example"),
		81058: record("c0ffee", "www.acme.example", "CNAME", "Y.example."),
	} {
		a := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				send(w, 200, page(record("other", "www.acme.example", "TXT", "t"), existing))
				return
			}
			send(w, 400, refuse(code, "exists"))
		})
		_, err := a.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "CNAME", Content: "y.example"})
		e, isError := asError(err)
		if !isError || e.Code != code || e.RecordID != "c0ffee" || !strings.Contains(e.Advice(), "c0ffee") || !strings.Contains(e.Advice(), `on_conflict = "adopt"`) {
			t.Errorf("%d: %+v", code, err)
		}
	}
}

func TestUnproxiedAnswerIsAnError(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, ok(record("r1", "www.acme.example", "A", "192.0.2.1")))
	})
	_, err := a.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.1", Proxied: true})
	if err == nil || a.count("DELETE") != 1 {
		t.Errorf("%v, %d deleted", err, a.count("DELETE"))
	}
}

func TestDecodeRecord(t *testing.T) {
	t.Parallel()
	ten := int64(10)
	for raw, want := range map[string]Record{
		`{"id":"1","type":"MX","name":"ACME.example.","content":"mx.example","priority":10,"ttl":300,"data":{"target":"mx.example"}}`: {
			ID: "1", Type: "MX", Name: "acme.example", Content: "mx.example", Priority: &ten, TTL: 300,
		},
		`{"id":"2","type":"SRV","name":"_sip._tcp.acme.example","content":"5\t5060\tx","priority":10,"ttl":1,"data":{"priority":10,"weight":5,"port":5060,"target":"x"}}`: {
			ID: "2", Type: "SRV", Name: "_sip._tcp.acme.example", Content: "5\t5060\tx", TTL: 1,
			Data: map[string]any{"priority": 10.0, "weight": 5.0, "port": 5060.0, "target": "x"},
		},
		`{"id":"3","type":"TXT","name":"bücher.acme.example","content":"x","ttl":1,"tags":["a:b"],"meta":{"read_only":true,"managed_by_apps":true},"comment":null,"settings":null,"proxied":null}`: {
			ID: "3", Type: "TXT", Name: "xn--bcher-kva.acme.example", Content: "x", TTL: 1, Tags: []string{"a:b"}, ReadOnly: true, Managed: true,
			Meta: map[string]any{"read_only": true, "managed_by_apps": true},
		},
		`{"id":"4","type":"NEWTYPE","name":"x.acme.example","data":{"a":1},"ttl":"odd","priority":"odd"}`: {
			ID: "4", Type: "NEWTYPE", Name: "x.acme.example", Data: map[string]any{"a": 1.0},
		},
	} {
		got, readable := decodeRecord([]byte(raw))
		if diff := cmp.Diff(want, got); diff != "" || !readable {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

func TestRecordBody(t *testing.T) {
	t.Parallel()
	ten := int64(10)
	before := &Record{Proxied: true, Comment: "c", Tags: []string{"a:b"}}
	for name, tc := range map[string]struct {
		r      Record
		before *Record
		create bool
		want   map[string]any
	}{
		"new mx":           {Record{Type: "MX", Name: "n", Content: "m", Priority: &ten}, nil, true, map[string]any{"type": "MX", "name": "n", "content": "m", "ttl": int64(1), "priority": ten}},
		"data":             {Record{Type: "CAA", Name: "n", TTL: 60, Data: map[string]any{"flags": 0.0}, Content: "shown"}, nil, true, map[string]any{"type": "CAA", "name": "n", "ttl": int64(60), "data": map[string]any{"flags": 0.0}}},
		"proxied":          {Record{Type: "A", Name: "n", Content: "c", TTL: 300, Proxied: true}, nil, true, map[string]any{"type": "A", "name": "n", "content": "c", "ttl": 1, "proxied": true}},
		"A becomes TXT":    {Record{Type: "TXT", Name: "n", Content: "c"}, before, false, map[string]any{"type": "TXT", "name": "n", "content": "c", "ttl": int64(1), "proxied": false, "comment": "", "tags": []string{}}},
		"nothing to empty": {Record{Type: "A", Name: "n", Content: "c"}, &Record{}, false, map[string]any{"type": "A", "name": "n", "content": "c", "ttl": int64(1), "proxied": false}},
	} {
		if diff := cmp.Diff(tc.want, tc.r.body(tc.before, tc.create)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
