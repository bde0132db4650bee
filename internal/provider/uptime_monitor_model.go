package provider

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor"
	"github.com/launchready/terraform-provider-launchready/internal/monitor/render"
)

type uptimeMonitorModel struct {
	ID                types.String `tfsdk:"id"`
	ZoneID            types.String `tfsdk:"zone_id"`
	Backend           types.String `tfsdk:"backend"`
	Zone              types.String `tfsdk:"zone"`
	Name              types.String `tfsdk:"name"`
	URL               types.String `tfsdk:"url"`
	Address           types.String `tfsdk:"address"`
	Method            types.String `tfsdk:"method"`
	Interval          types.String `tfsdk:"interval"`
	Timeout           types.String `tfsdk:"timeout"`
	Expect            types.Object `tfsdk:"expect"`
	Regions           types.Set    `tfsdk:"regions"`
	Headers           types.Map    `tfsdk:"headers"`
	FollowRedirects   types.Bool   `tfsdk:"follow_redirects"`
	VerifyCertificate types.Bool   `tfsdk:"verify_certificate"`
	Paused            types.Bool   `tfsdk:"paused"`
	Contacts          types.Set    `tfsdk:"contacts"`
}

// expectation is the argument expect.
type expectation struct {
	status types.Set
	body   types.String
	days   types.Int64
}

func expectTypes() map[string]attr.Type {
	return map[string]attr.Type{"status": types.SetType{ElemType: types.StringType}, "body": types.StringType, "certificate_days": types.Int64Type}
}

func (m *uptimeMonitorModel) expectation() expectation {
	e := expectation{types.SetNull(types.StringType), types.StringNull(), types.Int64Null()}
	if s, ok := m.Expect.Attributes()["status"].(types.Set); ok {
		e.status = s
	}
	if s, ok := m.Expect.Attributes()["body"].(types.String); ok {
		e.body = s
	}
	if n, ok := m.Expect.Attributes()["certificate_days"].(types.Int64); ok {
		e.days = n
	}
	return e
}

// set writes an expectation, as null if there is none and was none.
func (m *uptimeMonitorModel) setExpectation(e expectation) {
	if m.Expect.IsNull() && e.status.IsNull() && e.body.IsNull() && e.days.IsNull() {
		return
	}
	m.Expect = types.ObjectValueMust(expectTypes(), map[string]attr.Value{"status": e.status, "body": e.body, "certificate_days": e.days})
}

// desired is the monitor that is declared. What is not known yet is zero.
func (m *uptimeMonitorModel) desired() monitor.Monitor {
	e := m.expectation()
	out := monitor.Monitor{
		ID: m.ID.ValueString(), Name: m.Name.ValueString(), URL: m.URL.ValueString(), Address: m.Address.ValueString(),
		Method: m.Method.ValueString(), Interval: spanOf(m.Interval), Timeout: spanOf(m.Timeout),
		Body: e.body.ValueString(), Status: setStrings(e.status), CertificateDays: int(e.days.ValueInt64()),
		Regions: setStrings(m.Regions), Headers: headersOf(m.Headers), Contacts: setStrings(m.Contacts),
		FollowRedirects: m.FollowRedirects.ValueBool(), IgnoreTLS: !m.VerifyCertificate.ValueBool(), Paused: m.Paused.ValueBool(),
	}
	if e.status.IsNull() {
		out.Status = defaultStatus(m.Backend.ValueString(), out.Body)
	}
	return out
}

// defaultStatus is what is expected where nothing is declared. Better Stack does
// not judge the status where it judges the body.
func defaultStatus(backend, body string) []string {
	if backend == monitor.BetterStackName && body != "" {
		return nil
	}
	return []string{"2xx"}
}

// observe notes what the service shows. What means the same keeps its spelling,
// and what is not declared stays undeclared while it is at its default.
func (m *uptimeMonitorModel) observe(seen monitor.Seen) {
	m.ID, m.Name = types.StringValue(seen.ID), types.StringValue(seen.Name)
	if canonicalURL(m.URL.ValueString()) != canonicalURL(seen.URL) {
		m.URL = types.StringValue(withoutUser(seen.URL))
	}
	if !strings.EqualFold(m.Address.ValueString(), seen.Address) {
		m.Address = textOf(seen.Address)
	}
	if seen.Method != "" {
		m.Method = types.StringValue(seen.Method)
	}
	m.Interval, m.Timeout = keepSpan(m.Interval, seen.Interval), keepSpan(m.Timeout, seen.Timeout)

	e := m.expectation()
	if e.body.ValueString() != seen.Body {
		e.body = textOf(seen.Body)
	}
	if int(e.days.ValueInt64()) != seen.CertificateDays {
		e.days = types.Int64Null()
		if seen.CertificateDays > 0 {
			e.days = types.Int64Value(int64(seen.CertificateDays))
		}
	}
	e.status = keepSet(e.status, seen.Status, defaultStatus(m.Backend.ValueString(), seen.Body))
	m.setExpectation(e)

	m.Regions = keepSet(m.Regions, seen.Regions, seen.Regions)
	m.Contacts = keepSet(m.Contacts, seen.Contacts, seen.Contacts)
	if !maps.Equal(headersOf(m.Headers), seen.Headers) {
		m.Headers = types.MapNull(types.StringType)
		if len(seen.Headers) > 0 {
			elements := map[string]attr.Value{}
			for name, value := range seen.Headers {
				if render.HoldsCredential(name) {
					value = "(not shown)" // somebody has set it by hand: the state says that it is there
				}
				elements[name] = types.StringValue(value)
			}
			m.Headers = types.MapValueMust(types.StringType, elements)
		}
	}
	m.FollowRedirects, m.VerifyCertificate = types.BoolValue(seen.FollowRedirects), types.BoolValue(!seen.IgnoreTLS)
	m.Paused = types.BoolValue(seen.Paused)
}

