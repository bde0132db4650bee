package sandbox

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// variables are the names of the environment variables of a portal, in the files
// that its team has: the example in the repository, with values to start from, and
// what the platform lists of production and of staging. Beside them is the log of
// deploys.
type variables struct {
	folder string

	mu      sync.Mutex
	all     map[string]map[string]string // file to name to value
	deploys []string                     // releases, oldest first, as the log of deploys has them
}

// The files.
const (
	exampleFile    = ".env.example"
	productionFile = "production.names"
	stagingFile    = "staging.names"
	deploysFile    = "deploys.log"
)

func newVariables(folder string) *variables {
	names := []string{"DATABASE_URL", "MAIL_TOKEN", "SESSION_SECRET", "STRIPE_SECRET_KEY", "VITE_STRIPE_PUBLISHABLE_KEY", "VITE_API_URL"}
	v := &variables{folder: folder, all: map[string]map[string]string{}, deploys: []string{"1.4.0", "1.4.1", "1.4.2"}}
	for _, file := range []string{exampleFile, productionFile, stagingFile} {
		v.all[file] = map[string]string{}
		for _, name := range names {
			v.all[file][name] = "set"
		}
	}
	// A developer's own values, which are nobody's secret; names all the same.
	maps.Copy(v.all[exampleFile], map[string]string{"DATABASE_URL": "postgres://localhost/portal", "VITE_API_URL": "http://localhost:3000/api", "SESSION_SECRET": ""})
	v.all[productionFile]["SENTRY_DSN"] = "set" // staging reports nowhere
	v.all[exampleFile]["SENTRY_DSN"] = ""
	v.all[stagingFile]["RENDER_SERVICE_ID"] = "set" // which the platform sets itself
	return v
}

// change writes other values; the function returned takes them back.
func (v *variables) change(file string, edit func(map[string]string)) (func() error, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	before := maps.Clone(v.all[file])
	edit(v.all[file])
	return func() error {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.all[file] = before
		return v.write()
	}, v.write()
}

// write makes the files.
func (v *variables) write() error {
	if err := os.MkdirAll(v.folder, 0o755); err != nil {
		return err
	}
	for file, all := range v.all {
		var text strings.Builder
		for _, name := range slices.Sorted(maps.Keys(all)) {
			value := all[name]
			if file != exampleFile && value == "set" { // the platform shows no values
				value = "(hidden)"
			}
			fmt.Fprintf(&text, "%s=%s\n", name, value)
		}
		if err := os.WriteFile(filepath.Join(v.folder, file), []byte(text.String()), 0o600); err != nil {
			return err
		}
	}
	var text strings.Builder
	for i, release := range v.deploys {
		at := time.Now().AddDate(0, 0, 14*(i-len(v.deploys)+1)-2).UTC()
		fmt.Fprintf(&text, `{"time":%q,"event":"deploy","release":%q,"environment":"production"}`+"\n", at.Format(time.RFC3339), release)
	}
	return os.WriteFile(filepath.Join(v.folder, deploysFile), []byte(text.String()), 0o600)
}

// deployUnmarked takes the newest deploy out of the log of deploys.
func deployUnmarked(w *world) (func() error, error) {
	v := w.variables
	set := func(deploys []string) error {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.deploys = deploys
		return v.write()
	}
	v.mu.Lock()
	before := v.deploys
	v.mu.Unlock()
	return func() error { return set(before) }, set(before[:len(before)-1])
}

// variable gives a name a value in a file.
func variable(file, name, value string) step {
	return func(w *world) (func() error, error) {
		return w.variables.change(file, func(all map[string]string) { all[name] = value })
	}
}

// noVariable takes a name out of a file.
func noVariable(file, name string) step {
	return func(w *world) (func() error, error) {
		return w.variables.change(file, func(all map[string]string) { delete(all, name) })
	}
}
