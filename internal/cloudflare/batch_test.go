package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// zoneServer is a zone behind an API that takes lists and batches, and refuses
// records whose name holds "bad": the first error of a batch, without its place.
type zoneServer struct {
	mu      sync.Mutex
	records map[string]map[string]any
	batches [][]string // the operations of each batch, "kind name"
	next    int
	before  func(w http.ResponseWriter, batch int) bool // plays a fault and reports that it did
	after   func(w http.ResponseWriter, batch int) bool // the same, once the batch has taken effect
}

func (z *zoneServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	switch {
	case r.Method == http.MethodGet:
		var all []string
		for _, record := range z.records {
			b, _ := json.Marshal(record)
			all = append(all, string(b))
		}
		send(w, 200, page(all...))
	case strings.HasSuffix(r.URL.Path, "/batch"):
		z.batch(w, r)
	case r.Method == http.MethodPost:
		z.single(w, r)
	default:
		send(w, 404, refuse(7003, "no route"))
	}
}

// single makes one record by a call of its own.
func (z *zoneServer) single(w http.ResponseWriter, r *http.Request) {
	var one map[string]any
	_ = json.NewDecoder(r.Body).Decode(&one)
	if strings.Contains(fmt.Sprint(one["name"]), "bad") {
		send(w, 400, refuse(9999, "this one is refused"))
		return
	}
	z.next++
	one["id"] = fmt.Sprintf("n%d", z.next)
	z.records[fmt.Sprint(one["id"])] = one
	b, _ := json.Marshal(one)
	send(w, 200, ok(string(b)))
}

func (z *zoneServer) batch(w http.ResponseWriter, r *http.Request) {
	var in struct{ Deletes, Patches, Posts []map[string]any }
	_ = json.NewDecoder(r.Body).Decode(&in)
	number := len(z.batches)
	var ops []string
	for kind, list := range map[string][]map[string]any{"delete": in.Deletes, "patch": in.Patches, "post": in.Posts} {
		for _, one := range list {
			ops = append(ops, fmt.Sprint(kind, " ", one["name"], one["id"]))
		}
	}
	slices.Sort(ops)
	z.batches = append(z.batches, ops)
	if z.before != nil && z.before(w, number) {
		return
	}
	for _, list := range [][]map[string]any{in.Deletes, in.Patches, in.Posts} {
		for _, one := range list {
			name, _ := one["name"].(string)
			content, posted := one["content"].(string)
			switch {
			case strings.Contains(name, "bad"):
				send(w, 400, refuse(9999, "this one is refused"))
				return
			case posted && content == "":
				send(w, 400, refuse(9005, "Content for A record must be a valid IPv4 address."))
				return
			}
		}
	}
	out := map[string][]map[string]any{"deletes": {}, "patches": {}, "posts": {}}
	for _, one := range in.Deletes {
		delete(z.records, one["id"].(string))
		out["deletes"] = append(out["deletes"], one)
	}
	for _, one := range in.Patches {
		z.records[one["id"].(string)] = one
		out["patches"] = append(out["patches"], one)
	}
	for _, one := range in.Posts {
		z.next++
		one["id"] = fmt.Sprintf("n%d", z.next)
		z.records[one["id"].(string)] = one
		out["posts"] = append(out["posts"], one)
	}
	if z.after != nil && z.after(w, number) {
		return
	}
	b, _ := json.Marshal(out)
	send(w, 200, ok(string(b)))
}

func newZoneServer(t *testing.T) (*zoneServer, *api) {
	z := &zoneServer{records: map[string]map[string]any{
		"r1": {"id": "r1", "name": "old.acme.example", "type": "A", "content": "192.0.2.1", "ttl": 1},
	}}
	return z, serveRaw(t, z)
}

func post(name string) Op {
	return Op{Kind: OpPost, Record: Record{Name: name + ".acme.example", Type: "A", Content: "192.0.2.9", TTL: 1}, Key: name}
}

