package supportcheck

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// translated are the words for the topics of runbooks in other languages, by
// file of testdata/sound.
var translated = map[string]map[string][]string{
	"german.md":  {"resets": {"Passwort*"}, "refunds": {"Erstattung"}, "invites": {"Einladung"}, "failed_logins": {"Anmeldung"}, "escalation": {"Eskalation"}},
	"french.md":  {"resets": {"Mot de passe"}, "refunds": {"Rembours"}, "invites": {"Invitation"}, "failed_logins": {"*connexion"}, "escalation": {"Escalade"}},
	"spanish.md": {"resets": {"contraseña"}, "refunds": {"Reembolso"}, "invites": {"Invitacion"}, "failed_logins": {"iniciar sesión"}, "escalation": {"Escalado"}},
	"dutch.md":   {"resets": {"Wachtwoord"}, "refunds": {"Terugbetaling"}, "invites": {"Uitnodiging"}, "failed_logins": {"Inloggen"}, "escalation": {"Escalatie"}},
}

// Runbooks as other tools and other people write them pass.
func TestSoundElsewhere(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("testdata/sound")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			r := judge(t, nil, Spec{Runbook: filepath.Join("testdata/sound", e.Name()), Topics: translated[e.Name()]})
			if got := wrong(r); len(got) > 0 {
				t.Errorf("%q", got)
			}
		})
	}
}