// respell takes over the spelling of the state for what means the same, so that
// there is nothing to do.
func (m *uptimeMonitorModel) respell(state *uptimeMonitorModel) {
	keep := func(now *types.String, was types.String, same bool) {
		if same && !now.IsUnknown() && now.IsNull() == was.IsNull() {
			*now = was
		}
	}
	keep(&m.URL, state.URL, canonicalURL(m.URL.ValueString()) == canonicalURL(state.URL.ValueString()))
	keep(&m.Address, state.Address, strings.EqualFold(m.Address.ValueString(), state.Address.ValueString()))
	keep(&m.Interval, state.Interval, spanOf(m.Interval) == spanOf(state.Interval))
	keep(&m.Timeout, state.Timeout, spanOf(m.Timeout) == spanOf(state.Timeout))
	if !m.Headers.IsUnknown() && m.Headers.IsNull() == state.Headers.IsNull() && len(m.Headers.Elements()) == len(state.Headers.Elements()) && maps.Equal(headersOf(m.Headers), headersOf(state.Headers)) {
		m.Headers = state.Headers
	}
}

// fill gives what was left out its default.
func (m *uptimeMonitorModel) fill(config *uptimeMonitorModel) {
	interval, timeout := monitor.Defaults(m.Backend.ValueString())
	if config.Interval.IsNull() {
		m.Interval = types.StringValue(interval.String())
	}
	if config.Timeout.IsNull() {
		m.Timeout = types.StringValue(timeout.String())
	}
}

// fillUnknown gives what the plan could not know its default: the backend was
// not known.
func (m *uptimeMonitorModel) fillUnknown() {
	for _, s := range []*types.String{&m.Interval, &m.Timeout} {
		if s.IsUnknown() {
			*s = types.StringNull()
		}
	}
	m.fill(m)
}

// spanOf reads a duration whose form a validator has judged; zero if it is not known.
func spanOf(s types.String) time.Duration {
	d, _ := time.ParseDuration(s.ValueString())
	return d
}

// keepSpan keeps the spelling of a duration that is what it was.
func keepSpan(declared types.String, seen time.Duration) types.String {
	if spanOf(declared) == seen {
		return declared
	}
	return types.StringValue(seen.String())
}

// keepSet keeps a set that is what it was, and says nothing of one that was never
// declared and is at its default.
func keepSet(declared types.Set, seen, fallback []string) types.Set {
	if declared.IsNull() && sameWords(seen, fallback) || !declared.IsNull() && sameWords(setStrings(declared), seen) {
		return declared
	}
	if len(seen) == 0 {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(seen))
	for i, s := range seen {
		elements[i] = types.StringValue(s)
	}
	return types.SetValueMust(types.StringType, elements)
}

func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// setStrings returns the known elements of a set of strings, sorted; nil for null.
func setStrings(s types.Set) []string {
	if s.IsNull() || s.IsUnknown() {
		return nil
	}
	out := []string{}
	for _, e := range s.Elements() {
		if text, ok := e.(types.String); ok && !text.IsUnknown() {
			out = append(out, text.ValueString())
		}
	}
	slices.Sort(out)
	return out
}

// headersOf returns headers by canonical name; nil for none.
func headersOf(m types.Map) map[string]string {
	var out map[string]string
	for name, e := range m.Elements() {
		if text, ok := e.(types.String); ok && !text.IsUnknown() {
			if out == nil {
				out = map[string]string{}
			}
			out[http.CanonicalHeaderKey(name)] = text.ValueString()
		}
	}
	return out
}

// withoutUser hides the user and the password of an address that somebody has
// written by hand: they reach neither the state nor a message.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return address[strings.LastIndexByte(address, '@')+1:]
	case u.User == nil:
		return address
	}
	u.User = url.User("hidden")
	return u.String()
}

// canonicalURL brings addresses that mean the same into one form.
func canonicalURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}
