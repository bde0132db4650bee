package portal

import (
	"net/http"
	"strings"
	"time"
)

// TestSessionHeader asks at a sign-in for a session that ends early, such as
// "idle=2s, life=4s", so that a test need not wait for hours. It only ever
// shortens, so that it is of no use to anyone else.
const TestSessionHeader = "X-Test-Session"

// sessionLimits are those of a session that this request opens.
func sessionLimits(r *http.Request) limits {
	out := limits{sessionIdle, sessionLife}
	for _, part := range strings.Split(r.Header.Get(TestSessionHeader), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			continue
		}
		switch name {
		case "idle":
			out.idle = min(out.idle, d)
		case "life":
			out.life = min(out.life, d)
		}
	}
	return out
}
