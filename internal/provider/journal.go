package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// journal remembers on disk which records are being made, so that a process that
// is killed before Cloudflare's answer reaches the state leaves word of them: the
// next one then knows a record that it finds for its own, where it would else
// have to refuse it as somebody's.
//
// It lives in Terraform's data folder, a file a process with hashes of what is
// under way or was a moment ago: the answer still has to reach the state. The
// next refresh, which sees it there, strikes it out. Where there is no such
// folder, nothing is remembered.
type journal struct {
	mu      sync.Mutex
	own     string               // this process's file
	pending map[string]time.Time // when it was made; zero = not yet
	left    map[string]string    // by earlier processes: the file that says so
}

// arrival is how long an answer may take from here to the state.
const arrival = 2 * time.Second

const journalPattern = "launchready-pending-*.json"

// openJournal reads what earlier processes have left. Nothing is written yet.
func openJournal() *journal {
	dir := dataDir()
	j := &journal{pending: map[string]time.Time{}, left: map[string]string{}}
	j.own = filepath.Join(dir, "launchready-pending-"+rand.Text()+".json")
	files, _ := filepath.Glob(filepath.Join(dir, journalPattern)) // the pattern is well formed
	for _, file := range files {
		for _, key := range readJournal(file) {
			j.left[key] = file
		}
	}
	return j
}

// dataDir is where Terraform keeps what belongs to a working directory
// (https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_data_dir).
func dataDir() string {
	if dir := os.Getenv("TF_DATA_DIR"); dir != "" {
		return dir
	}
	return ".terraform"
}

func readJournal(file string) []string {
	var keys []string
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &keys) != nil {
		return nil // as good as none
	}
	return keys
}

func journalKey(zoneID, what string) string {
	sum := sha256.Sum256([]byte(zoneID + " " + what))
	return hex.EncodeToString(sum[:])
}

// begin says that a thing is going to be made.
func (j *journal) begin(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for other, made := range j.pending {
		if !made.IsZero() && time.Since(made) > arrival {
			delete(j.pending, other)
		}
	}
	j.pending[key] = time.Time{}
	writeJournal(j.own, sortedKeys(j.pending))
}

// made says that it was, and that the answer is on its way to the state.
func (j *journal) made(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending[key] = time.Now()
}

// end says that there is nothing to remember: it was not made, or the state
// holds it.
func (j *journal) end(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.pending[key]; ok {
		delete(j.pending, key)
		writeJournal(j.own, sortedKeys(j.pending))
	}
	file, ok := j.left[key]
	if !ok {
		return
	}
	delete(j.left, key)
	var others []string
	for other, in := range j.left {
		if in == file {
			others = append(others, other)
		}
	}
	writeJournal(file, others)
}

// interrupted reports whether an earlier process was making a thing and never
// learned what became of it.
func (j *journal) interrupted(key string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, ok := j.left[key]
	return ok
}

// writeJournal replaces a file, or takes it away where there is nothing to say.
// A journal that cannot be written is no reason not to make the record.
func writeJournal(file string, keys []string) {
	if len(keys) == 0 {
		_ = os.Remove(file)
		return
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return
	}
	if os.WriteFile(file+".new", text, 0o600) == nil {
		_ = os.Rename(file+".new", file)
	}
}
