package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// automaticMode is the setting by which Cloudflare chooses ssl itself; left on,
// it may change what we set.
const automaticMode = "ssl_automatic_mode"

// settingWriter brings settings to where the plan wants them and remembers what
// was there before the first write of each.
type settingWriter struct {
	client   *cloudflare.Client
	zone     cloudflare.Zone
	settings []zoneSetting              // in the order in which they are written
	prior    map[string]json.RawMessage // by setting id
	held     settingValues              // what the state says is there
	failed   []string                   // arguments whose write did not succeed
}

// apply writes what differs and restores what is no longer owned. A failure
// stops neither the settings after it nor the record of those before.
func (w *settingWriter) apply(ctx context.Context, plan settingValues, diags *diag.Diagnostics) {
	for _, s := range w.settings {
		planned, held := plan[s.attribute], w.held[s.attribute]
		switch {
		case planned.IsNull():
			if before, ours := w.prior[s.id]; ours && held != nil && !held.IsNull() {
				w.restore(ctx, s.attribute, s.id, before, diags)
				if s.id == "ssl" {
					w.restoreAutomaticMode(ctx, diags)
				}
			}
		case held != nil && planned.Equal(held):
		default:
			if s.id == "ssl" {
				w.stopAutomaticMode(ctx)
			}
			w.write(ctx, s, s.encode(planned), diags)
		}
	}
}

func (w *settingWriter) write(ctx context.Context, s zoneSetting, value any, diags *diag.Diagnostics) {
	doing := fmt.Sprintf("set %s of %s", s.id, w.zone.Name)
	before, err := w.client.Setting(ctx, w.zone.ID, s.id)
	if err != nil {
		w.failed = append(w.failed, s.attribute)
		addAPIError(diags, path.Root(s.attribute), doing, err)
		return
	}
	_, remembered := w.prior[s.id]
	first := !remembered
	if first {
		w.prior[s.id] = before.Value
	}
	if now, err := s.decode(before.Value); err == nil {
		if wanted, err := s.decode(mustJSON(value)); err == nil && now.Equal(wanted) {
			return // already so: a value that the plan forbids to change may still be wanted
		}
	}
	if _, err := w.client.PatchSetting(ctx, w.zone.ID, s.id, value); err != nil {
		w.failed = append(w.failed, s.attribute)
		if first {
			delete(w.prior, s.id) // nothing was changed, so there is nothing to restore
		}
		addAPIError(diags, path.Root(s.attribute), doing, err)
	}
}

// stopAutomaticMode is best effort: the setting is not on every zone yet.
func (w *settingWriter) stopAutomaticMode(ctx context.Context) {
	before, err := w.client.Setting(ctx, w.zone.ID, automaticMode)
	if err != nil || string(before.Value) == `"custom"` {
		return
	}
	if _, err := w.client.PatchSetting(ctx, w.zone.ID, automaticMode, "custom"); err == nil {
		if _, remembered := w.prior[automaticMode]; !remembered {
			w.prior[automaticMode] = before.Value
		}
	}
}

func (w *settingWriter) restoreAutomaticMode(ctx context.Context, diags *diag.Diagnostics) {
	if before, ok := w.prior[automaticMode]; ok {
		w.restore(ctx, "mode", automaticMode, before, diags)
	}
}

func (w *settingWriter) restore(ctx context.Context, attribute, id string, before json.RawMessage, diags *diag.Diagnostics) {
	// What is so already is not written: the plan may forbid even that.
	if now, err := w.client.Setting(ctx, w.zone.ID, id); err == nil && sameJSON(now.Value, before) {
		delete(w.prior, id)
		return
	}
	if _, err := w.client.PatchSetting(ctx, w.zone.ID, id, before); err != nil {
		w.failed = append(w.failed, attribute)
		addAPIError(diags, path.Root(attribute), fmt.Sprintf("restore setting %s of %s to %s", id, w.zone.Name, before), err)
		return
	}
	delete(w.prior, id)
}

// restoreAll undoes every write, in the opposite order: HTTPS is no longer
// forced before it stops working.
func (w *settingWriter) restoreAll(ctx context.Context, diags *diag.Diagnostics) {
	settings := slices.Clone(w.settings)
	slices.Reverse(settings)
	for _, s := range settings {
		if before, ok := w.prior[s.id]; ok {
			w.restore(ctx, s.attribute, s.id, before, diags)
		}
	}
	w.restoreAutomaticMode(ctx, diags)
}

// save writes the state: the plan, but for what could not be written, which
// stays as it was.
func (w *settingWriter) save(ctx context.Context, state *tfsdk.State, diags *diag.Diagnostics) {
	previous := map[string]string{}
	for id, value := range w.prior {
		previous[id] = string(value)
	}
	diags.Append(state.SetAttribute(ctx, path.Root(priorAttribute), previous)...)
	for _, s := range w.settings {
		if !slices.Contains(w.failed, s.attribute) {
			continue
		}
		value := s.null
		if held := w.held[s.attribute]; held != nil {
			value = held
		}
		diags.Append(state.SetAttribute(ctx, path.Root(s.attribute), value)...)
	}
}

// readPrior reads what was there before from the state.
func readPrior(ctx context.Context, state attributeGetter, diags *diag.Diagnostics) map[string]json.RawMessage {
	var previous map[string]string
	diags.Append(state.GetAttribute(ctx, path.Root(priorAttribute), &previous)...)
	out := map[string]json.RawMessage{}
	for id, value := range previous {
		out[id] = json.RawMessage(value)
	}
	return out
}

// sameJSON compares two JSON texts by value.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// mustJSON encodes values of this package's own types, which cannot fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// writeSettings brings the settings of a resource of rules to where the plan wants
// them, after its rules.
func (r *rulesResource[M, P]) writeSettings(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, plan tfsdk.Plan, state, out *tfsdk.State, diags *diag.Diagnostics) {
	if len(r.kind.settings) == 0 {
		return
	}
	w := settingWriter{client: client, zone: zone, settings: r.kind.settings, prior: map[string]json.RawMessage{}, held: settingValues{}}
	if state != nil {
		w.prior, w.held = readPrior(ctx, *state, diags), readSettingValues(ctx, w.settings, *state, diags)
	}
	w.apply(ctx, readSettingValues(ctx, w.settings, plan, diags), diags)
	w.save(ctx, out, diags)
}
