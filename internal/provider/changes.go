package provider

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// settling is how long the edge, and what remembers names, may go on as before a
// change: an outcome of that time is evidence of neither.
const settling = time.Minute

// spreads is how long what a resource has changed may take to be seen everywhere.
const spreads = 10 * time.Minute

// change notes that a resource has changed something, or may have. It is on disk for
// other provider blocks, states and runs of this user.
type change struct {
	// Sites are the registrable domains that the provider block is about; empty if
	// it does not say.
	Sites []string  `json:"sites"`
	At    time.Time `json:"at"`
}

// touches reports whether the change may be of one of the sites.
func (c change) touches(sites []string) bool {
	return len(c.Sites) == 0 || len(sites) == 0 ||
		slices.ContainsFunc(sites, func(site string) bool { return slices.Contains(c.Sites, site) })
}

// sites are what this provider block is about.
func (s *shared) sites() []string {
	hosts := slices.Clone(s.settings.probe.AllowedHosts)
	if u, err := url.Parse(s.portalAddress().ValueString()); err == nil && u.Hostname() != "" {
		hosts = append(hosts, u.Hostname())
	}
	return probe.Sites(hosts)
}

// changed notes a change: outcomes from before are evidence of what was there before.
func (s *shared) changed() {
	if s == nil {
		return
	}
	s.hasChanged.Store(true)
	root := outcomesRoot()
	if root == "" {
		return
	}
	c := change{s.sites(), s.now().UTC()}
	name := digest(func(say sayer) { say("%q", c.Sites) })
	text, err := json.Marshal(c)
	if err != nil || !writeWhole(filepath.Join(root, "changes", name+".json"), text) {
		_ = os.RemoveAll(s.outcomeFolder()) // what cannot be removed either is as old as it says
	}
}

// changing notes a change before it is made, since this process may not live to note
// it afterwards; what it returns notes it then.
func (s *shared) changing() (after func()) {
	s.changed()
	return s.changed
}

// lastChange is when something was last changed of what this provider block is about.
func (s *shared) lastChange() (last time.Time) {
	if outcomesRoot() == "" {
		return last
	}
	files, _ := filepath.Glob(filepath.Join(outcomesRoot(), "changes", "*.json")) // the pattern is well formed
	ours := s.sites()
	for _, file := range files {
		var c change
		text, err := os.ReadFile(file)
		switch info, lost := os.Stat(file); {
		case err == nil && json.Unmarshal(text, &c) == nil:
		case lost != nil: // it was thrown away, as too old
			continue
		default: // damaged, so that it may be of anything
			c = change{At: info.ModTime()}
		}
		if c.touches(ours) && c.At.After(last) {
			last = c.At
		}
	}
	return last
}

// changedLately reports whether a resource has changed something in this run, or in
// another one a short while ago.
func (s *shared) changedLately() bool {
	return s.hasChanged.Load() || s.now().Sub(s.lastChange()) < spreads
}
