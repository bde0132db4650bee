package api

import (
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// The settings of a zone that have calls of their own, by the id under which
// the zone keeps them.
const (
	tieredCaching = "argo/tiered_caching"                      // "on", "off"
	smartTopology = "cache/tiered_cache_smart_topology_enable" // "on", "off"
	zonePulls     = "origin_tls_client_auth"                   // true, false
)

// Their names in answers.
const (
	tieredName   = "tiered_caching"
	topologyName = "tiered_cache_smart_topology_enable"
)

// SetSmartTopologyUnset says whether the smart topology of the tiered cache is
// missing, 404, in a zone that never set it, or off.
func (s *Server) SetSmartTopologyUnset(missing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noTopology = missing
}

func onOffView(z *zone.Zone, id, name string) settingView {
	v := settingView{ID: name, Value: raw("off"), Editable: true}
	if s, ok := z.Setting(id); ok {
		v.Value, v.ModifiedOn = s.Value, s.ModifiedOn
	}
	return v
}

// putOnOff writes such a setting. Every plan may.
func putOnOff(c *call, id, name string) (*envelope, *Error) {
	var in struct{ Value string }
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if in.Value != "on" && in.Value != "off" {
		return nil, badRequest(codeSettingValue, "Invalid value for zone setting "+name)
	}
	store(c.zone, id, raw(in.Value))
	return success(onOffView(c.zone, id, name)), nil
}

func getTieredCaching(c *call) (*envelope, *Error) {
	return success(onOffView(c.zone, tieredCaching, tieredName)), nil
}

func patchTieredCaching(c *call) (*envelope, *Error) { return putOnOff(c, tieredCaching, tieredName) }

func getSmartTopology(c *call) (*envelope, *Error) {
	c.server.mu.RLock()
	missing := c.server.noTopology
	c.server.mu.RUnlock()
	if _, set := c.zone.Setting(smartTopology); missing && !set {
		return nil, &Error{Status: http.StatusNotFound, Code: codeUnset, Message: "Unable to retrieve " + topologyName + " setting value. The zone setting does not exist"}
	}
	return success(onOffView(c.zone, smartTopology, topologyName)), nil
}

func patchSmartTopology(c *call) (*envelope, *Error) {
	return putOnOff(c, smartTopology, topologyName)
}

// pullsView is the answer of the settings of zone-level authenticated origin
// pulls.
type pullsView struct {
	Enabled bool `json:"enabled"`
}

func pullsOf(z *zone.Zone) pullsView {
	s, _ := z.Setting(zonePulls)
	return pullsView{Enabled: string(s.Value) == "true"}
}

func getPulls(c *call) (*envelope, *Error) { return success(pullsOf(c.zone)), nil }

func putPulls(c *call) (*envelope, *Error) {
	var in struct{ Enabled *bool }
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if in.Enabled == nil {
		return nil, badRequest(codeSettingValue, "enabled is required")
	}
	store(c.zone, zonePulls, raw(*in.Enabled))
	return success(pullsOf(c.zone)), nil
}
