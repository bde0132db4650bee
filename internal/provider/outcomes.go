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
	At     time.Time        `json:"at"`
	Result readiness.Result `json:"result"`
}

// maxOutcomeAge is when the file of an outcome is thrown away, whoever made it.
const maxOutcomeAge = 90 * 24 * time.Hour

// outcomeFile is where the outcome of a check is kept: in the user's cache
// folder, by all that was declared, by what is reached under it and by the rules
// that there are, so that a newer provider does not take an older one's word for
// a rule that this did not have. Empty where there is no such folder.
func (s *shared) outcomeFile(check check.Info, declared string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	hash := sha256.New()
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(hash, format+"\x00", args...) } // a hash takes everything
	say("%s %s", check.Name, declared)
	for _, rule := range check.Rules {
		say("%s %s", rule.ID, rule.Severity)
	}
	say("%v %v %v %s", s.settings.probe.AllowedHosts, s.settings.probe.ConnectTo, s.settings.portal, s.settings.baseURL)
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
	return filepath.Join(dir, "launchready", "outcomes", check.Name+"-"+hex.EncodeToString(hash.Sum(nil)[:16])+".json")
}

// earlier returns an outcome that still counts.
func (s *shared) earlier(file string, validFor time.Duration) (outcome, bool) {
	var o outcome
	text, err := os.ReadFile(file)
	if file == "" || validFor <= 0 || err != nil || json.Unmarshal(text, &o) != nil {
		return o, false
	}
	age := s.now().Sub(o.At)
	return o, age >= 0 && age < validFor
}

// keep writes an outcome down; that it cannot be is no fault.
func (s *shared) keep(file string, result readiness.Result) {
	text, err := json.Marshal(outcome{s.now().UTC(), result})
	if file == "" || err != nil || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	old, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.json")) // the pattern is well formed
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
