package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// settingView is a setting as the API shows it.
type settingView struct {
	ID            string          `json:"id"`
	Value         json.RawMessage `json:"value,omitempty"`
	Enabled       json.RawMessage `json:"enabled,omitempty"` // ssl_recommender
	Editable      bool            `json:"editable"`
	ModifiedOn    *time.Time      `json:"modified_on"`
	TimeRemaining *int            `json:"time_remaining,omitempty"` // development_mode, seconds
}

func settingViewOf(d definition, z *zone.Zone) settingView {
	s := d.valueOf(z)
	v := settingView{ID: s.ID, Value: s.Value, Editable: s.Editable, ModifiedOn: s.ModifiedOn}
	if d.field == "enabled" {
		v.Value, v.Enabled = nil, s.Value
	}
	if d.id == "development_mode" {
		left := 0
		if developing(z) {
			left = 10800
		}
		v.TimeRemaining = &left
	}
	return v
}

// developing tells whether the zone is in development mode.
func developing(z *zone.Zone) bool {
	s, ok := z.Setting("development_mode")
	return ok && string(s.Value) == `"on"`
}

// allSettings is the answer of the bulk call, in order of ids.
func allSettings(z *zone.Zone) []settingView {
	out := []settingView{}
	for _, d := range definitions() {
		out = append(out, settingViewOf(d, z))
	}
	slices.SortFunc(out, func(a, b settingView) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func listSettings(c *call) (*envelope, *Error) {
	return success(slices.DeleteFunc(allSettings(c.zone), func(v settingView) bool { return !c.server.has(v.ID) })), nil
}

func getSetting(c *call) (*envelope, *Error) {
	d, err := c.setting()
	if err != nil {
		return nil, err
	}
	return success(settingViewOf(d, c.zone)), nil
}

func (c *call) setting() (definition, *Error) {
	id := c.params["setting_id"]
	d, ok := definitionOf(id)
	if !ok || !c.server.has(id) {
		return d, badRequest(codeUndefinedSetting, "Undefined zone setting: "+id)
	}
	return d, nil
}

// has tells whether zones have a setting: not all have ssl_automatic_mode yet.
func (s *Server) has(id string) bool { return id != "ssl_automatic_mode" || !s.noAutomaticMode }

func patchSetting(c *call) (*envelope, *Error) {
	d, err := c.setting()
	if err != nil {
		return nil, err
	}
	var in map[string]json.RawMessage
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if err := c.server.PutSetting(c.zone, d.id, in[cmp.Or(d.field, "value")]); err != nil {
		return nil, err.(*Error)
	}
	return success(settingViewOf(d, c.zone)), nil
}

// PutSetting writes a setting as a PATCH would, all checks included. The error
// is an *Error.
func (s *Server) PutSetting(z *zone.Zone, id string, value json.RawMessage) error {
	d, ok := definitionOf(id)
	if !ok {
		return badRequest(codeUndefinedSetting, "Undefined zone setting: "+id)
	}
	accepted, ok := d.accept(value)
	if !ok {
		return badRequest(codeSettingValue, "Invalid value for zone setting "+id)
	}
	if !d.valueOf(z).Editable {
		return &Error{
			Status: http.StatusBadRequest, Code: codeSettingReadOnly,
			Message: fmt.Sprintf("Not allowed to edit setting for %s", id),
		}
	}
	store(z, id, accepted)
	// One switch with two faces: the value zrt of tls_1_3 is 0rtt.
	switch id + "=" + string(accepted) {
	case `0rtt="on"`:
		if v, _ := z.Setting("tls_1_3"); v.Value == nil || string(v.Value) == `"on"` {
			store(z, "tls_1_3", raw("zrt"))
		}
	case `0rtt="off"`:
		if v, _ := z.Setting("tls_1_3"); string(v.Value) == `"zrt"` {
			store(z, "tls_1_3", raw("on"))
		}
	case `tls_1_3="zrt"`:
		store(z, "0rtt", raw("on"))
	case `tls_1_3="on"`, `tls_1_3="off"`:
		store(z, "0rtt", raw("off"))
	}
	return nil
}

func store(z *zone.Zone, id string, value json.RawMessage) {
	at := now()
	z.PutSetting(zone.Setting{ID: id, Value: value, Editable: true, ModifiedOn: &at})
}
