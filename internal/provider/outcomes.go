package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	At    time.Time `json:"at"`
	Began time.Time `json:"began"` // the check, before it acted
	// Release is what the portal said it ran before the check acted; see shared.release.
	Release string           `json:"release"`
	Result  readiness.Result `json:"result"`
}

// maxOutcomeAge is when the file of an outcome is thrown away, whoever made it.
const maxOutcomeAge = 90 * 24 * time.Hour

// outcomesRoot is where the outcomes of all targets are kept: in the user's cache
// folder. Empty where there is no such folder.
func outcomesRoot() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "launchready", "outcomes")
}

// outcomeFolder is where those of a target are kept, by how it is reached.
func (s *shared) outcomeFolder() string {
	root := outcomesRoot()
	if root == "" {
		return ""
	}
	return filepath.Join(root, digest(func(say sayer) {
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
			// Never of a secret, not even a digest: who reads the folder could guess it.
			say("%s %s %s %s %t %t %t %q", name, id.Username, id.Role, id.Organization, id.Password != "", id.TOTPSecret != "", id.BearerToken != "", sortedKeys(id.Headers))
		}
		for _, name := range sortedKeys(s.settings.monitors) {
			say("%s %s %t", name, s.settings.monitors[name].baseURL, s.settings.monitors[name].token != "")
		}
	})+".json")
}

// earlier reads an outcome.
func earlier(file string) (o outcome, ok bool) {
	text, err := os.ReadFile(file)
	return o, err == nil && json.Unmarshal(text, &o) == nil
}

// forget throws an outcome away.
func forget(file string) { _ = os.Remove(file) } // one that stays is of another release all the same

// keep writes an outcome down; that it cannot be is no fault.
func (s *shared) keep(file string, o outcome) {
	text, err := json.Marshal(o)
	if err != nil || !writeWhole(file, text) {
		return
	}
	old, _ := filepath.Glob(filepath.Join(outcomesRoot(), "*", "*")) // the pattern is well formed
	for _, other := range old {
		if info, err := os.Stat(other); err == nil && s.now().Sub(info.ModTime()) > maxOutcomeAge {
			_ = os.Remove(other) // somebody else has, if this fails
		}
	}
}

// writeWhole writes a file that nobody reads in part, whoever writes it at the same time.
func writeWhole(file string, text []byte) bool {
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return false
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*") // for this user alone
	if err != nil {
		return false
	}
	_, err = f.Write(text)
	if errors.Join(err, f.Close()) == nil && os.Rename(f.Name(), file) == nil {
		return true
	}
	_ = os.Remove(f.Name())
	return false
}
