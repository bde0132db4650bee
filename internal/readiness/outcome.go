package readiness

// What a scorecard says beyond the gate: where each point went, which launch
// criteria and deliverables hold by evidence, what the work is, what expires,
// and what changed. None of it decides the gate.

// ScoreLine traces what one rule takes from the score of its area. A rule on
// many subjects is one line: that of its worst subject.
type ScoreLine struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Status   Status   `json:"status"`
	Subject  string   `json:"subject"`  // the worst; empty if no check was there to decide it
	Subjects int      `json:"subjects"` // how many it was decided on; 0 if no check was there
	Possible int      `json:"possible"` // weight, doubled so that a waiver's half is whole
	Lost     int      `json:"lost"`     // of Possible
}

// ScoreBasis traces the score of the whole: the mean of the areas that count,
// held down by the worst of them.
type ScoreBasis struct {
	Areas     int  `json:"areas"`                // how many count: those required and those with evidence
	Mean      int  `json:"mean"`                 // of their scores
	Limit     int  `json:"limit"`                // the worst one's score + 30, at most 100
	LimitedBy Area `json:"limited_by,omitempty"` // that area, if it holds the score down
}

// Criterion is one of the eight launch criteria, L1 to L8.
type Criterion struct {
	ID       string   `json:"id"` // "L1"
	Title    string   `json:"title"`
	Status   Status   `json:"status"`   // pass, waived, fail or inconclusive; not_applicable if its area is not required and nothing was checked
	Evidence int      `json:"evidence"` // findings that speak for it
	Against  []string `json:"against"`  // ids of the rules that stand against it, sorted
	Missing  []string `json:"missing"`  // rules, or patterns of them, one of which would have to pass and none did
}

// Deliverable is one of the 13 that a launch report ticks off.
type Deliverable struct {
	ID       string   `json:"id"` // "dns_cleanup"
	Title    string   `json:"title"`
	Done     bool     `json:"done"`     // only by evidence: what it rests on passed, and nothing stands against it or is waived
	Status   Status   `json:"status"`   // pass, fail, inconclusive, waived; not_applicable if nothing was checked
	Evidence []string `json:"evidence"` // ids of the rules that passed, sorted
	Against  []string `json:"against"`  // ids of the rules that stand against it, sorted
	Missing  []string `json:"missing"`  // rules, or patterns of them, one of which would have to pass and none did
}

// Range is an estimate in hours, or in money.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Task is one root cause to mend: a rule and a remedy on some subjects.
type Task struct {
	Rule        string   `json:"rule"`  // the worst, if one cause keeps several from being tested
	Rules       []string `json:"rules"` // all of them, sorted
	Area        Area     `json:"area"`
	Severity    Severity `json:"severity"`
	Status      Status   `json:"status"` // fail, or inconclusive: it must be made testable first
	Blocks      bool     `json:"blocks"` // whether it stands against the launch
	Title       string   `json:"title"`  // what is wrong
	Remedy      string   `json:"remedy"`
	Subjects    []string `json:"subjects"` // sorted
	Hours       Range    `json:"hours"`
	Cost        *Range   `json:"cost,omitempty"` // with an hourly rate
	Exposure    string   `json:"exposure"`       // who can make use of it: anonymous, member or staff
	Risk        float64  `json:"risk"`           // severity weight x exposure / hours: what comes first
	Deliverable string   `json:"deliverable"`    // id of the deliverable that it belongs to; may be empty
}

// Sprint is a stream of work with its window in hours after the start.
type Sprint struct {
	ID       string  `json:"id"` // "dns"
	Title    string  `json:"title"`
	Window   *Window `json:"window"` // null: not in the 48 hours
	Hours    Range   `json:"hours"`
	Cost     *Range  `json:"cost,omitempty"`
	Tasks    []Task  `json:"tasks"` // blockers first, then by risk
	Blocking int     `json:"blocking"`
}

// Window is from when to when, in hours after the start.
type Window struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// WorkPlan is what has to be done, in the order in which it is best done.
type WorkPlan struct {
	Sprints        []Sprint `json:"sprints"` // those with tasks alone
	Hours          Range    `json:"hours"`
	HourlyRate     float64  `json:"hourly_rate,omitempty"`
	Cost           *Range   `json:"cost,omitempty"`
	Recommendation string   `json:"recommendation"` // one sentence: launch, sprint, or a senior engineer first
}

// Expiry is a waiver or an attestation that counts until a day.
type Expiry struct {
	Kind     string `json:"kind"` // waiver or attestation
	Rule     string `json:"rule"`
	Subject  string `json:"subject,omitempty"`  // pattern of a waiver
	Text     string `json:"text"`               // a waiver's reason, an attestation's statement
	Evidence string `json:"evidence,omitempty"` // an attestation's
	Owner    string `json:"owner"`
	Expires  string `json:"expires"` // its last day, 2027-01-31
}

// Changes is what differs from an earlier scorecard of the same launch.
type Changes struct {
	Since      string    `json:"since,omitempty"` // when the earlier one was made, RFC 3339; empty if it does not say
	Gate       Gate      `json:"gate"`            // the earlier gate
	Score      int       `json:"score"`           // the earlier score
	Comparable bool      `json:"comparable"`      // whether both scores follow the same catalogue
	Mended     []Finding `json:"mended"`          // stood then, do not stand now and are decided; as they stood
	New        []Finding `json:"new"`             // stand now, were not there then
	StillOpen  []Finding `json:"still_open"`      // there in both, and not waived in both; as they are now
	Gone       []Finding `json:"gone"`            // stood then, and are no longer checked: nothing says that they are mended
	ChecksGone []Checked `json:"checks_gone"`     // were there then, and are not now
}
