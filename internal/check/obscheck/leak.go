package obscheck

import (
	"regexp"
	"sync"
)

// inside are signs of a program's inside in an answer to a person.
var inside = sync.OnceValue(func() []struct {
	what string
	form *regexp.Regexp
} {
	type sign = struct {
		what string
		form *regexp.Regexp
	}
	return []sign{
		{"a stack trace", regexp.MustCompile(`goroutine \d+ \[|Traceback \(most recent call last\)|(?m)^\s+at (?:[\w$.<>]+\(|(?:async )?[\w$.<> \[\]]+ \(?(?:file://|node:|/|[A-Z]:\\|webpack))|\bat [\w.$]+\([\w]+\.java:\d+\)|#\d+ (?:/|[A-Z]:\\)[^\s]*\.php\(\d+\)|\.rb:\d+:in ['` + "`" + `]|System\.[\w.]*Exception: `)},
		{"SQL or an error of the database", regexp.MustCompile(`\b(?:SELECT\s+[\w*",.\s]{1,200}\s+FROM\s+\S|(?i:select\s+(?:\*|[\w"]+\.[\w"]+|[\w"]+\s*,)[^<]{0,200}?\sfrom\s)|(?i:INSERT\s+INTO\s+\S+\s*\()|UPDATE\s+\S+\s+SET\s+\S|DELETE\s+FROM\s+\S+)|SQLSTATE\[|ORA-\d{5}|PG::\w+Error|pq: |psycopg2\.|SQLITE_(?:ERROR|CONSTRAINT)|You have an error in your SQL syntax|duplicate key value violates`)},
		{"a path of the server", regexp.MustCompile(`(?:/(?:srv|var/www|usr/src|home/[\w.-]+|app|opt|workspace|var/task)/[\w./-]+\.(?:go|py|js|mjs|ts|tsx|rb|php|java|cs|ex|exs)\b)|[A-Z]:\\(?:inetpub|Users|www|src)\\[\w\\.-]+`)},
	}
})

// leak looks at what the provoked errors were answered with.
func (t *trial) leak(reason string) {
	subject := t.drill.Name
	if reason != "" {
		t.report.Inconclusive(ruleLeak, subject, reason)
		return
	}
	errors := false
	for _, x := range t.answers {
		if x.Status < 500 {
			continue
		}
		errors = true
		for _, sign := range inside() {
			if sign.form.Match(x.Body) {
				t.report.Fail(ruleLeak, subject, "the answer to the error shows "+sign.what)
				return
			}
		}
	}
	switch {
	case len(t.answers) == 0:
		t.report.Inconclusive(ruleLeak, subject, "the drill was not made, for none of its signals could be read")
	case !errors:
		t.report.NotApplicable(ruleLeak, subject, "no answer was an error of the server")
	default:
		t.report.Pass(ruleLeak, subject, "the answer to the error shows nothing of the inside")
	}
}
