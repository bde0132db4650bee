package secretscan

// Bounds of what is read.
const (
	// MaxFile is how much of one file is read; of a longer one the rest is not,
	// and that is said.
	MaxFile = 64 << 20
	// maxFiles is how many files of one folder are read.
	maxFiles = 200_000
	// maxElsewhere is how many commits are named for one secret.
	maxElsewhere = 50
)

// Report is what a scan found and what it could not see.
type Report struct {
	Findings []Finding
	// Gaps are what was not read and should have been: a scan that has one shows
	// no absence. Sorted.
	Gaps []string
	// Notes count what is left out by design, for people.
	Notes map[string]int
}

func (r *Report) note(name string, n int) {
	if n == 0 {
		return
	}
	if r.Notes == nil {
		r.Notes = map[string]int{}
	}
	r.Notes[name] += n
}
