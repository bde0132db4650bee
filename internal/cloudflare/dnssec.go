package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v7/dns"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// DNSSEC is the signing of a zone
// (https://developers.cloudflare.com/api/resources/dns/subresources/dnssec/).
type DNSSEC struct {
	// Status is disabled, pending (signed, the parent has no DS record yet),
	// active, pending-disabled or error.
	Status     string
	DS         string // the record for the parent, as a line
	KeyTag     int64
	Algorithm  string // a number, as text
	DigestType string // a number, as text
	Digest     string
	PublicKey  string
	Flags      int64
}

// On reports whether the zone is signed and meant to be.
func (d DNSSEC) On() bool { return d.Status == "active" || d.Status == "pending" }

// DNSSEC reads the signing of a zone.
func (c *Client) DNSSEC(ctx context.Context, zoneID string) (DNSSEC, error) {
	op := operation{"read DNSSEC", http.MethodGet, "/zones/" + zoneID + "/dnssec", zoneID, permDNSRead}
	if err := checkID("zone", zoneID); err != nil {
		return DNSSEC{}, c.failure(op, err, false)
	}
	var params dns.DNSSECGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return c.callDNSSEC(ctx, op, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.dnssec.Get(ctx, params, opts...)
		return err
	})
}

// SetDNSSEC turns the signing of a zone on or off.
func (c *Client) SetDNSSEC(ctx context.Context, zoneID string, on bool) (DNSSEC, error) {
	op := operation{"turn DNSSEC on", http.MethodPatch, "/zones/" + zoneID + "/dnssec", zoneID, permDNSWrite}
	status := "active"
	if !on {
		op.name, status = "turn DNSSEC off", "disabled"
	}
	if err := checkID("zone", zoneID); err != nil {
		return DNSSEC{}, c.failure(op, err, false)
	}
	var params dns.DNSSECEditParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return patch(ctx, c, func(ctx context.Context) (DNSSEC, error) {
		return c.callDNSSEC(ctx, op, map[string]string{"status": status}, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.dnssec.Edit(ctx, params, opts...)
			return err
		})
	}, func(ctx context.Context) (DNSSEC, bool, error) {
		now, err := c.DNSSEC(ctx, zoneID)
		return now, err == nil && now.On() == on, err
	})
}

func (c *Client) callDNSSEC(ctx context.Context, op operation, body any, do func(context.Context, []option.RequestOption) error) (DNSSEC, error) {
	env, resp, err := c.call(ctx, op, body, do)
	if err != nil {
		return DNSSEC{}, err
	}
	var m map[string]any
	if json.Unmarshal(orNull(env.Result), &m) != nil || textAt(m, "status") == "" {
		return DNSSEC{}, c.unreadable(op, resp)
	}
	number := func(key string) int64 {
		n, _ := numberOf(m[key])
		return int64(n)
	}
	return DNSSEC{
		Status: textAt(m, "status"), DS: textAt(m, "ds"), KeyTag: number("key_tag"), Algorithm: textAt(m, "algorithm"),
		DigestType: textAt(m, "digest_type"), Digest: textAt(m, "digest"), PublicKey: textAt(m, "public_key"), Flags: number("flags"),
	}, nil
}
