// Package runbook writes the handbook that a client's desk helps members by: a
// folder of Markdown, sound or with faults.
package runbook

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Plant is something in the runbook: a fault, or a way in which a sound one
// differs from what a check may expect.
type Plant string

const (
	Missing        Plant = "missing"          // there is no file
	Short          Plant = "short"            // a page of a few lines
	ResetsMissing  Plant = "resets_missing"   // nothing about resets
	RefundsMissing Plant = "refunds_missing"  // nothing about refunds
	InvitesMissing Plant = "invites_missing"  // nothing about invites
	LoginsMissing  Plant = "logins_missing"   // nothing about failed log-ins
	NobodyAnswers  Plant = "escalate_missing" // nothing about escalation
	OwnerMissing   Plant = "owner_missing"    // refunds have no owner
	ContactMissing Plant = "contact_missing"  // refunds have no contact
	StepsMissing   Plant = "steps_missing"    // resets have no steps
	TimeMissing    Plant = "time_missing"     // invites have no time
	WhenMissing    Plant = "when_missing"     // nothing says when log-ins are escalated
	Placeholder    Plant = "placeholder"      // a name is to be filled in
	Todo           Plant = "todo"             // a line is to be written
	ExampleContact Plant = "example_contact"  // a contact at example.com
	ByHand         Plant = "by_hand"          // a step in SQL
	Editor         Plant = "editor"           // a step in a table editor
	Secret         Plant = "secret"           // a token in a step
	DeadLink       Plant = "dead_link"        // a page that does not exist
	DeadHost       Plant = "dead_host"        // a host that does not exist
	DeadAnchor     Plant = "dead_anchor"      // a heading that does not exist
	ClearLink      Plant = "clear_link"       // http:
	NoMailHost     Plant = "null_mx"          // a contact whose domain takes no mail
	NoDomain       Plant = "no_domain"        // a contact whose domain does not exist
	Undated        Plant = "undated"          // no date of review
	Stale          Plant = "stale"            // reviewed half a year ago
	Future         Plant = "future"           // reviewed next month
	Founder        Plant = "founder"          // one person for all
	OneLevel       Plant = "one_level"        // one level of escalation
	OfficeHours    Plant = "office_hours"     // nothing about nights

	Synonyms Plant = "trap_synonyms" // topics under other words
	Bold     Plant = "trap_bold"     // lines in bold for headings
	Table    Plant = "trap_table"    // topics as rows of a table
	German   Plant = "trap_german"   // another language
	InCode   Plant = "trap_code"     // placeholders in code
	Office   Plant = "trap_office"   // links that do not tell
)

// Token is what is planted as a secret. It is made up, and put together so that no
// scanner takes this file for a leak.
const Token = "gh" + "p_" + "7Kq2Xw9Lz4Tc6Vm1Nk8Rs3Hd5Jf0Gp7aYbQe"

// Folder is a runbook on disk. Its methods are safe for concurrent use.
type Folder struct {
	path, domain string
	now          time.Time

	mu sync.Mutex
	on map[Plant]bool
}

// New writes a sound runbook into a folder that need not exist.
func New(path, domain string) (*Folder, error) {
	f := &Folder{path: path, domain: domain, now: time.Now(), on: map[Plant]bool{}}
	return f, f.write()
}

// Path is the folder.
func (f *Folder) Path() string { return f.path }

// Set puts a plant in or takes it out.
func (f *Folder) Set(p Plant, on bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on[p] = on
	return f.write()
}

