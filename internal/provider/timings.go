package provider

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// timings is how long each check took in the life of this process. It goes to
// observed alone: a result holds no times.
type timings struct {
	mu    sync.Mutex
	took  map[string]time.Duration
	first time.Time // when the first of them began
	last  time.Time // when the last of them ended
}

// add keeps how long a check of a target took, all its attempts together.
func (t *timings) add(check, target string, from, to time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.took == nil {
		t.took, t.first = map[string]time.Duration{}, from
	}
	t.took[check+"\n"+target] = to.Sub(from)
	if from.Before(t.first) {
		t.first = from
	}
	if to.After(t.last) {
		t.last = to
	}
}

// table is what the scorecard's observed says of its checks: how long each took,
// the slowest first, and all of them side by side.
func (t *timings) table(results []readiness.Result) types.Map {
	t.mu.Lock()
	defer t.mu.Unlock()
	type row struct {
		name string
		took time.Duration
	}
	var rows []row
	var sum time.Duration
	width := 0
	for _, r := range results {
		if took, ran := t.took[r.Check+"\n"+r.Target]; ran {
			name := r.Check + " of " + r.Target
			rows, sum, width = append(rows, row{name, took}), sum+took, max(width, len(name))
		}
	}
	if len(rows) == 0 {
		return types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return int(b.took - a.took) })
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-*s  %8s\n", width, r.name, seconds(r.took))
	}
	fmt.Fprintf(&b, "%-*s  %8s\n", width, "one after the other", seconds(sum))
	fmt.Fprintf(&b, "%-*s  %8s\n", width, "from the first to the last", seconds(t.last.Sub(t.first)))
	return types.MapValueMust(types.StringType, map[string]attr.Value{"timing": types.StringValue(b.String())})
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
