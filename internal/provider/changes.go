package provider

import (
	"os"
	"path/filepath"
	"time"
)

// spreads is how long what a resource has changed may take to be seen everywhere.
const spreads = 10 * time.Minute

// noteChange writes down that a resource has changed something just now.
func (s *shared) noteChange() {
	if file := s.changeFile(); file != "" && os.MkdirAll(filepath.Dir(file), 0o700) == nil {
		_ = os.WriteFile(file, nil, 0o600) // without it the next run waits for nothing
		_ = os.Chtimes(file, time.Time{}, s.now())
	}
}

// changedLately reports whether a resource under this provider block has changed
// something in this run, or in another one a short while ago.
func (s *shared) changedLately() bool {
	if s.changes.Load() > 0 {
		return true
	}
	info, err := os.Stat(s.changeFile())
	return err == nil && s.now().Sub(info.ModTime()) < spreads
}

// changeFile is the mark that a resource has changed something; empty where there is
// no place for it.
func (s *shared) changeFile() string {
	if dir := s.outcomeFolder(); dir != "" {
		return dir + ".changed"
	}
	return ""
}