// write makes all files as they are to be now.
func (f *Folder) write() error {
	if err := os.RemoveAll(f.path); err != nil {
		return err
	}
	if f.on[Missing] {
		return nil
	}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	reviewed := f.now.AddDate(0, 0, -20)
	switch {
	case f.on[Stale]:
		reviewed = f.now.AddDate(0, -6, 0)
	case f.on[Future]:
		reviewed = f.now.AddDate(0, 1, 0)
	}
	fill := strings.NewReplacer("{domain}", f.domain, "{date}", reviewed.UTC().Format(time.DateOnly))
	for name, text := range f.shaped(f.faulty(f.sound())) {
		if err := os.WriteFile(filepath.Join(f.path, name), []byte(fill.Replace(text)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// sound are the files, without topics that are to be missing.
func (f *Folder) sound() map[string]string {
	unless := func(p Plant, text string) string {
		if f.on[p] {
			return ""
		}
		return text
	}
	files := map[string]string{
		"README.md":  readme,
		"members.md": "# Getting in\n\n" + unless(ResetsMissing, resets) + unless(InvitesMissing, invites) + unless(LoginsMissing, logins),
	}
	if !f.on[RefundsMissing] {
		files["money.md"] = money
	} else {
		files["README.md"] = strings.Replace(files["README.md"], "| [Money](money.md#refunds) | paying back |\n", "", 1)
	}
	if !f.on[NobodyAnswers] {
		files["escalation.md"] = escalation
	} else {
		files["README.md"] = strings.Replace(files["README.md"], "| [Escalation](escalation.md#who-answers) | when the desk cannot help |\n", "", 1)
	}
	if f.on[Short] {
		return map[string]string{"README.md": "# Support\n\nLast reviewed: {date}\n\nAsk Noor.\n"}
	}
	return files
}

// faulty changes the texts as faults say.
func (f *Folder) faulty(files map[string]string) map[string]string {
	change := func(p Plant, name, old, with string) {
		if f.on[p] {
			files[name] = strings.Replace(files[name], old, with, 1)
		}
	}
	change(OwnerMissing, "money.md", "**Owner:** Ines Moreau, membership office\n", "")
	change(ContactMissing, "money.md", "**Contact:** money@{domain}\n", "")
	change(StepsMissing, "members.md", resets, "## Password resets\n\n**Owner:** Member desk\n**Contact:** desk@{domain}\n**Expected time:** 20 minutes\n\nSee what can be done. Escalate to the operator on call when nothing can.\n\n")
	change(TimeMissing, "members.md", "**Expected time:** 4 hours\n", "")
	change(WhenMissing, "members.md", "Escalate to the operator on call when more than three members cannot sign in.\n", "")
	change(Placeholder, "money.md", "Ines Moreau, membership office", "Ines Moreau, or <name> when she is away")
	change(Todo, "escalation.md", "## What to do\n", "## What to do\n\nTODO: what the lawyers say.\n")
	change(ExampleContact, "members.md", "desk@{domain}", "desk@{domain}, or help@example.com")
	change(ByHand, "members.md", "3. Confirm the address by phone", "3. Run `psql portal` and there\n\n   ```sql\n   update members set verified = true where email = 'the address';\n   ```\n4. Confirm the address by phone")
	change(Editor, "money.md", "3. Pay it back", "3. Set the invoice to refunded in the database.\n4. Pay it back")
	change(Secret, "members.md", "1. Ask what the page says, word by word.", "1. Ask what the page says. The log is read with the token "+Token+" if need be.")
	change(DeadLink, "money.md", "1. Find the invoice by its number.", "1. Find the [invoice](https://portal.{domain}/help/invoices) by its number.")
	change(DeadHost, "money.md", "1. Find the invoice by its number.", "1. Find the [invoice](https://invoices.{domain}/) by its number.")
	change(DeadAnchor, "README.md", "money.md#refunds", "money.md#paying-back")
	change(ClearLink, "README.md", "https://portal.{domain}/status", "http://portal.{domain}/status")
	change(NoMailHost, "escalation.md", "ada@agency.example", "ada@old-desk.example")
	change(NoDomain, "escalation.md", "ada@agency.example", "ada@agencey-typo.example")
	change(Undated, "README.md", "last_reviewed: {date}\n", "")
	change(OneLevel, "escalation.md", "| 2 | Operator on call | ops@agency.example, +46 8 446 831 20 |\n| 3 | Ada Lindqvist, head of operations | ada@agency.example |\n\nOutside of office hours begin with level 2.", "Outside of office hours, too.")
	change(OneLevel, "escalation.md", "**Contact:** ops@agency.example\n", "**Contact:** desk@{domain}\n")
	change(OfficeHours, "escalation.md", "Outside of office hours begin with level 2.\n", "")
	if f.on[Founder] {
		all := strings.NewReplacer("Member desk (Noor Haddad)", "Ada Lindqvist", "Ines Moreau, membership office", "Ada Lindqvist", "Ada Lindqvist, operations", "Ada Lindqvist",
			"desk@{domain}", "ada@agency.example", "money@{domain}", "ada@agency.example", "ops@agency.example", "ada@agency.example",
			"to the operator on call", "to Ada", "Member desk", "Ada Lindqvist", "Operator on call", "Ada Lindqvist, by phone", "Ada Lindqvist, head of operations", "Ada Lindqvist, at home")
		for name, text := range files {
			files[name] = all.Replace(text)
		}
	}
	return files
}

// shaped gives the sound runbook another shape, as traps say.
func (f *Folder) shaped(files map[string]string) map[string]string {
	switch {
	case f.on[German]:
		files = map[string]string{"handbuch.md": german}
	case f.on[Table]:
		files["members.md"] = table
		files["README.md"] = strings.Replace(files["README.md"], "| [Money](money.md#refunds) | paying back |\n", "", 1)
		delete(files, "money.md")
	case f.on[Bold]:
		for name, text := range files {
			files[name] = bold(text)
		}
	case f.on[Synonyms]:
		for name, text := range files {
			files[name] = synonyms.Replace(text)
		}
	}
	if f.on[InCode] {
		files["notes.md"] = code
	}
	if f.on[Office] {
		files["tools.md"] = office
	}
	return files
}
