package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a plan gives up is known to the apply of the same run, whichever of its
// processes said so, and to one of a saved plan, until it has been taken; that it is
// taken is known to the same run alone.
func TestHandover(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TF_DATA_DIR", dir)
	id, other, third := strings.Repeat("a", 32), strings.Repeat("b", 32), strings.Repeat("c", 32)
	plan := openHandover()
	plan.plans()
	plan.leave(id)
	plan.leave("rules of a zone")
	plan.want(id)
	plan.want(other)
	as := func(h *handover, run string) { // says that another run, or another process of this one, has written it
		t.Helper()
		if err := os.Rename(h.file, filepath.Join(dir, "launchready-leaving-"+run+".1.json")); err != nil {
			t.Fatal(err)
		}
	}
	as(plan, plan.run)
	alias := openHandover()
	alias.leave(third)
	same := openHandover()
	if !same.leaves(id) || !same.leaves(third) || !same.leaves("rules of a zone") || !same.passes(id) || same.leaves(other) || same.passes(other) {
		t.Errorf("the same run knows %+v", same)
	}
	if keys := readJournal(alias.file); len(keys) != 1 {
		t.Errorf("a process writes what another has said: %q", keys)
	}
	if err := os.Remove(alias.file); err != nil {
		t.Fatal(err)
	}
	plan.file = filepath.Join(dir, "launchready-leaving-"+plan.run+".1.json")
	as(plan, "1")

	later := openHandover()
	later.plans() // what is planned in an apply is no plan of the run
	if later.leaves(id) {
		t.Error("what an earlier run gives up counts while another plan is made")
	}
	later.applies()
	if !later.leaves(id) || later.passes(id) || later.leaves("rules of a zone") {
		t.Errorf("a later run knows %+v", later)
	}
	planned := openHandover()
	planned.applies()
	if planned.leaves(id) {
		t.Error("what an earlier run gives up counts in the apply of a run that has planned itself")
	}
	later.leave(other)
	later.took(id)
	if again := openHandover(); again.leaves(id) || !again.leaves(other) {
		t.Errorf("after it was taken a run knows %+v", again)
	}

	// Of two earlier runs the last counts.
	as(later, "2")
	before := time.Now().Add(-time.Minute)
	first := filepath.Join(dir, "launchready-leaving-1.1.json")
	writeJournal(first, []string{plannedKey, third})
	if err := os.Chtimes(first, before, before); err != nil {
		t.Fatal(err)
	}
	last := openHandover()
	last.applies()
	if last.leaves(third) || !last.leaves(other) {
		t.Errorf("after two runs a third knows %+v", last)
	}

	old := time.Now().Add(-2 * handoverAge)
	for _, file := range later.files() {
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	again := openHandover()
	again.applies()
	if again.leaves(other) || len(again.files()) > 0 {
		t.Errorf("an old file counts: %+v", again)
	}
}
