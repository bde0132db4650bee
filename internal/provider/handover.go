package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// handover tells an apply which records its plan gives up, and which of those
// another resource takes: plan and apply are two processes, and of a record that is
// going Terraform tells only its own resource. So who wants the place of such a
// record need not wait for it to go, and who gives it up leaves it where it is,
// whatever order Terraform picks.
//
// It holds within one run of Terraform, which is the parent of both processes. A run
// that applies a saved plan has planned nothing itself: it also knows what the last
// run that planned in the same folder gives up. A plan that is applied elsewhere, or
// after another one was made, or much later, has none.
type handover struct {
	dir, run, file string

	mu       sync.Mutex
	own      map[string]bool // what this process has written to its file
	gone     map[string]bool // what this run gives up: ids of records, or keys of rules
	wanted   map[string]bool // ids of records that this run takes where they are given up
	earlier  map[string]bool // ids of records that the plan of an earlier run gives up: none where this run has a plan of its own
	saved    []string        // the files that say so
	applying bool            // earlier counts: what is being planned is another plan
}

const (
	handoverPattern = "launchready-leaving-*.json"
	handoverAge     = time.Hour // after which a file is nobody's: process numbers come again
	wantedPrefix    = "wanted "
	plannedKey      = "planned"
)

// openHandover reads what other processes have left: before this one plans anything,
// for what Terraform plans once more in an apply is not a plan of its own.
func openHandover() *handover {
	h := &handover{dir: dataDir(), run: parentRun(), own: map[string]bool{}, gone: map[string]bool{}, wanted: map[string]bool{}, earlier: map[string]bool{}}
	h.file = filepath.Join(h.dir, fmt.Sprintf("launchready-leaving-%s.%d.json", h.run, os.Getpid())) // a process each: those of one run do not know of each other
	var planned bool
	var last time.Time
	others := map[string][]string{} // files by run
	var lastRun string
	for _, file := range h.files() {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		if time.Since(info.ModTime()) > handoverAge {
			_ = os.Remove(file)
			continue
		}
		if run := runOf(file); run != h.run {
			others[run] = append(others[run], file)
			if info.ModTime().After(last) {
				last, lastRun = info.ModTime(), run
			}
			continue
		}
		for _, key := range readJournal(file) {
			id, isWanted := strings.CutPrefix(key, wantedPrefix)
			switch {
			case key == plannedKey:
				planned = true
			case isWanted:
				h.wanted[id] = true
			default:
				h.gone[id] = true
			}
			if file == h.file {
				h.own[key] = true
			}
		}
	}
	if planned {
		return h
	}
	h.saved = others[lastRun]
	for _, file := range h.saved {
		for _, key := range readJournal(file) {
			if isZoneID(key) { // all ids of Cloudflare have one form; a record that is kept after all is refused by its holder
				h.earlier[key] = true
			}
		}
	}
	return h
}

// files are those of all runs of this folder.
func (h *handover) files() []string {
	files, _ := filepath.Glob(filepath.Join(h.dir, handoverPattern)) // the pattern is well formed
	return files
}

// runOf is the run whose file it is.
func runOf(file string) string {
	run, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(file), "launchready-leaving-"), ".")
	return run
}

// parentRun names the run of Terraform that started this process: by its number
// and, where the system tells, by when it began, for in a container each run has
// the same number.
func parentRun() string {
	run := fmt.Sprint(os.Getppid())
	stat, err := os.ReadFile("/proc/" + run + "/stat") // proc_pid_stat(5): field 22, counted behind the name in parentheses
	if err != nil {
		return run
	}
	_, rest, _ := strings.Cut(string(stat[max(0, strings.LastIndexByte(string(stat), ')')):]), " ")
	if fields := strings.Fields(rest); len(fields) > 19 {
		run += "-" + fields[19]
	}
	return run
}

// plans says that this run has a plan of its own.
func (s *shared) plans() {
	if s != nil {
		s.handover().plans()
	}
}

// applies says that this process applies a plan: none does so that plans.
func (s *shared) applies() {
	if s != nil {
		s.handover().applies()
	}
}

func (h *handover) plans() { h.note(map[string]bool{}, plannedKey, plannedKey) }

func (h *handover) applies() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.applying = true
}

// leave says in a plan that a record is given up.
func (h *handover) leave(id string) { h.note(h.gone, id, id) }

// want says in a plan that a record is taken if it is given up.
func (h *handover) want(id string) { h.note(h.wanted, id, wantedPrefix+id) }

func (h *handover) note(where map[string]bool, id, key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	where[id] = true
	if h.own[key] {
		return
	}
	h.own[key] = true
	writeJournal(h.file, sortedKeys(h.own))
}

// leaves reports whether the plan that is applied gives a record up.
func (h *handover) leaves(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.givenUp(id)
}

func (h *handover) givenUp(id string) bool { return h.gone[id] || h.applying && h.earlier[id] }

// passes reports in an apply whether another resource takes a record that is given
// up: then it is not deleted.
func (h *handover) passes(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.givenUp(id) && h.wanted[id]
}

// took says that a record has been taken: it is given up no longer.
func (h *handover) took(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone[id] && !h.earlier[id] {
		return
	}
	delete(h.gone, id)
	delete(h.wanted, id)
	delete(h.earlier, id)
	delete(h.own, id)
	delete(h.own, wantedPrefix+id)
	for _, file := range h.files() {
		if runOf(file) != h.run && !slices.Contains(h.saved, file) {
			continue // nobody reads it any more, and to write it would make it the last
		}
		keys := readJournal(file)
		if left := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return strings.TrimPrefix(key, wantedPrefix) == id }); len(left) < len(keys) {
			writeJournal(file, left)
		}
	}
}
