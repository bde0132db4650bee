package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a plan gives up is known to the apply of the same run and to one of a saved
// plan, until it has been taken; that it is taken is known to the same run alone.
func TestHandover(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TF_DATA_DIR", dir)
	id, other := strings.Repeat("a", 32), strings.Repeat("b", 32)
	plan := openHandover()
	plan.leave(id)
	plan.leave("rules of a zone")
	plan.want(id)
	plan.want(other)
	same := openHandover()
	if !same.leaves(id) || !same.leaves("rules of a zone") || !same.passes(id) || same.leaves(other) || same.passes(other) {
		t.Errorf("the same run knows %+v", same)
	}
	if err := os.Rename(plan.file, filepath.Join(dir, "launchready-leaving-1.json")); err != nil {
		t.Fatal(err)
	}
	later := openHandover()
	if !later.leaves(id) || later.passes(id) || later.leaves("rules of a zone") {
		t.Errorf("a later run knows %+v", later)
	}
	later.leave(other)
	later.took(id)
	if again := openHandover(); again.leaves(id) || !again.leaves(other) {
		t.Errorf("after it was taken a run knows %+v", again)
	}
	old := time.Now().Add(-2 * handoverAge)
	for _, file := range later.files() {
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if again := openHandover(); again.leaves(other) || len(again.files()) > 0 {
		t.Errorf("an old file counts: %+v", again)
	}
}