// Writes that come together go together, each caller is told of its own, and one
// that is refused keeps none of the others from being done.
func TestQueue(t *testing.T) {
	t.Parallel()
	z, a := newZoneServer(t)
	a.Client.clock.stopped = false // wait for company
	if _, err := a.Records(context.Background(), zoneID); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			name := fmt.Sprintf("h%d", i)
			if i == 3 {
				name = "bad"
			}
			made, err := a.CreateRecord(context.Background(), zoneID, post(name).Record)
			if (err != nil) != (i == 3) || err == nil && made.Name != name+".acme.example" {
				t.Errorf("%s: %+v %v", name, made, err)
			}
		})
	}
	all.Go(func() {
		if err := a.DeleteRecord(context.Background(), zoneID, Record{ID: "r1", Name: "old.acme.example"}); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	if len(z.batches[0]) != 11 {
		t.Errorf("the first batch had %d operations", len(z.batches[0]))
	}
	if len(z.records) != 9 {
		t.Errorf("%d records", len(z.records))
	}
	if records, _ := a.Records(context.Background(), zoneID); len(records) != 9 {
		t.Errorf("the snapshot has %d records", len(records))
	}
}

// A caller that gives up before its batch is sent takes its write back.
func TestQueueCancelled(t *testing.T) {
	t.Parallel()
	z, a := newZoneServer(t)
	a.Client.clock.stopped = false
	ctx, cancel := context.WithCancel(context.Background())
	go func() { time.Sleep(20 * time.Millisecond); cancel() }()
	if _, err := a.CreateRecord(ctx, zoneID, post("h").Record); err == nil || Uncertain(err) {
		t.Errorf("error %v", err)
	}
	time.Sleep(firstWindow + 50*time.Millisecond)
	if z.mu.Lock(); len(z.batches) != 0 || len(z.records) != 1 {
		t.Errorf("%d batches, %d records", len(z.batches), len(z.records))
	}
	z.mu.Unlock()
}

// The culprit of a transaction that is refused as a whole is found, and nothing
// is carried out on the way.
func TestWriteFindsTheCulprit(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 1, 7, 30, 49} {
		z, a := newZoneServer(t)
		var ops []Op
		for i := range 50 {
			name := fmt.Sprintf("h%02d", i)
			if i == at {
				name += "bad"
			}
			ops = append(ops, post(name))
		}
		ops = append(ops, Op{Kind: OpDelete, Record: Record{ID: "r1", Name: "old.acme.example", Type: "A"}})
		err := a.Write(context.Background(), zoneID, ops, 200, func([]Op, []Record) { t.Error("something was done") })
		refusal, ok := err.(*Refusal)
		if !ok || refusal.Op == nil || refusal.Op.Key != fmt.Sprintf("h%02dbad", at) {
			t.Errorf("%d: %v", at, err)
		}
		if len(z.records) != 1 || len(z.batches) > 8 {
			t.Errorf("%d: %d records, %d batches", at, len(z.records), len(z.batches))
		}
	}
}

// What is done is known although the answer was lost, and is not done twice.
func TestWriteLostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after bool
		batches       int
	}{"done": {after: true, batches: 1}, "not done": {before: true, batches: 2}} {
		z, a := newZoneServer(t)
		cut := func(w http.ResponseWriter, batch int) bool {
			if batch == 0 {
				drop(w)
			}
			return batch == 0
		}
		if test.before {
			z.before = cut
		}
		if test.after {
			z.after = cut
		}
		ops := []Op{post("a"), post("b"), {Kind: OpDelete, Record: Record{ID: "r1", Name: "old.acme.example"}}}
		done := 0
		err := a.Write(context.Background(), zoneID, ops, 200, func(ops []Op, written []Record) { done += len(written) })
		if err != nil || done != 3 || len(z.records) != 2 || len(z.batches) != test.batches {
			t.Errorf("%s: %v, %d done, %d records, %d batches", name, err, done, len(z.records), len(z.batches))
		}
	}
}

