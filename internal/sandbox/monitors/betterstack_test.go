package monitors

import (
	"testing"
	"time"
)

// A monitor goes on looking, however long the sandbox runs, until it is paused.
func TestLastChecked(t *testing.T) {
	created := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	m := &betterMonitor{attributes: map[string]any{"created_at": created.Format(betterTime), "paused_at": nil, "check_frequency": 180}}
	if got, want := m.lastChecked(created.Add(time.Hour+100*time.Second)), created.Add(time.Hour); !got.Equal(want) {
		t.Errorf("while it looks: %s, want %s", got, want)
	}
	m.attributes["paused_at"] = created.Add(10 * time.Minute).Format(betterTime)
	if got, want := m.lastChecked(created.Add(time.Hour)), created.Add(9*time.Minute); !got.Equal(want) {
		t.Errorf("paused: %s, want %s", got, want)
	}
}
