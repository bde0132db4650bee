package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/dns"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// CreateRecord makes a record, in one call with other writes of the zone that
// come at the same time. If the answer is lost it looks for the record and takes
// one that this call has made for its result. A conflict is an *Error with the
// id of the record in the way, where one is found.
func (c *Client) CreateRecord(ctx context.Context, zoneID string, r Record) (Record, error) {
	return c.queues.get(c, zoneID).write(ctx, Op{Kind: OpPost, Record: normal(r)})
}

// UpdateRecord writes a record over the one with its ID: type, name, value, TTL,
// proxying, comment and tags, in one call with other writes of the zone that
// come at the same time. The type may change; the id stays. If the answer is
// lost it reads back, and writes again only if nothing was done.
func (c *Client) UpdateRecord(ctx context.Context, zoneID string, r Record) (Record, error) {
	op := Op{Kind: OpPatch, Record: normal(r)}
	if known, ok := c.snapshots.find(zoneID, r.ID); ok {
		op.Before = &known
	}
	return c.queues.get(c, zoneID).write(ctx, op)
}

// DeleteRecord deletes a record, in one call with other writes of the zone that
// come at the same time. One that is gone already is a success. The record's
// name, if it is known, keeps the deletion together with what takes its place.
func (c *Client) DeleteRecord(ctx context.Context, zoneID string, r Record) error {
	_, err := c.queues.get(c, zoneID).write(ctx, Op{Kind: OpDelete, Record: r})
	return err
}

// createRecord makes a record by a call of its own. It never asks twice.
func (c *Client) createRecord(ctx context.Context, zoneID string, r Record) (Record, error) {
	op := operation{"create DNS record " + r.Type + " " + r.Name, http.MethodPost, "/zones/" + zoneID + "/dns_records", zoneID, permDNSWrite}
	if err := checkID("zone", zoneID); err != nil {
		return Record{}, c.failure(op, err, false)
	}
	began := c.clock.now()
	before, knew, _ := c.snapshots.get(zoneID)
	var params dns.RecordNewParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	env, resp, err := c.call(ctx, op, r.body(nil, true), func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.records.New(ctx, params, opts...)
		return err
	})
	made, ok := decodeRecord(orNull(env.Result))
	if err == nil && !ok {
		err = c.unreadable(op, resp)
	}
	if uncertain(err) {
		made, ok = c.madeBy(ctx, zoneID, r, before, knew, c.clock.now().Sub(began))
		if ok {
			err = nil
		}
	}
	if err != nil {
		return Record{}, c.explain(ctx, zoneID, r, err)
	}
	c.snapshots.put(zoneID, made)
	made.Warnings = env.messages
	return c.accepted(ctx, zoneID, Op{Kind: OpPost, Record: r}, made)
}

// accepted checks the answer, not the status: a success may leave a record
// unproxied that was to be proxied. A new one is then deleted again: left there
// it would belong to nobody.
func (c *Client) accepted(ctx context.Context, zoneID string, op Op, made Record) (Record, error) {
	if !op.Record.Proxied || made.Proxied {
		return made, nil
	}
	err := &Error{
		Operation: op.Title(), Method: http.MethodPost, Path: "/zones/" + zoneID + "/dns_records", Status: http.StatusOK, Code: codeNotProxied,
		Message: "the record was accepted but left unproxied: its target cannot be proxied",
	}
	if op.Kind == OpPatch {
		return made, err
	}
	if c.deleteRecord(ctx, zoneID, made.ID) != nil {
		err.Message += "; it stays there with id " + made.ID
	}
	return Record{}, err
}

// updateRecord writes a record by a call of its own.
func (c *Client) updateRecord(ctx context.Context, zoneID string, r Record) (Record, error) {
	op := operation{"update DNS record " + r.Type + " " + r.Name, http.MethodPatch, "/zones/" + zoneID + "/dns_records/" + r.ID, zoneID, permDNSWrite}
	if err := errors.Join(checkID("zone", zoneID), checkID("record", r.ID)); err != nil {
		return Record{}, c.failure(op, err, false)
	}
	var before *Record
	if known, ok := c.snapshots.find(zoneID, r.ID); ok {
		before = &known
	}
	var params dns.RecordEditParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	made, err := patch(ctx, c, func(ctx context.Context) (Record, error) {
		env, resp, err := c.call(ctx, op, r.body(before, false), func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.records.Edit(ctx, r.ID, params, opts...)
			return err
		})
		if err != nil {
			return Record{}, err
		}
		made, ok := decodeRecord(orNull(env.Result))
		if !ok {
			return Record{}, c.unreadable(op, resp)
		}
		made.Warnings = env.messages
		return made, nil
	}, func(ctx context.Context) (Record, bool, error) {
		now, err := c.readRecord(ctx, zoneID, r.ID)
		return now, err == nil && AsWritten(now, r), err
	})
	if err != nil {
		if e, ok := asError(err); ok && e.NotFound() {
			c.snapshots.remove(zoneID, r.ID)
		}
		return Record{}, c.explain(ctx, zoneID, r, err)
	}
	c.snapshots.put(zoneID, made)
	return c.accepted(ctx, zoneID, Op{Kind: OpPatch, Record: r}, made)
}

