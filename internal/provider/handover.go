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
// It holds within one run of Terraform, which is the parent of both processes. What
// is given up is also known to a run that applies a saved plan in the same folder; a
// plan that is applied elsewhere, or much later, has none.
type handover struct {
	dir, file string

	mu      sync.Mutex
	gone    map[string]bool // what this run gives up: ids of records, or keys of rules
	wanted  map[string]bool // ids of records that this run takes where they are given up
	earlier map[string]bool // ids of records that plans of earlier runs give up
}

const (
	handoverPattern = "launchready-leaving-*.json"
	handoverAge     = time.Hour // after which a file is nobody's: process numbers come again
	wantedPrefix    = "wanted "
)

func openHandover() *handover {
	h := &handover{dir: dataDir(), gone: map[string]bool{}, wanted: map[string]bool{}, earlier: map[string]bool{}}
	h.file = filepath.Join(h.dir, "launchready-leaving-"+parentRun()+".json")
	for _, file := range h.files() {
		if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > handoverAge {
			_ = os.Remove(file)
			continue
		}
		for _, key := range readJournal(file) {
			id, isWanted := strings.CutPrefix(key, wantedPrefix)
			switch {
			case isWanted && file == h.file:
				h.wanted[id] = true
			case isWanted:
			case file == h.file:
				h.gone[id] = true
			case isZoneID(id): // all ids of Cloudflare have one form; a record that is kept after all is refused by its holder
				h.earlier[id] = true
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

// leave says in a plan that a record is given up.
func (h *handover) leave(id string) { h.note(h.gone, id) }

// want says in a plan that a record is taken if it is given up.
func (h *handover) want(id string) { h.note(h.wanted, id) }

func (h *handover) note(where map[string]bool, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if where[id] {
		return
	}
	where[id] = true
	keys := sortedKeys(h.gone)
	for _, id := range sortedKeys(h.wanted) {
		keys = append(keys, wantedPrefix+id)
	}
	writeJournal(h.file, keys)
}

// leaves reports in an apply whether its plan gives a record up.
func (h *handover) leaves(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gone[id] || h.earlier[id]
}

// passes reports in an apply whether another resource takes a record that is given
// up: then it is not deleted.
func (h *handover) passes(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return (h.gone[id] || h.earlier[id]) && h.wanted[id]
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
	for _, file := range h.files() {
		keys := readJournal(file)
		if left := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return strings.TrimPrefix(key, wantedPrefix) == id }); len(left) < len(keys) {
			writeJournal(file, left)
		}
	}
}
