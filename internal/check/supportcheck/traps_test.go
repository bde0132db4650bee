package supportcheck

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// What is a placeholder, a change by hand, or a contact, and what only looks so.
func TestLines(t *testing.T) {
	t.Parallel()
	const password = "fail support.secret_in_runbook runbook.md"
	const placeholder, database, contact = "fail support.placeholder runbook.md", "fail support.manual_db runbook.md", "fail support.contact_undeliverable "
	for line, want := range map[string]string{
		// Placeholders.
		"TODO: the number of the bank":           placeholder,
		"Call TBD.":                              placeholder,
		"FIXME":                                  placeholder,
		"The code is XXX.":                       placeholder,
		"Lorem ipsum dolor sit amet.":            placeholder,
		"Ask <name> for it.":                     placeholder,
		"Ask <your name> for it.":                placeholder,
		"Ask [insert name here] for it.":         placeholder,
		"Write to help@example.com.":             placeholder,
		"See [this](https://www.example.com/).":  placeholder,
		"Call 555-0123.":                         placeholder,
		"Call (212) 555-0123.":                   placeholder,
		"Write to jane@acme.example.":            placeholder,
		"<name>":                                 placeholder,
		"`user@example.com` is nobody.":          "",
		"```\nTODO <name> user@example.com\n```": "",
		"    TODO of code that is indented":      "",
		"<!-- TODO: for the authors -->":         "",
		"~~TODO~~":                               "",
		"Hay que revisar todo el proceso.":       "",
		"Open the member <id> there.":            "",
		"Press <kbd>F5</kbd>.<br>Then wait.":     "",
		"The size XXL is gone.":                  "",
		"Our host is example-cdn.acme.example.":  "",
		"The order 1555-1234 came.":              "",
		"- [ ] Tick it off.":                     "",
		"See [the name][1].\n\n[1]: /name":       "",
		"Dear {{first_name}}, thank you.":        "",
		"Insert the card.":                       "",
		"Jane Miller (jane.miller@acme.example)": "",

		"Owner: {{ owner }}":                     placeholder,
		"Contact: ${support_mail}":               placeholder,
		"It reads DATABASE_URL: ${DATABASE_URL}": "",
		"- **Owner:** [[owner]]":                 placeholder,
		"Write to changeme@acme.example.":        placeholder,
		"Greeting: Dear {{first_name}}, hello":   "",
		"Change me into a swan.":                 "",

		// Passwords in words.
		"Sign in as admin with the password `Tr0ub4dor&3x!9`.":        password,
		"Admin password: Winter2026!":                                 password,
		"| Password | x |\n| --- | --- |\n| Password: Abc12345 | b |": password,
		"The passphrase is \"horse7battery\".":                        password,
		"**Password:** Sommer2024":                                    password,
		"The PIN is \"4711\".":                                        password,
		"Use the API token: 9f8e7d6c5b4a39281706f5e4d3c2b1a0":         password,
		"The request id is 9f8e7d6c5b4a39281706f5e4d3c2b1a0.":         "",
		"Password: in 1Password, vault \"desk\".":                     "",
		"Password: see vault/desk/admin2":                             "",
		"Password: Bitwarden/Portal-2026":                             "",
		"Password: at least 12 characters":                            "",
		"Password: 12+ characters":                                    "",
		"The password is in `DESK_PASSWORD_2`.":                       "",
		"Set the password `{{password1}}` of the form.":               "",
		"Password resets: 15 minutes":                                 "",
		"Reset password: /members/17":                                 "",
		"Changed password: 2026-11-02":                                "",
		"Password: **********1":                                       "",
		"Click \"Reset password\", then \"Step2\".":                   "",

		// By hand.
		"Log in to the database and set the flag to true.":                                          database,
		"Errors while connecting to the database: change the size of the pool and set maintenance.": "",
		"Requests are logged to the database. Set the level to debug.":                              "",
		"Run `redis-cli DEL session:5` on the server.":                                              database,
		"Run `redis-cli ping` on the server.":                                                       "",
		"Nobody logs in to the database to set a flag.":                                             "",
		"Run `UPDATE members SET paid = true`.":                                                     database,
		"UPDATE ... SET the flag.":                                                                  database,
		"DELETE FROM sessions":                                                                      database,
		"```sql\ninsert into credits values (1);\n```":                                              database,
		"```\n$ psql production\n```":                                                               database,
		"Open mysql -u root and look.":                                                              database,
		"Start mongosh and unset the lock.":                                                         database,
		"Change the address in the database.":                                                       database,
		"Open the Supabase table editor.":                                                           database,
		"Use phpMyAdmin for it.":                                                                    database,
		"Open the Rails console.":                                                                   database,
		"Open the Django shell.":                                                                    database,
		"1. Set the flag directly in the production database.":                                      database,
		"Die Adresse in der Datenbank ändern.":                                                      database,
		"Requests to delete data from the database are made by the form \"Erase\".":                 "",
		"The console sets the flag in the database and writes a log.":                               "",
		"Every change is recorded in the database.":                                                 "",
		"Owner: John Doe":                                                                           placeholder,
		"Ask <owner name> for it.":                                                                  placeholder,
		"The number: ???":                                                                           placeholder,
		"Deputy: tbd":                                                                               placeholder,
		"The day: XX.XX.2026":                                                                       placeholder,
		"[todo]":                                                                                    placeholder,
		"To be defined.":                                                                            placeholder,
		"What is to be defined is said there.":                                                      "",
		"Quién lo hace: todo el equipo.":                                                            "",
		"Update the record directly in Postgres.":                                                   database,
		"Correct the row of the member in Supabase.":                                                database,
		"We got rid of phpMyAdmin.":                                                                 "",
		"No psql, no SQL editor.":                                                                   "",
		"1. Unlock the member by hand, in the database.":                                            database,
		"1. Delete the row from the db, then open the portal.":                                      database,
		"Never change anything in the database.":                                                    "",
		"Do not run psql on the live system.":                                                       "",
		"Nobody runs `UPDATE members SET paid = true`.":                                             "",
		"Use the page instead of phpMyAdmin.":                                                       "",
		"The token is kept in the database as a hash.":                                              "",
		"Update the address and set a reminder.":                                                    "",
		"Delete from the list whoever asks.":                                                        "",
		"### Never do this\n\n- Run psql\n- Open the SQL editor":                                    "",
		"Never:\n\n- run psql\n- open phpMyAdmin":                                                   "",
		"Do not run this:\n\n```sql\ndelete from members;\n```":                                     "",
		"Niemand ändert etwas in der Datenbank.":                                                    "",
		"Update the runbook when the database moves.":                                               "",

		// Contacts.
		"Write to ops@gone.example.":                       contact + "ops@gone.example",
		"[Ops](mailto:ops@gone.example?subject=Hi)":        contact + "ops@gone.example",
		"[Ops](mailto:ops)":                                contact + "runbook.md -> mailto:ops",
		"Write to ops@null.example.":                       contact + "ops@null.example",
		"Write to ops@bare.example.":                       contact + "ops@bare.example",
		"Write to ops@silent.example.":                     "inconclusive support.contact_undeliverable ops@silent.example",
		"Mail comes from no-reply@gone.example.":           "",
		"> Write to us at help@gone.example.":              "",
		"A typing error such as lea@gone.example bounces.": "",
		"`ops@gone.example`":                               "",
		"[Call](tel:+4684468312)":                          "",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			w := &world{names: map[string]probe.LookupStatus{"gone.example": probe.NXDomain, "bare.example": probe.NoData, "silent.example": probe.TimedOut}, mx: map[string]string{"null.example": "."}}
			result := judge(t, w, Spec{Runbook: sound + "\n## Further\n\n" + line + "\n"})
			got := wrong(result)
			if want := strings.Fields(want); len(want) == 0 && len(got) > 0 || len(want) > 0 && !slices.Equal(got, []string{strings.Join(want, " ")}) {
				t.Errorf("got %q, want %q", got, strings.Join(want, " "))
			}
		})
	}
}

