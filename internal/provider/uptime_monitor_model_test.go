package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor"
)

// What somebody has put into a monitor by hand reaches no state if it is a
// credential; that it is there does.
func TestObservedCredentialsAreHidden(t *testing.T) {
	m := uptimeMonitorModel{
		URL: types.StringValue("https://portal.acme.example/"), Expect: types.ObjectNull(expectTypes()),
		Regions: types.SetNull(types.StringType), Contacts: types.SetNull(types.StringType), Headers: types.MapNull(types.StringType),
	}
	for range 2 { // a second look changes nothing
		m.observe(monitor.Seen{Monitor: monitor.Monitor{
			URL:     "https://member:s3cret-password@portal.acme.example/healthz",
			Headers: map[string]string{"Authorization": "Bearer s3cret-token", "X-Session-Token": "s3cret", "Accept": "text/html"},
		}})
		if text := fmt.Sprintf("%+v", m); strings.Contains(text, "s3cret") || strings.Contains(text, "member") {
			t.Error(text)
		}
		if got, want := m.URL.ValueString(), "https://hidden@portal.acme.example/healthz"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if h := headersOf(m.Headers); h["Authorization"] != "(not shown)" || h["Accept"] != "text/html" || len(h) != 3 {
			t.Errorf("%v", h)
		}
	}
}
