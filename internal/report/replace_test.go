package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/report"
)

// What is said names what the caller wrote, and never the file that is written first.
func TestReplaceSaysWhatIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	folder, file := filepath.Join(dir, "folder.md"), filepath.Join(dir, "file.md")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := report.Replace(file, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		folder:                             "folder.md is a folder",
		filepath.Join(dir, "none", "x.md"): "there is no folder",
		filepath.Join(file, "x.md"):        "file.md is no folder",
		filepath.Join(dir, "file.md"):      "",
	} {
		err := report.Replace(name, []byte("y"))
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ".launchready-")) {
			t.Errorf("%s: %v, not %q", name, err, want)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".launchready-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
