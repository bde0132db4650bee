package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// maxBody is the largest body that is read, in bytes: a batch of 3,500 records
// has a few hundred bytes each.
const maxBody = 16 << 20

// body reads a JSON body.
func (c *call) body(into any) *Error {
	d := json.NewDecoder(http.MaxBytesReader(nil, c.Request.Body, maxBody))
	if d.Decode(into) != nil {
		return badRequest(codeJSON, "Malformed JSON in request body")
	}
	return nil
}

func (c *call) record() (zone.Record, bool) { return c.zone.Record(c.params["dns_record_id"]) }

func listRecords(c *call) (*envelope, *Error) {
	p, err := readPaging(c, 100, 1, 5000)
	if err != nil {
		return nil, err
	}
	q := c.URL.Query()
	keep := make([]zone.Record, 0)
	for _, r := range c.zone.Records() {
		if recordFits(q.Get, r) {
			keep = append(keep, r)
		}
	}
	views := make([]recordView, len(keep))
	for i, r := range sorted(keep, q.Get("order"), q.Get("direction") == "desc") {
		views[i] = viewOf(r)
	}
	return pageOf(views, p), nil
}

// recordFits applies the filters of a list call; match=any is enough with one.
func recordFits(q func(string) string, r zone.Record) bool {
	any, hits, tests := q("match") == "any", 0, 0
	test := func(param string, value string, how func(a, b string) bool) {
		if want := q(param); want != "" {
			tests++
			if how(strings.ToLower(value), strings.ToLower(want)) {
				hits++
			}
		}
	}
	equal := func(a, b string) bool { return a == b }
	test("type", r.Type, equal)
	test("proxied", string(raw(r.Proxied)), equal)
	for param, value := range map[string]string{"name": r.Name, "content": r.Content, "comment": r.Comment} {
		test(param, value, equal)
		test(param+".exact", value, equal)
		test(param+".contains", value, strings.Contains)
		test(param+".startswith", value, strings.HasPrefix)
		test(param+".endswith", value, strings.HasSuffix)
	}
	if q("search") != "" {
		test("search", r.Name+" "+r.Content+" "+r.Comment, strings.Contains)
	}
	return tests == 0 || hits == tests || any && hits > 0
}

func getRecord(c *call) (*envelope, *Error) {
	r, ok := c.record()
	if !ok {
		return nil, noSuchRecord()
	}
	return success(viewOf(r)), nil
}

func createRecord(c *call) (*envelope, *Error) {
	return writeRecord(c, func(tx *transaction, in input) (zone.Record, *Error) { return tx.create(in) })
}

func patchRecord(c *call) (*envelope, *Error) {
	return writeRecord(c, func(tx *transaction, in input) (zone.Record, *Error) {
		return tx.update(c.params["dns_record_id"], in, false)
	})
}

func putRecord(c *call) (*envelope, *Error) {
	return writeRecord(c, func(tx *transaction, in input) (zone.Record, *Error) {
		return tx.update(c.params["dns_record_id"], in, true)
	})
}

func writeRecord(c *call, write func(*transaction, input) (zone.Record, *Error)) (*envelope, *Error) {
	var in input
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var out zone.Record
	err := c.server.change(c.zone, func(tx *transaction) (err *Error) {
		out, err = write(tx, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return success(viewOf(out)), nil
}

func deleteRecord(c *call) (*envelope, *Error) {
	id := c.params["dns_record_id"]
	err := c.server.change(c.zone, func(tx *transaction) *Error {
		_, err := tx.remove(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return success(map[string]string{"id": id}), nil
}
