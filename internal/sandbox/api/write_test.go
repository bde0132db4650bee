package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	r := w.create(`{"type":"A","name":"x","content":"192.0.2.1","ttl":600,"comment":"c","tags":["Team:Web"]}`)
	if r.Comment == nil || *r.Comment != "c" || !cmp.Equal(r.Tags, []string{"team:Web"}) {
		t.Errorf("created: %+v", r)
	}
	do := func(method, body string) (v recordView) {
		t.Helper()
		w.call(method, records+"/"+r.ID, body).into(t, &v)
		if v.ID != r.ID || !v.CreatedOn.Equal(r.CreatedOn) {
			t.Errorf("%s: another record: %+v", method, v)
		}
		return v
	}
	if v := do("PATCH", `{"proxied":true}`); !v.Proxied || v.TTL != 1 || *v.Comment != "c" || len(v.Tags) != 1 {
		t.Errorf("patch merges: %+v", v)
	}
	if v := do("PATCH", `{"proxied":false,"ttl":120,"comment":null,"tags":[]}`); v.Proxied || v.TTL != 120 || v.Comment != nil || len(v.Tags) != 0 {
		t.Errorf("patch with null: %+v", v)
	}
	do("PATCH", `{"comment":"again","tags":["a:b"],"proxied":true}`)
	if v := do("PUT", `{"type":"A","name":"x","content":"192.0.2.2"}`); v.Proxied || v.TTL != 1 || v.Comment != nil || len(v.Tags) != 0 || v.Content != "192.0.2.2" {
		t.Errorf("put resets: %+v", v)
	}
	if v := do("PATCH", `{"type":"CNAME","content":"host.example.net"}`); v.Type != "CNAME" || v.Content != "host.example.net" {
		t.Errorf("type in place: %+v", v)
	}
	if v := do("PATCH", `{"type":"SRV","data":{"priority":1,"weight":2,"port":3,"target":"t.example"}}`); v.Content != "1 2 3 t.example" || *v.Priority != 1 {
		t.Errorf("type with data: %+v", v)
	}
	if v := do("PATCH", `{"type":"TXT","content":"x"}`); v.Data != nil || v.Priority != nil {
		t.Errorf("data stays behind: %+v", v)
	}
	if got := w.call("PATCH", records+"/"+r.ID, `{"type":"A"}`); got.code() != 9005 {
		t.Errorf("another type without content: %s", got.Body)
	}

	locked, err := w.api.Seed(w.zone, "TXT", "cf2024-1._domainkey", `"v=DKIM1; p="`, Meta("read_only", true))
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		if got := w.call(method, records+"/"+locked.ID, `{}`); got.Status != 403 {
			t.Errorf("%s of a read-only record: %d %s", method, got.Status, got.Body)
		}
	}
	var gone struct{ ID string }
	w.call("DELETE", records+"/"+r.ID, "").into(t, &gone)
	if _, still := w.zone.Record(r.ID); still || gone.ID != r.ID {
		t.Errorf("after deletion: %v %+v", still, gone)
	}
	if _, err := w.api.Seed(w.zone, "A", "x", "nonsense"); err == nil {
		t.Error("a seed goes round the checks")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	if err := w.api.SeedMany(w.zone, 1234); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, tc := range []struct{ query, info string }{
		{"", "1 100 100 1234 13"},
		{"?per_page=500", "1 500 500 1234 3"},
		{"?per_page=500&page=2", "2 500 500 1234 3"},
		{"?per_page=500&page=3", "3 500 234 1234 3"},
		{"?per_page=500&page=4", "4 500 0 1234 3"},
		{"?per_page=5000", "1 5000 1234 1234 1"},
		{"?per_page=50000", "1 5000 1234 1234 1"},
		{"?type=A", "1 100 0 0 0"},
		{"?name=r00007.acme.example", "1 100 1 1 1"},
		{"?name=R00007.acme.example&type=TXT", "1 100 1 1 1"},
		{"?name=r00007.acme.example&type=A", "1 100 0 0 0"},
		{"?name=r00007.acme.example&type=A&match=any", "1 100 1 1 1"},
		{"?name.startswith=r0000", "1 100 10 10 1"},
	} {
		got := w.call("GET", records+tc.query, "")
		i := got.Info
		if info := fmt.Sprint(i.Page, i.PerPage, i.Count, i.TotalCount, i.TotalPages); info != tc.info {
			t.Errorf("%s: %s, want %s", tc.query, info, tc.info)
		}
		var rows []recordView
		got.into(t, &rows)
		if len(rows) != i.Count || !strings.Contains(string(got.Body), `"result":[`) {
			t.Errorf("%s: %d rows, count %d", tc.query, len(rows), i.Count)
		}
		for _, r := range rows {
			if strings.HasPrefix(tc.query, "?per_page=500&") {
				seen[r.ID] = true
			}
		}
	}
	if len(seen) != 734 { // the second and the third page
		t.Errorf("pages overlap: %d records in the last two", len(seen))
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	if err := w.api.SeedMany(w.zone, 50); err != nil {
		t.Fatal(err)
	}
	post := func(n int) string {
		posts := []string{}
		for i := range n {
			posts = append(posts, fmt.Sprintf(`{"type":"A","name":"a%d","content":"192.0.2.1"}`, i))
		}
		return `{"posts":[` + strings.Join(posts, ",") + `]}`
	}
	w.call("POST", records+"/batch", post(200)).into(t, &struct{}{})
	if got := w.call("POST", records, `{"type":"A","name":"x","content":"192.0.2.1"}`); got.code() != 81045 {
		t.Errorf("the 201st: %s", got.Body)
	}
	large := newWorld(t, "free", func(o *Options) { o.RecordQuota = 201 })
	large.call("POST", records+"/batch", post(200)).into(t, &struct{}{})
	large.create(`{"type":"A","name":"x","content":"192.0.2.1"}`)
}

func TestBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	a := w.create(`{"type":"A","name":"a","content":"192.0.2.1"}`)
	b := w.create(`{"type":"A","name":"b","content":"192.0.2.2","ttl":600}`)
	c := w.create(`{"type":"A","name":"c","content":"192.0.2.3","ttl":600}`)
	batch := func(body string) answer { return w.call("POST", records+"/batch", body) }

	// A swap of type, a patch, a put and two posts, one of them at the place
	// that the deletion made free.
	var done struct{ Deletes, Patches, Puts, Posts []recordView }
	batch(fmt.Sprintf(`{"posts":[{"type":"CNAME","name":"a","content":"h.example.net"},{"type":"TXT","name":"t","content":"x"}],
		"deletes":[{"id":%q}],"patches":[{"id":%q,"content":"192.0.2.22"}],"puts":[{"id":%q,"type":"A","name":"c","content":"192.0.2.33"}]}`, a.ID, b.ID, c.ID)).into(t, &done)
	got := []string{done.Deletes[0].ID, done.Patches[0].Content, done.Puts[0].Content, done.Posts[0].Type, done.Posts[1].Type}
	if diff := cmp.Diff([]string{a.ID, "192.0.2.22", "192.0.2.33", "CNAME", "TXT"}, got); diff != "" {
		t.Errorf("batch:\n%s", diff)
	}
	if done.Patches[0].TTL != 600 || done.Puts[0].TTL != 1 {
		t.Errorf("patch merges and put resets: %d, %d", done.Patches[0].TTL, done.Puts[0].TTL)
	}

	// Twice the same record, the second time as another type; a name that the
	// first patch makes free for the second.
	batch(fmt.Sprintf(`{"patches":[{"id":%q,"name":"moved","comment":"1"},{"id":%q,"name":"b"},{"id":%[1]q,"type":"TXT","content":"x"}]}`, b.ID, c.ID)).into(t, &done)
	if r, _ := w.zone.Record(b.ID); r.Type != "TXT" || r.Name != "moved.acme.example" || r.Comment != "1" || done.Patches[0].Type != "A" {
		t.Errorf("two patches of one record: %+v", r)
	}

	foreign, err := w.api.Seed(w.api.Account().Zone(otherID), "TXT", "x", "x")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(sorted(w.zone.Records(), "", false))
	serial := w.zone.Serial()
	for _, tc := range []struct {
		name, body string
		code       int
	}{
		{"last post fails", fmt.Sprintf(`{"deletes":[{"id":%q}],"patches":[{"id":%q,"content":"192.0.2.99"}],"posts":[{"type":"A","name":"n","content":"192.0.2.9"},{"type":"A","name":"n2","content":"bad"}]}`, b.ID, c.ID), 9005},
		{"two errors, the first comes back", `{"deletes":[{"id":"` + otherID + `"}],"posts":[{"type":"A","name":"n2","content":"bad"}]}`, 81044},
		{"twice the same", `{"posts":[{"type":"A","name":"n","content":"192.0.2.9"},{"type":"A","name":"n","content":"192.0.2.9"}]}`, 81058},
		{"over the limit", `{"deletes":[` + strings.Repeat(`{"id":"x"},`, 200) + `{"id":"x"}]}`, 9207},
		{"no list", `{"posts":{}}`, 6007},
		{"patched after its deletion", fmt.Sprintf(`{"deletes":[{"id":%q}],"patches":[{"id":%[1]q,"ttl":60}]}`, b.ID), 81044},
		{"of another zone", fmt.Sprintf(`{"deletes":[{"id":%q}]}`, foreign.ID), 81044},
		{"put without a name", fmt.Sprintf(`{"puts":[{"id":%q,"type":"A","content":"192.0.2.1"}]}`, b.ID), 9000},
	} {
		got := batch(tc.body)
		if got.Status != 400 && got.Status != 404 || got.code() != tc.code || len(got.Errors) != 1 {
			t.Errorf("%s: %d %s", tc.name, got.Status, got.Body)
		}
		if after, _ := json.Marshal(sorted(w.zone.Records(), "", false)); !cmp.Equal(before, after) || w.zone.Serial() != serial {
			t.Errorf("%s: something was done", tc.name)
		}
	}
	var none struct{ Deletes, Posts []recordView }
	batch(`{}`).into(t, &none)
	if none.Deletes == nil || none.Posts == nil {
		t.Error("empty lists are missing")
	}
}

// TestBatchCut holds that a batch whose answer is lost has still been done.
func TestBatchCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	if err := w.api.SetFaults([]Fault{{Cut: true, After: true, Count: 1, Route: "POST /zones/{zone_id}/dns_records/batch"}}); err != nil {
		t.Fatal(err)
	}
	body := `{"posts":[{"type":"A","name":"a","content":"192.0.2.1"},{"type":"A","name":"b","content":"192.0.2.1"}]}`
	if resp, err := w.send("POST", records+"/batch", body, map[string][]string{"Authorization": {"Bearer " + w.token}}); err == nil {
		resp.Body.Close()
		t.Fatalf("answered %d", resp.StatusCode)
	}
	if n := len(w.zone.Records()); n != 2 {
		t.Errorf("%d records after the cut, want 2", n)
	}
	if got := w.call("POST", records+"/batch", body); got.code() != 81058 {
		t.Errorf("the same again: %s", got.Body)
	}
}