// How links answer, and what that means.
func TestLinks(t *testing.T) {
	t.Parallel()
	const there = "https://tools.example/x"
	for name, tt := range map[string]struct {
		link  string
		page  page
		names map[string]probe.LookupStatus
		want  string // status of support.link_dead on the link; empty = none
		rest  string // another violation
	}{
		"alive":          {there, page{status: 200}, nil, "", ""},
		"moved":          {there, page{status: 301, redirect: "https://other.example/"}, nil, "", ""},
		"gone":           {there, page{status: 410}, nil, "fail", ""},
		"not found":      {there, page{status: 404}, nil, "fail", ""},
		"sign in":        {there, page{status: 401}, nil, "inconclusive", ""},
		"forbidden":      {there, page{status: 403}, nil, "inconclusive", ""},
		"no GET":         {there, page{status: 405}, nil, "inconclusive", ""},
		"not acceptable": {there, page{status: 406}, nil, "inconclusive", ""},
		"too many":       {there, page{status: 429}, nil, "inconclusive", ""},
		"a network":      {there, page{status: 999}, nil, "inconclusive", ""},
		"a fault":        {there, page{status: 500}, nil, "inconclusive", ""},
		"away":           {there, page{status: 503}, nil, "inconclusive", ""},
		"a circle":       {there, page{status: 302, failure: probe.FailRedirects}, nil, "inconclusive", ""},
		"silence":        {there, page{failure: probe.FailTimeout}, nil, "inconclusive", ""},
		"refused":        {there, page{failure: probe.FailRefused}, nil, "inconclusive", ""},
		"a challenge":    {there, page{status: 404, header: http.Header{"Cf-Mitigated": {"challenge"}}}, nil, "inconclusive", ""},
		"no such host":   {there, page{failure: probe.FailDNS}, map[string]probe.LookupStatus{"tools.example": probe.NXDomain}, "fail", ""},
		"no address":     {there, page{failure: probe.FailDNS}, map[string]probe.LookupStatus{"tools.example": probe.NoData}, "fail", ""},
		"nobody knows":   {there, page{failure: probe.FailDNS}, map[string]probe.LookupStatus{"tools.example": probe.ServFail}, "inconclusive", ""},
		"private code":   {"https://github.com/acme/portal", page{status: 404}, nil, "inconclusive", ""},
		"a private host": {"https://wiki.acme.internal/", page{status: 404}, nil, "not_applicable", ""},
		"an address":     {"http://10.0.0.7/queue", page{status: 404}, nil, "not_applicable", ""},
		"this machine":   {"http://localhost:3000/", page{status: 404}, nil, "not_applicable", ""},
		"ignored":        {"https://wiki.ignored.example/", page{status: 404}, nil, "not_applicable", ""},
		"a pattern":      {"https://tools.example/members/{id}", page{status: 404}, nil, "", ""},
		"in the clear":   {"http://tools.example/x", page{status: 200}, nil, "", "fail support.link_insecure http://tools.example/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{pages: map[string]page{tt.link: tt.page}, names: tt.names}
			spec := Spec{Runbook: sound + "\n[tool](" + tt.link + ")\n", IgnoredHosts: []string{"*.ignored.example"}}
			result := judge(t, w, spec)
			got, severity := "", readiness.Severity("")
			for _, f := range result.Findings {
				if f.Rule == ruleLinkDead && f.Subject == tt.link {
					got, severity = string(f.Status), f.Severity
				}
			}
			if got != tt.want || got == "inconclusive" && severity != readiness.Info {
				t.Errorf("got %q (%s), want %q", got, severity, tt.want)
			}
			others := slices.DeleteFunc(wrong(result), func(s string) bool { return strings.HasPrefix(s, "fail support.link_dead") })
			if strings.Join(others, "") != tt.rest {
				t.Errorf("also %q, want %q", others, tt.rest)
			}
			if n := w.asked[tt.link]; (tt.want == "not_applicable") != (n == 0) && tt.want != "" || tt.want == "fail" && n != 2 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// More domains than are looked up are no proof of the rest.
func TestContactsBounds(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range maxDomains {
		fmt.Fprintf(&many, "- a@d%d.acme.example, b@d%d.acme.example\n", i, i)
	}
	want := []string{"inconclusive support.contact_undeliverable runbook"}
	if got := wrong(judge(t, nil, Spec{Runbook: sound + many.String()})); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A link that is dead once is not dead; hosts outside of the scope get nothing;
// fifty are asked at most; and where none was asked nothing passes.
func TestLinksBounds(t *testing.T) {
	t.Parallel()
	status := func(r readiness.Result, subject string) string {
		for _, f := range r.Findings {
			if f.Rule == ruleLinkDead && f.Subject == subject {
				return string(f.Status) + " " + string(f.Severity)
			}
		}
		return ""
	}
	w := &world{passive: func(host string) bool { return host == "portal.acme.example" }}
	r := judge(t, w, Spec{Runbook: sound + "\n<https://strange.example/>\n"})
	if got := status(r, "https://strange.example/"); got != "inconclusive info" || status(r, whole) != "pass medium" {
		t.Errorf("outside: %q, %q", got, status(r, whole))
	}
	w = &world{passive: func(string) bool { return false }}
	if r = judge(t, w, Spec{Runbook: sound}); status(r, whole) != "inconclusive medium" {
		t.Errorf("none asked: %q", status(r, whole))
	}
	var many strings.Builder
	for i := range 80 {
		many.WriteString("- <https://host" + strings.Repeat("x", i) + ".example/>\n")
	}
	w = &world{}
	judge(t, w, Spec{Runbook: sound + many.String()})
	if len(w.asked) != MaxLinks {
		t.Errorf("%d asked", len(w.asked))
	}
	if r = judge(t, nil, but(t, "[sign-in page](https://portal.acme.example/login)", "sign-in page")); status(r, whole) != "not_applicable medium" {
		t.Errorf("no links: %q", status(r, whole))
	}
}

// Relative links lead to files and headings.
func TestRelativeLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"README.md":      sound + "\n[a](b/more.md) [b](b/more.md#a-heading--of-it) [c](#refunds) [d](b/) [e](b/more#again) [f](<b/two words.md>) [g](b/two%20words.md) [h](#top) [i](b/more.md#own)\n",
		"b/more.md":      "# A heading – of it!\n\n## Again {#own}\n\n[back](../README.md#escalation)\n",
		"b/two words.md": "# Two words\n",
	} {
		write(t, filepath.Join(folder, name), text)
	}
	if got := wrong(judge(t, nil, Spec{Runbook: folder})); len(got) > 0 {
		t.Error(got)
	}
	write(t, filepath.Join(folder, "z.md"), "[a](b/none.md) [b](b/more.md#none)\n")
	if got := wrong(judge(t, nil, Spec{Runbook: folder})); !slices.Equal(got, []string{"fail support.link_dead z.md -> b/more.md#none", "fail support.link_dead z.md -> b/none.md"}) {
		t.Error(got)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
