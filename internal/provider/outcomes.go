package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// outcome is a good result of a check that acts on the world, kept so that not
// each plan has to act again. It holds no credential: a result never does.
type outcome struct {
	At time.Time `json:"at"`
	// Release is what the portal said it ran before the check acted; see shared.release.
	Release string           `json:"release"`
	Result  readiness.Result `json:"result"`
}

// maxOutcomeAge is when the file of an outcome is thrown away, whoever made it.
const maxOutcomeAge = 90 * 24 * time.Hour

// outcomeFolder is where the outcomes of a target are kept: in the user's cache
// folder, by how it is reached. Empty where there is no such folder.
func (s *shared) outcomeFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "launchready", "outcomes", digest(func(say sayer) {
		say("%v %v %v %s", s.settings.probe.AllowedHosts, s.settings.probe.ConnectTo, s.settings.portal, s.settings.baseURL)
	}))
}

// sayer takes what a digest is of.
type sayer func(format string, args ...any)

func digest(of func(say sayer)) string {
	hash := sha256.New()
	of(func(format string, args ...any) { _, _ = fmt.Fprintf(hash, format+"\x00", args...) }) // a hash takes everything
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// outcomeFile is where the outcome of a check is kept: by all that was declared, by
// what is reached under it and by the rules that there are, so that a newer provider
// does not take an older one's word for a rule that this did not have.
func (s *shared) outcomeFile(check check.Info, declared string) string {
	dir := s.outcomeFolder()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, check.Name+"-"+digest(func(say sayer) {
		say("%s %s", check.Name, declared)
		for _, rule := range check.Rules {
			say("%s %s", rule.ID, rule.Severity)
		}
		for _, name := range sortedKeys(s.settings.sinks) {
			one := s.settings.sinks[name]
			say("%s %s %s %s %s %s %s", name, one.Type, one.URL, one.Path, one.Tenant, one.Organization, one.Project)
		}
		for _, name := range sortedKeys(s.settings.mailboxes) {
			box := s.settings.mailboxes[name]
			say("%s %s %s", name, box.IMAP, box.address())
		}
		for _, name := range sortedKeys(s.settings.identities) {
			id := s.settings.identities[name]
			say("%s %s %s %s", name, id.Username, id.Role, id.Organization)
		}
	})+".json")
}

// changed notes that a resource has changed something of the target, or may have:
// outcomes from before are evidence of what was there before. One that is under way
// meanwhile is not kept.
func (s *shared) changed() {
	if s == nil {
		return
	}
	s.changes.Add(1)
	s.noteChange()
	if dir := s.outcomeFolder(); dir != "" {
		_ = os.RemoveAll(dir) // what cannot be removed is as old as it says
	}
}

// earlier returns an outcome that still counts for the release that runs.
func (s *shared) earlier(file, release string, validFor time.Duration) (outcome, bool) {
	var o outcome
	text, err := os.ReadFile(file)
	if file == "" || validFor <= 0 || err != nil || json.Unmarshal(text, &o) != nil || o.Release != release {
		return o, false
	}
	age := s.now().Sub(o.At)
	return o, age >= 0 && age < validFor
}

// keep writes an outcome down; that it cannot be is no fault.
func (s *shared) keep(file, release string, result readiness.Result) {
	text, err := json.Marshal(outcome{s.now().UTC(), release, result})
	if file == "" || err != nil || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	old, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(file)), "*", "*.json")) // the pattern is well formed
	for _, other := range old {
		if info, err := os.Stat(other); err == nil && s.now().Sub(info.ModTime()) > maxOutcomeAge {
			_ = os.Remove(other) // somebody else has, if this fails
		}
	}
	temporary := fmt.Sprintf("%s.%d", file, os.Getpid())
	if os.WriteFile(temporary, text, 0o600) != nil || os.Rename(temporary, file) != nil {
		_ = os.Remove(temporary)
	}
}