// All that is done to a name is in one transaction; deletions come first.
func TestChunks(t *testing.T) {
	t.Parallel()
	var ops []Op
	for i := range 6 {
		ops = append(ops, post(fmt.Sprintf("n%d", i)), Op{Kind: OpDelete, Record: Record{ID: "x", Name: fmt.Sprintf("n%d.acme.example", i)}})
	}
	ops = append(ops, Op{Kind: OpDelete, Record: Record{ID: "y", Name: "zz.acme.example"}})
	parts := chunks(ops, 5)
	where, count := map[string]int{}, 0
	for i, part := range parts {
		if len(part) > 5 {
			t.Errorf("part %d has %d operations", i, len(part))
		}
		for _, o := range part {
			if at, ok := where[o.Record.Name]; ok && at != i {
				t.Errorf("%s is in parts %d and %d", o.Record.Name, at, i)
			}
			where[o.Record.Name] = i
			count++
		}
	}
	if count != len(ops) || where["zz.acme.example"] != 0 {
		t.Errorf("%d of %d operations; the deletion is in part %d", count, len(ops), where["zz.acme.example"])
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	a := func(id, name, content string) Record {
		return Record{ID: id, Name: name + ".acme.example", Type: "A", Content: content, TTL: 1}
	}
	cname := func(id, name, target string) Record {
		r := a(id, name, target)
		r.Type = "CNAME"
		return r
	}
	kept := a("k", "route", "192.0.2.50")
	kept.ReadOnly = true
	none := func(Record) bool { return false }
	every := func(Record) bool { return true }
	for name, test := range map[string]struct {
		existing  []Record
		wanted    map[string]Record
		owned     map[string]string
		unmanaged func(Record) bool
		want      string // operations, sorted
		adopted   int
		blocked   int
	}{
		"nothing to do":            {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"w": a("", "www", "192.0.2.1")}, map[string]string{"w": "1"}, none, "", 0, 0},
		"taken over":               {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"w": a("", "www", "192.0.2.1")}, nil, none, "", 1, 0},
		"changed in place":         {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"w": a("", "www", "192.0.2.2")}, map[string]string{"w": "1"}, none, "update 1", 0, 0},
		"another type in place":    {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"w": cname("", "www", "x.example")}, map[string]string{"w": "1"}, none, "update 1", 0, 0},
		"renamed":                  {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"w": a("", "app", "192.0.2.1")}, map[string]string{"w": "1"}, none, "create app, delete 1", 0, 0},
		"keys renamed":             {[]Record{a("1", "www", "192.0.2.1")}, map[string]Record{"v": a("", "www", "192.0.2.1")}, map[string]string{"w": "1"}, none, "", 0, 0},
		"contents swapped":         {[]Record{a("1", "a", "192.0.2.1"), a("2", "b", "192.0.2.2")}, map[string]Record{"a": a("", "b", "192.0.2.2"), "b": a("", "a", "192.0.2.1")}, map[string]string{"a": "1", "b": "2"}, none, "", 0, 0},
		"gone by hand":             {nil, map[string]Record{"w": a("", "www", "192.0.2.1")}, map[string]string{"w": "1"}, none, "create www", 0, 0},
		"no longer wanted":         {[]Record{a("1", "www", "192.0.2.1")}, nil, map[string]string{"w": "1"}, none, "delete 1", 0, 0},
		"others stay":              {[]Record{a("1", "www", "192.0.2.1")}, nil, nil, none, "", 0, 0},
		"others go":                {[]Record{a("1", "www", "192.0.2.1"), kept}, nil, nil, every, "delete 1", 0, 0},
		"Cloudflare's own":         {[]Record{kept}, map[string]Record{"r": a("", "route", "192.0.2.50")}, nil, every, "", 0, 0},
		"in the way":               {[]Record{cname("1", "www", "x.example")}, map[string]Record{"w": a("", "www", "192.0.2.1")}, nil, none, "", 0, 1},
		"in the way, and goes":     {[]Record{cname("1", "www", "x.example")}, map[string]Record{"w": a("", "www", "192.0.2.1")}, nil, every, "create www, delete 1", 0, 0},
		"two addresses to a CNAME": {[]Record{a("1", "www", "192.0.2.1"), a("2", "www", "192.0.2.2")}, map[string]Record{"w": cname("", "www", "x.example")}, map[string]string{"w": "1", "v": "2"}, none, "delete 2, update 1", 0, 0},
	} {
		var wanted []Wanted
		for key, record := range test.wanted {
			wanted = append(wanted, Wanted{key, record})
		}
		d := Compare(test.existing, wanted, test.owned, test.unmanaged)
		var ops []string
		for _, o := range d.Ops {
			what := o.Record.ID
			if o.Kind == OpPost {
				what = strings.TrimSuffix(o.Record.Name, ".acme.example")
			}
			ops = append(ops, o.Kind.String()+" "+what)
		}
		slices.Sort(ops)
		if got := strings.Join(ops, ", "); got != test.want || len(d.Adopted) != test.adopted || len(d.Blocked) != test.blocked {
			t.Errorf("%s: %q, %d adopted, %d blocked; want %q, %d, %d", name, got, len(d.Adopted), len(d.Blocked), test.want, test.adopted, test.blocked)
		}
	}
}