// Each fault in one of them is found, and nothing besides.
func TestFaultsElsewhere(t *testing.T) {
	t.Parallel()
	const incomplete = "fail support.section_incomplete "
	for _, tt := range []struct{ file, from, to, want string }{
		{"notion.md", "| SLA | within one business day |\n", "", incomplete + "refunds"},
		{"dispatch.md", "2. **On-call engineer** – PagerDuty service [Portal](https://acme-care.pagerduty.com/services/PX1)\n3. **Platform lead** – platform@acme-care.io\n", "2. Wait\n3. Try again\n", "fail support.escalation_levels runbook"},
		{"dispatch.md", "| Care crew | [care@acme-care.io](mailto:care@acme-care.io) | 1 h |", "| Care crew | [care@acme-care.io](mailto:care@acme-care.io) | |", incomplete + "failed_logins"},
		{"dispatch.md", "4. Don't set a password for anybody. Don't open `psql`.", "4. If the link fails, open `psql` and clear the hash.", "fail support.manual_db dispatch.md"},
		{"dispatch.md", "(#refunds--billing)", "(#refund-billing-old)", "fail support.link_dead dispatch.md -> #refund-billing-old"},
		{"playbook.md", "**SLA:** within one business day\n", "", incomplete + "refunds"},
		{"playbook.md", "**Owner:** Finance\n", "", incomplete + "refunds"},
		{"playbook.md", "**SLA:** 1h\n", "", incomplete + "failed_logins"},
		{"playbook.md", "> Escalate to the CFO above € 5.000.", "> Amounts are in euros.", incomplete + "refunds"},
		{"playbook.md", "reviewed: 2026-11-20", "reviewed: 2026-06-20", "fail support.review_stale playbook.md"},
		{"playbook.md", "2. [ ] Make the credit note\n3. [ ] Inform the client\n", "", incomplete + "refunds"},
		{"details.md", "Owner: Accounting · Contact", "Contact", incomplete + "refunds"},
		{"details.md", " · Time: 3 days", "", incomplete + "refunds"},
		{"details.md", "<summary>Refund of a deposit</summary>", "<summary>Parking</summary>", "fail support.section.refunds refunds"},
		{"notion.md", "| SLA | 1h |\n", "", incomplete + "failed_logins"},
		{"notion.md", "| Contact | finance@northwind-club.org |\n", "", incomplete + "refunds"},
		{"notion.md", "| Owner | Finance (Priya) |", "| Owner |  |", incomplete + "refunds"},
		{"notion.md", "- [ ]  Confirm with the member that the mail arrived (check spam)\n- [ ]  Close the ticket with the tag `reset`\n", "", incomplete + "resets"},
		{"notion.md", "**Escalate when** the whole batch bounced.\n", "", incomplete + "invites"},
		{"notion.md", "# ✉️ Invites", "# ✉️ Newsletters", "fail support.section.invites invites"},
		{"notion.md", "Last reviewed: November 18, 2026", "Last reviewed: May 18, 2026", "fail support.review_stale notion.md"},
		{"notion.md", "Last reviewed: November 18, 2026\n", "", "fail support.review_stale runbook"},
		{"notion.md", "24/7, ", "", "fail support.escalation_levels runbook"},
		{"notion.md", "2. Page L2", "2. Open the Supabase table editor", "fail support.manual_db notion.md"},
		{"confluence.md", "**Responsible team:** Accounts Receivable\n", "", incomplete + "refunds"},
		{"confluence.md", "**Target response time:** 3 business days\n", "", incomplete + "refunds"},
		{"confluence.md", "**Escalation criteria:** amounts above 500 GBP, or a chargeback.\n", "", incomplete + "refunds"},
		{"confluence.md", "**Responsible team:** Accounts Receivable", "**Responsible team:** TBD", "fail support.placeholder confluence.md, " + incomplete + "refunds"},
		{"confluence.md", "12 Nov 2026              |\n| **App", "12 Feb 2026              |\n| **App", "fail support.review_stale confluence.md"},
		{"confluence.md", "(#MemberSupportHandbook-Refunds)", "(#MemberSupportHandbook-Returns)", "fail support.link_dead confluence.md -> #MemberSupportHandbook-Returns"},
		{"wiki/Refunds.md", "owner: Support crew\n", "", incomplete + "refunds"},
		{"wiki/Refunds.md", "contact: support@riverside.org\n", "", incomplete + "refunds"},
		{"wiki/Refunds.md", "*Response time: one working day*\n", "", incomplete + "refunds"},
		{"wiki/Refunds.md", "[Home](Home)", "[Home](House)", "fail support.link_dead Refunds.md -> House"},
		{"wiki/Escalation.md", "Outside office hours start with the second line.\n", "", "wiki"},
		{"tables.md", "| Refunds | Billing | billing@pinecrest.net |", "| Refunds | Billing | |", incomplete + "refunds"},
		{"tables.md", "| Refunds | Billing |", "| Refunds | - |", incomplete + "refunds"},
		{"tables.md", "<br>3. Mail the receipt", "", incomplete + "refunds"},
		{"tables.md", "| 2 days | above $300 |", "| | above $300 |", incomplete + "refunds"},
		{"tables.md", "| 2 days | above $300 |", "| 2 days | |", incomplete + "refunds"},
		{"tables.md", "Invites |", "Vouchers |", "fail support.section.invites invites"},
		{"bold.md", "Who: treasurer (treasurer@oakfieldtennis.club)\n", "", incomplete + "refunds"},
		{"bold.md", "How long: 5 working days\n", "", incomplete + "refunds"},
		{"bold.md", "3. Note it in the cash book.\n", "", incomplete + "refunds"},
		{"bold.md", "**3. Invitations**", "**3. Parcels**", "fail support.section.invites invites"},
		{"bold.md", "2. Chair: Ruth Meier, 0171 223 9914\n3. Hosting company: support@hostingfirm.net\n", "2. Wait\n3. Call again\n", "fail support.escalation_levels runbook"},
		{"numbered.md", "* Responsible: Accounting\n", "", incomplete + "refunds"},
		{"numbered.md", "* Resolution target: 5 business days\n", "", incomplete + "refunds"},
		{"numbered.md", "Escalation trigger: the credit note is above 1,000 EUR.\n", "", incomplete + "refunds"},
		{"numbered.md", "2. Prepare the credit note.", "2. Correct the amount directly in the database.", "fail support.manual_db numbered.md"},
		{"mkdocs.md", "**Owner**\n:   Billing crew\n", "", incomplete + "refunds"},
		{"mkdocs.md", "**Time to answer**\n:   1 business day\n", "", incomplete + "refunds"},
		{"mkdocs.md", "!!! danger \"Escalate\"\n    When the card was charged twice for more than one member.\n", "", incomplete + "refunds"},
		{"mkdocs.md", "review_date: 2026-11-10\n", "review_date: 2025-11-10\n", "fail support.review_stale mkdocs.md"},
		{"docusaurus.mdx", "Owner: Revenue ops  \n", "", incomplete + "refunds"},
		{"docusaurus.mdx", "Response: 1 business day\n", "", incomplete + "refunds"},
		{"docusaurus.mdx", ":::warning Escalate\nEscalate disputes to revenue ops lead.\n:::\n", "", incomplete + "refunds"},
		{"german.md", "**Verantwortlich:** Buchhaltung\n", "", incomplete + "refunds"},
		{"german.md", "**Bearbeitungszeit:** 3 Werktage\n", "", incomplete + "refunds"},
		{"german.md", "**Eskalation:** bei Beträgen über 200 Euro an die Leitung.\n", "", incomplete + "refunds"},
		{"german.md", "2. Betrag prüfen.", "2. Betrag direkt in der Datenbank korrigieren.", "fail support.manual_db german.md"},
		{"german.md", "3. November 2026", "3. März 2026", "fail support.review_stale german.md"},
		{"french.md", "- **Responsable** : trésorerie\n", "", incomplete + "refunds"},
		{"french.md", "- **Délai** : 3 jours ouvrés\n", "", incomplete + "refunds"},
		{"french.md", "Escalader si la banque conteste.\n", "", incomplete + "refunds"},
		{"french.md", "12 novembre 2026", "12 août 2025", "fail support.review_stale french.md"},
		{"spanish.md", "**Responsable:** tesorería\n", "", incomplete + "refunds"},
		{"spanish.md", "**Tiempo de respuesta:** 3 días hábiles\n", "", incomplete + "refunds"},
		{"spanish.md", "10 de noviembre de 2026", "10 de enero de 2026", "fail support.review_stale spanish.md"},
		{"dutch.md", "**Eigenaar:** penningmeester\n", "", incomplete + "refunds"},
		{"dutch.md", "**Reactietijd:** 3 werkdagen\n", "", incomplete + "refunds"},
		{"dutch.md", "Escaleren als de bank het betwist.\n", "", incomplete + "refunds"},
		{"readme.md", "_Owner: Billing · Contact", "_Contact", incomplete + "refunds"},
		{"readme.md", "2. Press \"Refund\".", "2. Mark it as refunded:\n\n   ```sh\n   docker compose exec db psql -U app -c \"update payments set refunded = true\"\n   ```\n", "fail support.manual_db readme.md"},
		{"html.md", "<tr><th>Owner</th><td>Cashier</td></tr>\n", "", incomplete + "refunds"},
		{"html.md", "<tr><th>Time</th><td>2 days</td></tr>\n", "", incomplete + "refunds"},
		{"html.md", "<li>Print the receipt.</li>\n", "", incomplete + "refunds"},
		{"html.md", "<li>Print the receipt.</li>\n", "<li>TODO</li>\n", "fail support.placeholder html.md"},
		{"html.md", "<p>Escalate above 50 dollars.</p>\n", "", incomplete + "refunds"},
		{"forbids.md", "1. Admin console → invoice → *Refund*.", "1. Run `UPDATE invoices SET refunded = true` for the invoice.", "fail support.manual_db forbids.md"},
		{"templates.md", "- ☎️ Contact: accounts@mill-gym.co.uk\n", "", incomplete + "refunds"},
		{"templates.md", "### When to escalate\n\nThe charge is older than 90 days.\n", "", incomplete + "refunds"},
		{"templates.md", "| 2 | IT partner | oncall@itpartner.co.uk | evenings, weekends |\n", "", "fail support.escalation_levels runbook"},
		{"reflinks.md", "**Target** 1 day", "", incomplete + "refunds"},
		{"reflinks.md", "_Escalate_: more than 100 €.\n", "", incomplete + "refunds"},
		{"prose.md", "If the payment is older than a year, ask the director.\n", "", incomplete + "refunds"},
		{"prose.md", "If the payment is older than a year, ask the director.\n", "If the payment is older than a year, ask the tenant for the receipt.\n", incomplete + "refunds"},
		{"nested.md", "  - Owner: Bursar\n", "", incomplete + "refunds"},
		{"nested.md", "  - Time: 3 days\n", "", incomplete + "refunds"},
		{"nested.md", "  - Escalate when: the fee is of last year\n", "", incomplete + "refunds"},
		{"nested.md", "**Invites**", "**Trips**", "fail support.section.invites invites"},
	} {
		t.Run(tt.file+" "+tt.from, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			name, _, isFolder := strings.Cut(tt.file, "/")
			if err := os.CopyFS(folder, os.DirFS("testdata/sound")); err != nil {
				t.Fatal(err)
			}
			place := filepath.Join(folder, filepath.FromSlash(tt.file))
			raw, err := os.ReadFile(place)
			if err != nil || !strings.Contains(string(raw), tt.from) {
				t.Fatalf("%v, or the text does not stand there", err)
			}
			write(t, place, strings.Replace(string(raw), tt.from, tt.to, 1))
			if !isFolder {
				name = tt.file
			}
			want := strings.Split(tt.want, ", ")
			if tt.want == "wiki" { // its front page speaks of nights, too
				want = []string{}
			}
			if got := wrong(judge(t, nil, Spec{Runbook: filepath.Join(folder, name), Topics: translated[name]})); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
