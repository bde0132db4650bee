package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// createZone adds a zone to the account. It is pending until its domain is
// delegated to the name servers that the answer names.
func createZone(c *call) (*envelope, *Error) {
	var in struct {
		Name    string              `json:"name"`
		Type    string              `json:"type"`
		Account struct{ ID string } `json:"account"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	account := c.server.account
	if in.Account.ID != account.ID {
		return nil, notAuthorised()
	}
	if c.token.Zones != nil { // of single zones, and none of them is this one
		return nil, &Error{
			Status:  http.StatusForbidden,
			Message: `Requires permission "com.cloudflare.api.account.zone.create" to create zones for the selected account`,
		}
	}
	if err := checkType(in.Type); err != nil {
		return nil, err
	}
	name, err := zoneName(in.Name)
	if err != nil {
		return nil, err
	}
	z := zone.New(NewID(), name, account.ID, "free")
	z.SetStatus(zone.Pending)
	if !account.addNew(z) {
		return nil, badRequest(codeZoneExists, name+" already exists")
	}
	c.server.SeedPlan(z)
	return success(account.view(z)), nil
}

// zoneName brings the name of a zone into the form that is stored: a registered
// domain, or a name that could be one, in lower case and A-labels.
func zoneName(text string) (string, *Error) {
	name, ok := canonicalTarget(text, false)
	if !ok || !strings.Contains(name, ".") || strings.Contains(name, "_") || slices.ContainsFunc(strings.Split(name, "."), hyphenated) {
		return "", badRequest(codeZoneName, "Invalid or missing zone name.")
	}
	if registered, err := publicsuffix.EffectiveTLDPlusOne(name); err != nil {
		return "", badRequest(codeZoneUnregistered, name+" is not a registered domain")
	} else if registered != name {
		return "", badRequest(codeZoneSubdomain,
			"Please ensure you are providing the root domain and not any subdomains (e.g., example.com, not subdomain.example.com)")
	}
	return name, nil
}

func hyphenated(label string) bool {
	return strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-")
}

// checkType refuses the set-ups where Cloudflare is not the one primary name
// server: they are of the larger plans, and nothing here speaks them.
func checkType(typ string) *Error {
	switch typ {
	case "", "full":
		return nil
	case "partial", "secondary":
		return &Error{Status: http.StatusForbidden, Code: codeZoneType, Message: "Zones of type " + typ + " are not available on your plan."}
	default:
		return badRequest(codeZoneType, "Invalid zone type.")
	}
}

// editZone changes one property of a zone.
func editZone(c *call) (*envelope, *Error) {
	var in map[string]json.RawMessage
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if len(in) != 1 {
		return nil, badRequest(codeZoneEdit, "Exactly one zone property can be changed at a time.")
	}
	for property, value := range in {
		switch property {
		case "paused":
			var paused bool
			if json.Unmarshal(value, &paused) != nil {
				return nil, badRequest(codeZoneEdit, "Invalid value for zone property paused.")
			}
			c.zone.SetPaused(paused)
		case "type":
			var typ string
			if json.Unmarshal(value, &typ) != nil || typ == "" {
				return nil, badRequest(codeZoneType, "Invalid zone type.")
			}
			if err := checkType(typ); err != nil {
				return nil, err
			}
		default:
			return nil, badRequest(codeZoneEdit, "Zone property "+property+" cannot be changed.")
		}
	}
	return success(c.server.account.view(c.zone)), nil
}

// deleteZone takes a zone with all its records out of the account.
func deleteZone(c *call) (*envelope, *Error) {
	if !c.server.account.removeZone(c.zone) {
		return nil, notAuthorised() // by another call at the same moment
	}
	return success(map[string]string{"id": c.zone.ID}), nil
}
