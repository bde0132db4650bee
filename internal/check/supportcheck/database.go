package supportcheck

import (
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

var (
	// written are statements as they stand in code, where case does not matter.
	written = lazy("(?is)\\bupdate\\s+[\\w.\"`\\[\\]]+\\s+set\\s|\\bdelete\\s+from\\s+[\\w.\"`]|\\binsert\\s+into\\s+[\\w.\"`]|\\b(?:truncate|drop|alter)\\s+table\\b|\\bdb\\.\\w+\\.(?:update|delete|insert|remove|replace|drop)\\w*\\(|\\bredis-cli\\b[^\\n]*\\s(?:del|unlink|set|mset|setex|hset|hdel|expire|persist|rename|flushall|flushdb)\\b")
	// spelled are statements within a sentence: "update the address and set a
	// reminder" is none.
	spelled = lazy(`\bUPDATE\s+\S+(?:\s+\S+)?\s+SET\b|\bUPDATE\b[ .…]+SET\b|\bDELETE\s+FROM\b|\bINSERT\s+INTO\b|\b(?:TRUNCATE|DROP|ALTER)\s+TABLE\b`)
	// clients are programs and pages by which rows are edited.
	clients = lazy(`(?i)\bpsql\b|\bmysql\s+-|\bmysql>|\bmongosh?\b(?:\s|$)|\bmongo(?:db)? (?:shell|compass)\b|\bsqlite3\s|\bphp\s?my\s?admin\b|\bpg\s?admin\b|\badminer\b|\bdbeaver\b|\btableplus\b|\bprisma studio\b|\bdrizzle studio\b` +
		`|\bsupabase\b.{0,30}\b(?:table editor|sql editor|studio)\b|\b(?:table|sql) editor\b|\b(?:rails|django) (?:console|shell|c\b)|\bmanage\.py (?:db)?shell\b|\bartisan tinker\b|\bdatabase console\b|\bfirestore console\b`)
	// inside is a change that is made in the database itself.
	edits  = lazy(`(?i)(?:^|[^\pL])(?:edit|chang|updat|set|delet|remov|insert|fix|correct|modif|alter|add|patch|flip|toggl|mark|adjust|overwrit|write|put|clear|unlock|activat|deactivat|ändern|ändere|lösch|setz|korrigier|bearbeit|corrig|modifi|supprim|cambi|borr|elimin)\pL*`)
	inside = lazy(`(?i)\b(?:in|into|from|directly (?:in|on)|on|(?:log|sign)(?:ging|ning)?[ -]?(?:in|on) ?to) (?:the |our |your |production |prod |live )*(?:database|db|datenbank)\b|\bin der (?:produktiv)?datenbank\b|\bdans la base de données\b|\ben la base de datos\b|\bnel database\b|\b(?:database|db)\b.{0,20}\b(?:by hand|manually)\b|\b(?:edit|change|update|modify|patch) the (?:production |live )?(?:database|db|table|row)s?\b` +
		`|\bdirectly (?:in|on|within) (?:the |our )?(?:postgres\w*|mysql|mariadb|mongo\w*|supabase|firestore|dynamodb)\b|\b(?:row|record|table|column)s?\b.{0,40}\b(?:in|on) (?:postgres\w*|mysql|mariadb|mongo\w*|supabase|firestore|dynamodb)\b`)
	// denied says that something is not to be done.
	denied = lazy(`(?i)\b(?:never|not|don['’]?t|doesn['’]?t|mustn['’]?t|cannot|can['’]?t|nobody|no one|none|no need|without|instead of|rather than|got rid of|avoid|forbidden|prohibited|refuse|no longer|nie|niemals|nicht|niemand|kein\w*|jamais|ne pas|personne|nunca|nadie|mai|nooit|niet|aldrig|inte|ikke)\b`)
	// refused is a sentence that begins with what there is not to be: "No psql."
	refused = lazy("^[\\s>*_`•❌🚫⛔]*(?:[Nn]o|NO|[Kk]ein\\w*|[Nn]ingún|[Aa]ucun)\\s")
	// development is a heading of what is done on the machine of a developer.
	development = lazy(`(?i)\b(?:local(?:ly)?|develop(?:ment|ing|ers?)|getting started|set-?up|install(?:ation|ing)?|contributing|quick ?start)\b`)
	// byTool says that a program does it, or that people do it by one.
	byTool = lazy(`(?i)\b(?:by|through|via|using) (?:the |an? |our |that |this )?(?:[\pL'’-]+ ){0,2}(?:form|console|page|api|back[- ]?office|portal|app|application|migrations?|button|product|command|system|webhook|job|worker)\b` +
		`|\b(?:the|our|each|every) (?:[\pL'’-]+ ){0,2}(?:console|portal|api|app|application|webhook|job|worker|system|server|service|product|button|form|command|deployment)\s+(?:then |also |only |itself |automatically )?(?:\pL+s|will|can)\b|\bmigrations? (?:change|alter|run|add|set)|^[\s\d.)*-]*(?:each|every|all|any) changes?\b`)
	// sentences ends one.
	sentences = lazy(`[.!?]\s+|\n`)
)

// database reports steps that change the database by hand. What the runbook
// forbids is no step.
func (s *session) database() {
	found := false
	for _, f := range s.book.Files {
		var all []place
		forbidden, below := false, 0 // within a section or a list of what is not to be done
		for i, b := range f.Blocks {
			switch b.Kind {
			case runbook.Heading, runbook.Bold:
				level := b.Level
				if b.Kind == runbook.Bold {
					level = boldLevel
				}
				if !forbidden || level <= below {
					forbidden, below = denied().MatchString(b.Text) || development().MatchString(b.Text) && len(about(s.topics, b.Text)) == 0, level
				}
			default:
				if what := byHand(b); what != "" && !forbidden && !introduced(f.Blocks, i) {
					all = append(all, place{b.Line, what})
				}
			}
		}
		if len(all) > 0 {
			found = true
			s.report.Fail(ruleDatabase, f.Name, "the database is changed by hand in "+tell(all))
		}
	}
	if !found {
		s.free(ruleDatabase, "no step changes the database by hand")
	}
}

// introduced reports whether what comes before a list, or before a block of code,
// says that it is not to be done: "Never:".
func introduced(blocks []runbook.Block, i int) bool {
	depth := blocks[i].Depth
	for j := i - 1; j >= 0; j-- {
		b := blocks[j]
		switch {
		case b.Kind == runbook.Heading || b.Kind == runbook.Bold:
			return false
		case b.Depth < depth || blocks[i].Kind == runbook.Code && b.Kind != runbook.Code:
			text := strings.TrimSpace(b.Text)
			return (strings.HasSuffix(text, ":") || blocks[i].Kind == runbook.Code) && denied().MatchString(lastSentence(text))
		case depth == 0:
			return false
		}
	}
	return false
}

func lastSentence(text string) string {
	parts := sentences().Split(text, -1)
	return parts[len(parts)-1]
}

// byHand says what of a block changes the database; empty if nothing does.
func byHand(b runbook.Block) string {
	if b.Kind == runbook.Code {
		if m := written().FindString(b.Text); m != "" {
			return quoted(m)
		}
		return quoted(clients().FindString(b.Text))
	}
	prose := strings.ReplaceAll(b.Text, "...", "…") // ends no sentence
	if b.Kind != runbook.Row {
		prose = strings.ReplaceAll(prose, "\n", " ")
	}
	for _, sentence := range sentences().Split(prose, -1) {
		if denied().MatchString(sentence) || refused().MatchString(sentence) {
			continue
		}
		m := spelled().FindString(sentence)
		if m == "" {
			m = clients().FindString(sentence)
		}
		if m == "" && edits().MatchString(sentence) && !byTool().MatchString(sentence) {
			m = inside().FindString(sentence)
		}
		if m == "" && b.Inline != "" {
			if code := written().FindString(b.Inline); code != "" && strings.Contains(sentence, strings.TrimSpace(code)) {
				m = code
			}
		}
		if m != "" {
			return quoted(m)
		}
	}
	return ""
}

// quoted is a piece of the text as a finding shows it.
func quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return ""
	}
	return "\"" + text + "\""
}
