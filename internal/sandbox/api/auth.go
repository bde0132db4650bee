package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Permission is what a token may do. Edit contains read.
type Permission string

// The permissions that the emulated calls ask for.
const (
	ZoneRead     Permission = "zone:read"
	ZoneEdit     Permission = "zone:edit"
	DNSRead      Permission = "dns:read"
	DNSEdit      Permission = "dns:edit"
	SettingsRead Permission = "settings:read"
	SettingsEdit Permission = "settings:edit"
	SSLRead      Permission = "ssl:read"
	SSLEdit      Permission = "ssl:edit"
	WAFEdit      Permission = "waf:edit"
	DDoSEdit     Permission = "ddos:edit"
	CacheRead    Permission = "cache_rules:read"
	CacheEdit    Permission = "cache_rules:edit"
	RedirectEdit Permission = "redirect_rules:edit"
	// TransformEdit is for URLs and for headers, of requests and of responses.
	TransformEdit Permission = "transform_rules:edit"
	ConfigEdit    Permission = "config_rules:edit"
	HealthRead    Permission = "health_checks:read"
	HealthEdit    Permission = "health_checks:edit"
	// AlertsRead and AlertsEdit are of the account: Notifications.
	AlertsRead Permission = "notifications:read"
	AlertsEdit Permission = "notifications:edit"
)

// AllPermissions returns what a launch needs of the emulated calls.
func AllPermissions() []Permission {
	return []Permission{
		ZoneEdit, DNSEdit, SettingsEdit, SSLEdit,
		WAFEdit, DDoSEdit, CacheEdit, RedirectEdit, TransformEdit, ConfigEdit, HealthEdit, AlertsEdit,
	}
}

// Token is an API token.
type Token struct {
	Value       string // the secret
	ID          string // filled in when empty
	Permissions []Permission
	Zones       []string  // ids of the zones it may touch; nil = all of the account
	Account     bool      // owned by the account rather than by a user
	Disabled    bool      // revoked at the dashboard
	ExpiresOn   time.Time // zero = never
}

// AddToken makes a token valid, or replaces the one of that value.
func (s *Server) AddToken(t Token) {
	if t.ID == "" {
		t.ID = NewID()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[t.Value] = t
}

func (t Token) may(p Permission) bool {
	if p == "" || slices.Contains(t.Permissions, p) {
		return true
	}
	topic, isRead := strings.CutSuffix(string(p), ":read")
	return isRead && slices.Contains(t.Permissions, Permission(topic+":edit"))
}

func (t Token) covers(z *zone.Zone) bool { return t.Zones == nil || slices.Contains(t.Zones, z.ID) }

func (t Token) status(now time.Time) string {
	switch {
	case t.Disabled:
		return "disabled"
	case !t.ExpiresOn.IsZero() && !now.Before(t.ExpiresOn):
		return "expired"
	default:
		return "active"
	}
}

// authenticate finds the token of a call. The calls that verify a token answer
// for one that is disabled or expired, the others refuse it.
func (s *Server) authenticate(c *call, rt route) *Error {
	header, sent := c.Header["Authorization"]
	if !sent {
		return badRequest(codeNoCredentials, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
	}
	malformed := &Error{
		Status: http.StatusBadRequest, Code: codeHeaders, Message: "Invalid request headers",
		Chain: []Error{{Code: codeAuthFormat, Message: "Invalid format for Authorization header"}},
	}
	value, isBearer := strings.CutPrefix(header[0], "Bearer ")
	if !isBearer {
		return malformed
	}
	s.mu.RLock()
	token, known := s.tokens[value]
	s.mu.RUnlock()
	if !known {
		if !tokenShaped(value) {
			return malformed
		}
		return invalidToken(rt)
	}
	if !rt.verify && token.status(s.now()) != "active" {
		return notAuthorised()
	}
	c.token = token
	return nil
}

// tokenShaped tells whether text can be a token: 40 characters, or a prefix
// such as cfut_ with 40 and a checksum. A global API key has 37.
func tokenShaped(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return len(text) >= 40 && len(text) <= 80 && strings.Trim(text, letters) == ""
}

func invalidToken(rt route) *Error {
	e := &Error{Status: http.StatusForbidden, Code: codeInvalidToken, Message: "Invalid API Token"}
	if rt.verify {
		e.Status = http.StatusUnauthorized
	}
	return e
}

// verification is what the verify calls say. They say nothing of permissions.
type verification struct {
	ID        string     `json:"id"`
	Status    string     `json:"status"`
	ExpiresOn *time.Time `json:"expires_on,omitempty"`
}

func verifyUserToken(c *call) (*envelope, *Error) { return verify(c, false) }

func verifyAccountToken(c *call) (*envelope, *Error) {
	if c.params["account_id"] != c.server.account.ID {
		return nil, notAuthorised()
	}
	return verify(c, true)
}

// verify refuses tokens of the other kind: each has its own call.
func verify(c *call, account bool) (*envelope, *Error) {
	if c.token.Account != account {
		return nil, invalidToken(route{verify: true})
	}
	v := verification{ID: c.token.ID, Status: c.token.status(c.server.now())}
	if !c.token.ExpiresOn.IsZero() {
		v.ExpiresOn = &c.token.ExpiresOn
	}
	e := success(v)
	e.Messages = append(e.Messages, message{Code: 10000, Message: "This API Token is valid and active"})
	if v.Status != "active" {
		e.Messages = []message{}
	}
	return e, nil
}
