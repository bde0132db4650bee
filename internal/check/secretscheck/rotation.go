package secretscheck

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// planAge is how old a rotation, or the statement about it, may be.
const planAge = 180 * 24 * time.Hour

// maxPlan is how long a document may be, in bytes.
const maxPlan = 4 << 20

// planned is one secret of a rotation plan.
type planned struct{ secret, owner, date string }

// rotation judges the plan by which secrets are rotated.
func (s *session) rotation() {
	const subject = "rotation plan"
	r := s.spec.Rotation
	switch {
	case r == nil:
		s.report.Undecided(ruleRotation, subject, "nobody has said how secrets are rotated: rotation is not set")
		return
	case r.Document == "":
		switch age := s.prober.Now().Sub(r.Date); {
		case age > planAge:
			s.report.Fail(ruleRotation, subject, "the statement is older than 180 days")
		case age < -24*time.Hour:
			s.report.Fail(ruleRotation, subject, "the statement is dated in the future")
		default:
			s.report.Pass(ruleRotation, subject, fmt.Sprintf("%s (%s, %s, %s)", r.Statement, r.Owner, r.Date.Format(time.DateOnly), r.Evidence))
		}
		return
	}
	rows, err := readPlan(r.Document)
	if err != nil {
		s.missed(subject, err.Error())
		s.report.InconclusiveAs(ruleRotation, subject, err.Error(), "Name a document that can be read in rotation.document: Markdown or CSV with a table, or YAML with a list.")
		return
	}
	var wrong []string
	for _, row := range rows {
		if reason := row.wrong(s.prober.Now()); reason != "" {
			wrong = append(wrong, row.secret+" "+reason)
		}
	}
	slices.Sort(wrong)
	switch {
	case len(rows) == 0:
		s.report.Fail(ruleRotation, subject, "the document has no table with the columns secret, owner and date")
	case len(wrong) > 0:
		s.report.Fail(ruleRotation, subject, strings.Join(wrong[:min(len(wrong), 10)], "; "))
	case len(s.kinds) > len(rows):
		s.report.Fail(ruleRotation, subject, "the plan lists fewer secrets than kinds of them were found")
	default:
		s.report.Pass(ruleRotation, subject, "every secret of the plan has an owner and a date of the last 180 days or to come")
	}
}

// wrong says what a row lacks; "" if nothing.
func (p planned) wrong(now time.Time) string {
	if p.owner == "" || p.owner == "-" || strings.EqualFold(p.owner, "tbd") || strings.EqualFold(p.owner, "todo") {
		return "has no owner"
	}
	for _, layout := range []string{time.DateOnly, "2006/01/02", "02.01.2006", "2 Jan 2006", "Jan 2, 2006", time.RFC3339} {
		if at, err := time.Parse(layout, p.date); err == nil {
			if now.Sub(at) > planAge {
				return "was rotated more than 180 days ago"
			}
			return ""
		}
	}
	return "has no date such as 2027-01-31"
}

// readPlan reads the rows of a document by its extension.
func readPlan(name string) ([]planned, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, errors.New("the rotation plan does not exist or cannot be read")
	case !info.Mode().IsRegular() || info.Size() > maxPlan:
		return nil, errors.New("the rotation plan is no file, or longer than 4 MiB")
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, errors.New("the rotation plan cannot be read")
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return planYAML(raw)
	case ".csv":
		text := strings.TrimPrefix(string(raw), "\ufeff")
		r := csv.NewReader(strings.NewReader(text))
		if head, _, _ := strings.Cut(text, "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
			r.Comma = ';' // as spreadsheets write it where the comma is the decimal mark
		}
		r.FieldsPerRecord, r.TrimLeadingSpace, r.LazyQuotes = -1, true, true
		rows, err := r.ReadAll()
		if err != nil {
			return nil, errors.New("the rotation plan is no CSV")
		}
		return table(rows), nil
	}
	return planMarkdown(string(raw)), nil
}

// planMarkdown reads the tables of a Markdown text (GitHub's extension).
func planMarkdown(text string) []planned {
	var out []planned
	var rows [][]string
	end := func() {
		out = append(out, table(rows)...)
		rows = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.Contains(line, "|") {
			end()
			continue
		}
		if strings.Trim(line, "|-: \t") == "" { // the line below the heads
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`*_")
		}
		rows = append(rows, cells)
	}
	end()
	return out
}

// table reads rows below a head that names the columns.
func table(rows [][]string) []planned {
	if len(rows) < 2 {
		return nil
	}
	column := map[string]int{}
	for i, head := range rows[0] {
		if name := columnName(head); name != "" {
			if _, twice := column[name]; !twice {
				column[name] = i
			}
		}
	}
	if len(column) < 3 {
		return nil
	}
	var out []planned
	for _, row := range rows[1:] {
		cell := func(name string) string {
			if i := column[name]; i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if p := (planned{cell("secret"), cell("owner"), cell("date")}); p.secret != "" {
			out = append(out, p)
		}
	}
	return out
}

// columnName tells what a column is by its head.
func columnName(head string) string {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(head), "`*_")) {
	case "secret", "secrets", "key", "name", "credential", "what":
		return "secret"
	case "owner", "responsible", "responsible person", "who", "team":
		return "owner"
	case "date", "rotated", "last rotated", "last_rotated", "last rotation", "rotated at", "rotated_at", "rotated on", "rotated_on", "last_rotation", "lastrotated", "last rotated at", "last_rotated_at", "last rotated on", "next_rotation_due", "due", "next", "next rotation", "next_rotation", "when":
		return "date"
	}
	return ""
}

// planYAML reads a list of objects, or an object that holds one.
func planYAML(raw []byte) ([]planned, error) {
	var doc any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, errors.New("the rotation plan is no YAML")
	}
	if m, ok := doc.(map[string]any); ok {
		doc = byName(m)
		for _, name := range []string{"secrets", "rotation", "rotations", "plan", "keys"} {
			switch inner := m[name].(type) {
			case []any:
				doc = inner
			case map[string]any:
				doc = byName(inner)
			default:
				continue
			}
			break
		}
	}
	list, _ := doc.([]any)
	var out []planned
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			continue
		}
		var p planned
		for key, value := range m {
			text := fmt.Sprint(value)
			if at, ok := value.(time.Time); ok {
				text = at.Format(time.DateOnly)
			}
			switch columnName(key) {
			case "secret":
				p.secret = text
			case "owner":
				p.owner = text
			case "date":
				p.date = text
			}
		}
		if p.secret != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// byName turns an object of objects, each under the name of a secret, into a list.
func byName(m map[string]any) []any {
	var out []any
	for name, value := range m {
		if one, ok := value.(map[string]any); ok {
			row := map[string]any{"secret": name}
			for key, v := range one {
				if columnName(key) != "secret" {
					row[key] = v
				}
			}
			if len(row) > 1 {
				out = append(out, row)
			}
		}
	}
	return out
}
