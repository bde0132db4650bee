package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudflare/cloudflare-go/v7/dns"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// OpKind is what is done to a record.
type OpKind int

// The kinds, in the order in which a batch carries them out, so that a deletion
// makes room for what comes in its place.
const (
	OpDelete OpKind = iota
	OpPatch
	OpPost
)

func (k OpKind) String() string { return [...]string{"delete", "update", "create"}[k] }

// Op is one write of a record.
type Op struct {
	Kind   OpKind
	Record Record  // to write, with its ID for a patch; for a deletion, the record that goes
	Before *Record // for a patch: the record as it is, if it is known
	Key    string  // the caller's name for it
}

// Title says what the operation does, for people.
func (o Op) Title() string { return o.Kind.String() + " " + o.Record.Type + " " + o.Record.Name }

// BatchLimit is how many operations a batch may have on a plan of Cloudflare's
// (https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/,
// last looked at 2026-11). A plan that is not known has the smaller one.
func BatchLimit(plan string) int {
	switch plan {
	case "pro", "business", "enterprise":
		return 3500
	}
	return 200
}

// sorted puts operations into the order in which a batch carries them out.
func sortedOps(ops []Op) []Op {
	out := slices.Clone(ops)
	slices.SortStableFunc(out, func(a, b Op) int { return int(a.Kind) - int(b.Kind) })
	return out
}

// batchResult is the four lists of an answer, in the order sent.
type batchResult struct {
	Deletes []json.RawMessage `json:"deletes"`
	Patches []json.RawMessage `json:"patches"`
	Puts    []json.RawMessage `json:"puts"`
	Posts   []json.RawMessage `json:"posts"`
}

// transact carries out operations, sorted, in one call and one transaction: all
// of them or none. It returns the records in the order of the operations, a
// deleted one without its fields. If the answer is lost it looks what is there.
func (c *Client) transact(ctx context.Context, zoneID string, ops []Op) ([]Record, error) {
	op := operation{fmt.Sprintf("write %d DNS records", len(ops)), http.MethodPost, "/zones/" + zoneID + "/dns_records/batch", zoneID, permDNSWrite}
	if err := checkOps(zoneID, ops); err != nil {
		return nil, c.failure(op, err, false)
	}
	before, knew, _ := c.snapshots.get(zoneID)
	written, err := patch(ctx, c, func(ctx context.Context) ([]Record, error) {
		return c.sendBatch(ctx, op, batchBody(ops), ops)
	}, func(ctx context.Context) ([]Record, bool, error) {
		return c.lookForOps(ctx, zoneID, ops, before, knew)
	})
	if err != nil {
		return nil, err
	}
	c.snapshots.write(zoneID, func(sorted []Record) []Record { return applied(sorted, ops, written) })
	return written, nil
}

