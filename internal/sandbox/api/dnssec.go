package api

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// dnssecView is DNSSEC of a zone as the API shows it. What describes the key is
// null where the zone is not signed. Numbers that are text are so at Cloudflare.
type dnssecView struct {
	Status          string     `json:"status"`
	Flags           *int       `json:"flags"`
	Algorithm       *string    `json:"algorithm"`
	KeyType         *string    `json:"key_type"`
	DigestType      *string    `json:"digest_type"`
	DigestAlgorithm *string    `json:"digest_algorithm"`
	Digest          *string    `json:"digest"`
	DS              *string    `json:"ds"`
	KeyTag          *int       `json:"key_tag"`
	PublicKey       *string    `json:"public_key"`
	ModifiedOn      *time.Time `json:"modified_on"`
	MultiSigner     bool       `json:"dnssec_multi_signer"`
	Presigned       bool       `json:"dnssec_presigned"`
	UseNSEC3        bool       `json:"dnssec_use_nsec3"`
}

func dnssecViewOf(z *zone.Zone) dnssecView {
	d := z.DNSSEC()
	v := dnssecView{Status: d.Status}
	if !d.ModifiedOn.IsZero() {
		v.ModifiedOn = &d.ModifiedOn
	}
	if k := d.Key; k != nil {
		v.Flags, v.KeyTag = new(zone.KeyFlags), new(int(k.Tag))
		v.Algorithm, v.KeyType = new(strconv.Itoa(zone.Algorithm)), new("ECDSAP256SHA256")
		v.DigestType, v.DigestAlgorithm, v.Digest = new(strconv.Itoa(zone.DigestType)), new("SHA256"), &k.Digest
		v.DS, v.PublicKey = new(k.DS(z.Name)), &k.Public
	}
	return v
}

func getDNSSEC(c *call) (*envelope, *Error) { return success(dnssecViewOf(c.zone)), nil }

// patchDNSSEC turns DNSSEC on or off. Other signers than Cloudflare, signing
// elsewhere and NSEC3 are things that the sandbox's name servers do not do.
func patchDNSSEC(c *call) (*envelope, *Error) {
	var in map[string]json.RawMessage
	if err := c.body(&in); err != nil {
		return nil, err
	}
	for _, name := range []string{"dnssec_multi_signer", "dnssec_presigned", "dnssec_use_nsec3"} {
		var on bool
		if value, sent := in[name]; sent && (json.Unmarshal(value, &on) != nil || on) {
			return nil, badRequest(codeDNSSEC, name+" is not available for this zone.")
		}
	}
	var status string
	value, sent := in["status"]
	if sent && json.Unmarshal(value, &status) != nil || sent && status != "active" && status != "disabled" {
		return nil, badRequest(codeDNSSEC, "Invalid DNSSEC status: it is active or disabled.")
	}
	if sent {
		if err := c.zone.SetDNSSEC(status == "active"); err != nil {
			panic(err) // crypto/rand never fails
		}
	}
	return success(dnssecViewOf(c.zone)), nil
}

// deleteDNSSEC turns DNSSEC off and forgets the key, unless the parent still
// has its DS record.
func deleteDNSSEC(c *call) (*envelope, *Error) {
	if err := c.zone.SetDNSSEC(false); err != nil {
		panic(err) // nothing is made when it is turned off
	}
	c.zone.ForgetKey()
	return success(""), nil
}