// deleteRecord deletes a record by a call of its own.
func (c *Client) deleteRecord(ctx context.Context, zoneID, id string) error {
	op := operation{"delete DNS record " + id, http.MethodDelete, "/zones/" + zoneID + "/dns_records/" + id, zoneID, permDNSWrite}
	if err := errors.Join(checkID("zone", zoneID), checkID("record", id)); err != nil {
		return c.failure(op, err, false)
	}
	var params dns.RecordDeleteParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	_, _, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.records.Delete(ctx, id, params, opts...)
		return err
	})
	if e, ok := asError(err); ok && e.NotFound() {
		err = nil
	}
	if err != nil {
		return err
	}
	c.snapshots.remove(zoneID, id)
	return nil
}

// normal is a record in the form in which it is compared and sent.
func normal(r Record) Record {
	r.Name = canonicalHost(r.Name)
	r.TTL = max(1, r.TTL)
	if r.Proxied {
		r.TTL = 1
	}
	return r
}

func (c *Client) readRecord(ctx context.Context, zoneID, id string) (Record, error) {
	op := operation{"read DNS record " + id, http.MethodGet, "/zones/" + zoneID + "/dns_records/" + id, zoneID, permDNSRead}
	var params dns.RecordGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	env, resp, err := c.call(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.records.Get(ctx, id, params, opts...)
		return err
	})
	if err != nil {
		return Record{}, err
	}
	r, ok := decodeRecord(orNull(env.Result))
	if !ok {
		return Record{}, c.unreadable(op, resp)
	}
	return r, nil
}

// named lists the records of a name as they are now, past the snapshot. An empty
// type means any.
func (c *Client) named(ctx context.Context, zoneID, name, recordType string) ([]Record, error) {
	op := operation{"list DNS records of " + name, http.MethodGet, "/zones/" + zoneID + "/dns_records", zoneID, permDNSRead}
	filter := map[string]string{"name": name}
	if recordType != "" {
		filter["type"] = recordType
	}
	return c.listRecords(ctx, op, filter)
}

// madeBy looks for the record that a lost call has made. Cloudflare refuses a
// second identical record, so an identical one was made by that call unless it
// was there before: it is in the snapshot of before, or older than the call.
func (c *Client) madeBy(ctx context.Context, zoneID string, wanted Record, before []Record, knew bool, took time.Duration) (Record, bool) {
	const looks = 2 // the write may show a little late
	for look := range looks {
		if look > 0 && c.clock.sleep(ctx, firstBackoff) != nil {
			return Record{}, false
		}
		lookCtx, cancel := readBackContext(ctx)
		records, err := c.named(lookCtx, zoneID, wanted.Name, wanted.Type)
		cancel()
		if err != nil {
			continue
		}
		for _, r := range records {
			if !Identical(r, wanted) {
				continue
			}
			if _, known := position(before, r.ID); known {
				return Record{}, false
			}
			if knew || youngerThan(r, c.clock.now(), took) {
				return r, true
			}
		}
	}
	return Record{}, false
}

// youngerThan reports whether a record was made within a time, with a minute for
// clocks that differ. A record without a date is not.
func youngerThan(r Record, now time.Time, age time.Duration) bool {
	made, err := time.Parse(time.RFC3339Nano, r.CreatedOn)
	return err == nil && now.Sub(made) < age+time.Minute
}

// explain adds to a conflict the id of the record in the way. The conflict may
// be one that the snapshot does not know of, so it asks again.
func (c *Client) explain(ctx context.Context, zoneID string, wanted Record, err error) error {
	e, ok := asError(err)
	if !ok || !e.conflict() {
		return err
	}
	records, lookErr := c.named(ctx, zoneID, wanted.Name, "")
	if lookErr != nil {
		return err
	}
	for _, r := range records {
		if r.Name != wanted.Name || r.ID == wanted.ID {
			continue
		}
		c.snapshots.put(zoneID, r)
		if inTheWay(e, r, wanted) && e.RecordID == "" {
			e.RecordID = r.ID
		}
	}
	if e.RecordID != "" {
		e.Message += fmt.Sprintf(" (record %s)", e.RecordID)
	}
	return err
}

func inTheWay(e *Error, existing, wanted Record) bool {
	switch {
	case e.has(codeRecordExists, codeIdenticalRecord):
		return Identical(existing, wanted)
	case e.has(codeCNAMETaken):
		return existing.Type == "CNAME"
	}
	return proxiableType(existing.Type)
}
