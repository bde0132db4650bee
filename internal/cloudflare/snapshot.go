package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/cloudflare/cloudflare-go/v7/dns"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

const (
	recordsPerPage = 5000
	maxPages       = 1000 // against a server that always has one more
)

// snapshots are the records of zones, each listed once and then kept right by
// our own writes.
type snapshots struct {
	flight flight[[]Record]
	mu     sync.Mutex
	zones  map[string]*snapshot
}

// snapshot is the records of one zone.
type snapshot struct {
	loaded  bool
	sorted  []Record                  // by id; never changed in place, so that readers may keep it
	epoch   int                       // grows when what is being listed must not be kept
	listing int                       // lists under way
	journal []func([]Record) []Record // writes since the first of them began
}

func (s *snapshots) init() { s.zones = map[string]*snapshot{} }

// of returns a zone's snapshot; the caller holds mu.
func (s *snapshots) of(zoneID string) *snapshot {
	z := s.zones[zoneID]
	if z == nil {
		z = &snapshot{}
		s.zones[zoneID] = z
	}
	return z
}

// get returns the records if they are known, else the epoch to list them in.
func (s *snapshots) get(zoneID string) (records []Record, loaded bool, epoch int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of(zoneID)
	return z.sorted, z.loaded, z.epoch
}

// find returns a record if the zone is known and holds it.
func (s *snapshots) find(zoneID, id string) (Record, bool) {
	records, _, _ := s.get(zoneID)
	if i, ok := position(records, id); ok {
		return records[i], true
	}
	return Record{}, false
}

func position(sorted []Record, id string) (int, bool) {
	return slices.BinarySearchFunc(sorted, id, func(r Record, id string) int { return cmp.Compare(r.ID, id) })
}

// begin notes that a list is under way, from when writes go to the journal too.
func (s *snapshots) begin(zoneID string) (journalled int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of(zoneID)
	z.listing++
	return len(z.journal)
}

// end takes the result of a list, brought up to date by the writes that were
// answered while it ran: the list may or may not show them.
func (s *snapshots) end(zoneID string, epoch, journalled int, listed []Record, err error) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of(zoneID)
	for _, write := range z.journal[journalled:] {
		listed = write(listed)
	}
	z.listing--
	if z.listing == 0 {
		z.journal = nil
	}
	if err == nil && z.epoch == epoch {
		z.sorted, z.loaded = listed, true
	}
	return listed
}

// write applies a change of our own.
func (s *snapshots) write(zoneID string, change func([]Record) []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.of(zoneID)
	if z.listing > 0 {
		z.journal = append(z.journal, change)
	}
	if z.loaded {
		z.sorted = change(z.sorted)
	}
}

func (s *snapshots) put(zoneID string, r Record) {
	r.Warnings = nil // of the write, not of the record
	s.write(zoneID, func(sorted []Record) []Record {
		i, ok := position(sorted, r.ID)
		if ok {
			sorted = slices.Clone(sorted)
			sorted[i] = r
			return sorted
		}
		return slices.Insert(slices.Clip(sorted), i, r)
	})
}

func (s *snapshots) remove(zoneID, id string) {
	s.write(zoneID, func(sorted []Record) []Record {
		i, ok := position(sorted, id)
		if !ok {
			return sorted
		}
		return slices.Delete(slices.Clone(sorted), i, i+1)
	})
}

// Invalidate forgets the records of a zone: the next read lists them again.
func (c *Client) Invalidate(zoneID string) {
	c.snapshots.mu.Lock()
	defer c.snapshots.mu.Unlock()
	z := c.snapshots.of(zoneID)
	z.loaded, z.sorted = false, nil
	z.epoch++
}

// Records returns all records of a zone, sorted by id. They are listed once in
// the life of the client, whoever asks first, and then kept right by its own
// writes. The slice is shared and must not be changed.
func (c *Client) Records(ctx context.Context, zoneID string) ([]Record, error) {
	op := operation{"list DNS records", http.MethodGet, "/zones/" + zoneID + "/dns_records", zoneID, permDNSRead}
	if err := checkID("zone", zoneID); err != nil {
		return nil, c.failure(op, err, false)
	}
	records, loaded, epoch := c.snapshots.get(zoneID)
	if loaded {
		return records, nil
	}
	if err := c.limiter.reject(ctx); err != nil {
		return nil, c.failure(op, err, false)
	}
	// A list begun before Invalidate must not serve those who ask after it.
	key := zoneID + " " + strconv.Itoa(epoch)
	records, err := c.snapshots.flight.do(ctx, key, func(ctx context.Context) ([]Record, error) {
		if records, loaded, now := c.snapshots.get(zoneID); loaded && now == epoch {
			return records, nil // another fetch ended between the question and this one
		}
		journalled := c.snapshots.begin(zoneID)
		listed, err := c.listRecords(ctx, op, nil)
		return c.snapshots.end(zoneID, epoch, journalled, listed, err), err
	})
	if err != nil {
		return nil, c.ended(ctx, op, err)
	}
	return records, nil
}

// Record returns one record out of Records; false if the zone does not hold it.
func (c *Client) Record(ctx context.Context, zoneID, id string) (Record, bool, error) {
	records, err := c.Records(ctx, zoneID)
	if err != nil {
		return Record{}, false, err
	}
	if i, ok := position(records, id); ok {
		return records[i], true, nil
	}
	return Record{}, false, nil
}

// listRecords lists the records of op's zone that fit a filter, sorted by id.
// The SDK's own paging always makes a call too many and loses the context.
func (c *Client) listRecords(ctx context.Context, op operation, filter map[string]string) ([]Record, error) {
	var params dns.RecordListParams
	params.ZoneID.Value, params.ZoneID.Present = op.zoneID, true
	var all []Record
	for page := 1; page <= maxPages; page++ {
		env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
			opts = append(opts, option.WithQuery("per_page", strconv.Itoa(recordsPerPage)), option.WithQuery("page", strconv.Itoa(page)))
			for key, value := range filter {
				opts = append(opts, option.WithQuery(key, value))
			}
			_, err := c.records.List(ctx, params, opts...)
			return err
		})
		if err != nil {
			return nil, err
		}
		var items []json.RawMessage
		if err := json.Unmarshal(orNull(env.Result), &items); err != nil {
			return nil, c.unreadable(op, resp)
		}
		for _, item := range items {
			r, ok := decodeRecord(item)
			if !ok {
				return nil, c.failure(op, fmt.Errorf("a record of page %d has no id or no type", page), false)
			}
			all = append(all, r)
		}
		if lastPage(env.ResultInfo, page, len(items)) {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	// A record can show on two pages if another was deleted between them.
	return slices.CompactFunc(all, func(a, b Record) bool { return a.ID == b.ID }), nil
}

// lastPage trusts total_pages; without it, a page that is not full is the last.
func lastPage(info *resultInfo, page, items int) bool {
	switch {
	case items == 0:
		return true
	case info != nil && info.TotalPages > 0:
		return float64(page) >= info.TotalPages
	case info != nil && info.PerPage > 0:
		return float64(items) < info.PerPage
	}
	return items < recordsPerPage
}