func checkOps(zoneID string, ops []Op) error {
	if err := checkID("zone", zoneID); err != nil {
		return err
	}
	for _, o := range ops {
		if o.Kind != OpPost {
			if err := checkID("record", o.Record.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func batchBody(ops []Op) map[string]any {
	body := map[string]any{}
	add := func(list string, one map[string]any) {
		before, _ := body[list].([]map[string]any)
		body[list] = append(before, one)
	}
	trading := trades(ops)
	for i, o := range ops {
		switch {
		case o.Kind == OpDelete:
			add("deletes", map[string]any{"id": o.Record.ID})
		case o.Kind == OpPost:
			add("posts", normal(o.Record).body(nil, true))
		case trading[i]:
			// Out of the others' way first, and to its place once all are.
			away := Record{Type: "TXT", Name: o.Before.Name, Content: QuoteTXT("moving " + o.Record.ID), TTL: 1}.body(o.Before, false)
			away["id"] = o.Record.ID
			add("patches", away)
			whole := normal(o.Record).body(o.Before, false)
			whole["id"] = o.Record.ID
			add("puts", whole)
		default:
			one := normal(o.Record).body(o.Before, false)
			one["id"] = o.Record.ID
			add("patches", one)
		}
	}
	return body
}

// trades are the places of patches that want what another record of the batch
// still has: two that swap their values, or three that pass them on.
func trades(ops []Op) map[int]bool {
	out := map[int]bool{}
	byName := map[string][]int{} // places of patches by the name they leave
	for i, o := range ops {
		if o.Kind == OpPatch && o.Before != nil {
			byName[o.Before.Name] = append(byName[o.Before.Name], i)
		}
	}
	for i, o := range ops {
		if o.Kind != OpPatch || o.Before == nil {
			continue
		}
		for _, j := range byName[o.Record.Name] {
			if i != j && (Identical(*ops[j].Before, o.Record) || Exclude(*ops[j].Before, o.Record)) {
				out[i], out[j] = true, true
			}
		}
	}
	return out
}

// sendBatch makes the call and reads its answer.
func (c *Client) sendBatch(ctx context.Context, op operation, body map[string]any, ops []Op) ([]Record, error) {
	var params dns.RecordBatchParams
	params.ZoneID.Value, params.ZoneID.Present = op.zoneID, true
	env, resp, err := c.call(ctx, op, body, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.records.Batch(ctx, params, opts...)
		return err
	})
	if err != nil {
		return nil, err
	}
	var lists batchResult
	if err := json.Unmarshal(orNull(env.Result), &lists); err != nil {
		return nil, c.unreadable(op, resp)
	}
	out, trading := make([]Record, len(ops)), trades(ops)
	for i, o := range ops {
		var list *[]json.RawMessage
		switch {
		case o.Kind == OpDelete:
			out[i] = Record{ID: o.Record.ID}
			continue
		case trading[i]:
			list = &lists.Puts
			lists.Patches = lists.Patches[min(1, len(lists.Patches)):]
		case o.Kind == OpPatch:
			list = &lists.Patches
		default:
			list = &lists.Posts
		}
		if len(*list) == 0 {
			return nil, c.unreadable(op, resp)
		}
		record, ok := decodeRecord((*list)[0])
		if !ok {
			return nil, c.unreadable(op, resp)
		}
		out[i], *list = record, (*list)[1:]
	}
	for i := range out {
		out[i].Warnings = env.messages
	}
	return out, nil
}

// lookForOps tells whether a transaction whose answer was lost was carried out:
// it was if all that it asked for is there. A record to be made that was there
// before does not count.
func (c *Client) lookForOps(ctx context.Context, zoneID string, ops []Op, before []Record, knew bool) ([]Record, bool, error) {
	c.Invalidate(zoneID)
	now, err := c.Records(ctx, zoneID)
	if err != nil {
		return nil, false, err
	}
	byID, byName := map[string]Record{}, map[string][]Record{}
	for _, r := range now {
		byID[r.ID] = r
		byName[r.Name] = append(byName[r.Name], r)
	}
	out := make([]Record, len(ops))
	for i, o := range ops {
		found := false
		switch existing, there := byID[o.Record.ID]; o.Kind {
		case OpDelete:
			out[i], found = Record{ID: o.Record.ID}, !there
		case OpPatch:
			out[i], found = existing, there && AsWritten(existing, normal(o.Record))
		default:
			wanted := normal(o.Record)
			for _, r := range byName[wanted.Name] {
				_, old := position(before, r.ID)
				if Identical(r, wanted) && !(knew && old) {
					out[i], found = r, true
				}
			}
		}
		if !found {
			return nil, false, nil
		}
	}
	return out, true, nil
}

// applied is a snapshot after a transaction.
func applied(sorted []Record, ops []Op, written []Record) []Record {
	gone := map[string]bool{}
	for _, o := range ops {
		if o.Kind != OpPost {
			gone[o.Record.ID] = true
		}
	}
	out := slices.DeleteFunc(slices.Clone(sorted), func(r Record) bool { return gone[r.ID] })
	for i, o := range ops {
		if o.Kind != OpDelete {
			r := written[i]
			r.Warnings = nil
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b Record) bool { return a.ID == b.ID })
}

// ofOneRecord reports whether a refusal may be for the sake of a single
// record of many: not for the token's, the limit's or the server's.
func ofOneRecord(err error) bool {
	e, ok := asError(err)
	if !ok || e.uncertain || e.Status < 400 || e.Status >= 500 {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusTooManyRequests:
		return false
	case http.StatusForbidden: // a record that Cloudflare keeps, or a token without rights
		return !e.lacksPermission() && !e.planForbids() && !e.html && !e.has(codeUnauthorized, codeInvalidToken)
	}
	return true
}

// culprit finds the operation that a transaction was refused for. Cloudflare
// names only the first error and not its place. So it asks again for the first
// n operations with one behind them that can never be taken, so that nothing is
// carried out either way: the same refusal says that the culprit is among them.
// It returns -1 if it cannot be told.
func (c *Client) culprit(ctx context.Context, zoneID string, ops []Op, refusal *Error) int {
	if i := pointedAt(refusal, ops); i >= 0 {
		return i
	}
	if len(ops) == 1 {
		return 0
	}
	op := operation{"find the record that was refused", http.MethodPost, "/zones/" + zoneID + "/dns_records/batch", zoneID, permDNSWrite}
	impossible := map[string]any{"type": "A", "name": ops[0].Record.Name, "content": "", "ttl": 1}
	refused := func(n int) (bool, error) {
		body := batchBody(ops[:n])
		posts, _ := body["posts"].([]map[string]any)
		body["posts"] = append(slices.Clip(posts), impossible)
		_, err := c.sendBatch(ctx, op, body, ops[:n])
		e, ok := asError(err)
		if !ok || !e.decided() {
			return false, fmt.Errorf("no verdict: %w", err)
		}
		return e.Code == refusal.Code && e.Message == refusal.Message, nil
	}
	low, high := 0, len(ops)
	for low < high {
		middle := (low + high) / 2
		bad, err := refused(middle)
		if err != nil {
			return -1
		}
		if bad {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low - 1 // -1 if even the impossible one alone is refused so
}

// pointedAt reads a pointer such as "/posts/3/content", where there is one.
func pointedAt(refusal *Error, ops []Op) int {
	for _, d := range refusal.Chain {
		parts := strings.Split(strings.Trim(d.Pointer, "/"), "/")
		if len(parts) < 2 {
			continue
		}
		kind := slices.Index([]string{"deletes", "patches", "posts"}, parts[0])
		n, err := strconv.Atoi(parts[1])
		if kind < 0 || err != nil || n < 0 {
			continue
		}
		for i, o := range ops {
			if o.Kind == OpKind(kind) {
				if n == 0 {
					return i
				}
				n--
			}
		}
	}
	return -1
}
