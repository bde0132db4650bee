package supportcheck

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// statusOf is the status of a rule on a subject.
func statusOf(r readiness.Result, rule, subject string) readiness.Status {
	for _, f := range r.Findings {
		if f.Rule == rule && f.Subject == subject {
			return f.Status
		}
	}
	return ""
}

// The example passes on the day that it was reviewed.
func TestExample(t *testing.T) {
	t.Parallel()
	if got := wrong(judge(t, nil, Spec{Runbook: "../../../examples/client-portal/runbook", MaximumAge: 100 * 365 * 24 * time.Hour})); len(got) > 0 {
		t.Error(got)
	}
}

// What is no runbook is never passed, and what can be read is read.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	write(t, at("latin1.md"), strings.ReplaceAll(sound, "Ines Moreau", "In\xe8s Moreau"))
	write(t, at("utf16.md"), "\xff\xfe"+strings.Join(strings.Split(sound, ""), "\x00")+"\x00")
	write(t, at("bom.md"), "\xef\xbb\xbf"+strings.ReplaceAll(sound, "\n", "\r\n"))
	write(t, at("empty.md"), "")
	write(t, at("binary.md"), "\x89PNG\x00\x00\x00")
	write(t, at("deep.md"), strings.Repeat(">", 100000))
	write(t, at("long.md"), strings.Repeat("x", 9<<20))
	write(t, at("five.md"), sound+strings.Repeat("One more line that says nothing of all this.\n\n", 110000))
	write(t, at("mixed/README.md"), sound)
	write(t, at("mixed/picture.png"), "\x89PNG\x00\x00\x00")
	write(t, at("mixed/broken.md"), "\x00\x01\x02")
	write(t, at("pictures/a.png"), "\x89PNG\x00")
	write(t, at("circle/README.md"), sound)
	for _, err := range []error{
		os.Symlink(at("circle"), at("circle/again")), os.Symlink("self.md", at("circle/self.md")), os.Symlink(at("circle/README.md"), at("circle/twin.md")),
		os.Mkdir(at("nothing"), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][2]string{ // of support.runbook_missing and of support.section.refunds
		"latin1.md": {"pass", "pass"}, "utf16.md": {"pass", "pass"}, "bom.md": {"pass", "pass"}, "five.md": {"pass", "pass"},
		"empty.md": {"fail", "fail"}, "binary.md": {"inconclusive", "inconclusive"}, "deep.md": {"inconclusive", "inconclusive"}, "long.md": {"inconclusive", "inconclusive"},
		"mixed": {"pass", "pass"}, "pictures": {"fail", "not_applicable"}, "nothing": {"fail", "not_applicable"}, "circle": {"pass", "pass"}, "none": {"fail", "not_applicable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := judge(t, nil, Spec{Runbook: at(name)})
			subject := "refunds"
			if want[1] == "inconclusive" || want[1] == "not_applicable" {
				subject = whole
			}
			if got := [2]string{string(statusOf(r, ruleMissing, whole)), string(statusOf(r, ruleRefunds, subject))}; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	if r := judge(t, nil, Spec{Runbook: at("mixed")}); statusOf(r, ruleMissing, "broken.md") != readiness.Inconclusive {
		t.Error("a file that is no text is not named")
	}
	// What was not read may hold what was not found.
	write(t, at("part/README.md"), strings.Replace(sound, "## Refunds", "## Parcels", 1))
	write(t, at("part/money.md"), "\x00\x01\x02")
	want := []string{
		"inconclusive support.contact_undeliverable runbook", "inconclusive support.link_insecure runbook", "inconclusive support.manual_db runbook", "inconclusive support.placeholder runbook",
		"inconclusive support.runbook_missing money.md", "inconclusive support.secret_in_runbook runbook", "inconclusive support.section.refunds refunds",
	}
	if got := slices.Sorted(slices.Values(wrong(judge(t, nil, Spec{Runbook: at("part")})))); !slices.Equal(got, want) {
		t.Errorf("read in part: %q", got)
	}
	if os.Geteuid() != 0 {
		write(t, at("locked.md"), sound)
		if err := os.Chmod(at("locked.md"), 0); err != nil {
			t.Fatal(err)
		}
		if r := judge(t, nil, Spec{Runbook: at("locked.md")}); statusOf(r, ruleMissing, whole) != readiness.Inconclusive {
			t.Error("a file that may not be read is decided")
		}
	}
}

// A runbook from the web.
func TestAddress(t *testing.T) {
	t.Parallel()
	const address = "https://files.acme.example/runbook.md"
	relative := sound + "\n[more](more.md)\n"
	for name, tt := range map[string]struct {
		page  page
		want  readiness.Status
		wrong int
	}{
		"there":        {page{status: 200, body: relative}, readiness.Pass, 1},
		"gone":         {page{status: 404}, readiness.Fail, 0},
		"a page":       {page{status: 200, body: "<!DOCTYPE html><p>" + sound}, readiness.Inconclusive, 0},
		"a fault":      {page{status: 500}, readiness.Inconclusive, 0},
		"a sign-in":    {page{status: 403}, readiness.Inconclusive, 0},
		"no answer":    {page{failure: probe.FailTimeout}, readiness.Inconclusive, 0},
		"a challenge":  {page{status: 404, header: http.Header{"Cf-Mitigated": {"challenge"}}}, readiness.Inconclusive, 0},
		"another host": {page{status: 302, redirect: "https://sso.example/"}, readiness.Inconclusive, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{pages: map[string]page{address: tt.page, "https://files.acme.example/more.md": {status: 404}}}
			r := judge(t, w, Spec{Runbook: address})
			if got := statusOf(r, ruleMissing, whole); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := wrong(r); tt.wrong == 1 && !slices.Equal(got, []string{"fail support.link_dead https://files.acme.example/more.md"}) {
				t.Error(got)
			}
		})
	}
}

// A file of a private repository seems to be absent to strangers, and the address
// of one that is absent is told without what may be a secret.
func TestAddressOfNothing(t *testing.T) {
	t.Parallel()
	const private, secret = "https://raw.githubusercontent.com/acme/portal/main/runbook.md", "https://me:pw1@files.acme.example/runbook.md?token=s3cr3t"
	w := &world{pages: map[string]page{private: {status: 404}, secret: {status: 404}}}
	if got := statusOf(judge(t, w, Spec{Runbook: private}), ruleMissing, whole); got != readiness.Inconclusive {
		t.Errorf("private: %s", got)
	}
	for _, f := range judge(t, w, Spec{Runbook: secret}).Findings {
		if text := f.Subject + f.Message + f.Remedy; strings.Contains(text, "pw1") || strings.Contains(text, "s3cr3t") || f.Rule == ruleMissing && !strings.Contains(text, "https://files.acme.example/runbook.md") {
			t.Errorf("%s: %s", f.Rule, text)
		}
	}
}

// A folder's dates: an index speaks for all, and else each page for itself.
func TestReviewOfFolder(t *testing.T) {
	t.Parallel()
	parts := strings.SplitAfter(sound, "\n## Invites\n")
	head, tail := parts[0][:len(parts[0])-len("\n## Invites\n")], "# Invites\n"+parts[1]
	folder := t.TempDir()
	write(t, filepath.Join(folder, "one.md"), head)
	write(t, filepath.Join(folder, "two.md"), tail)
	if got := wrong(judge(t, nil, Spec{Runbook: folder})); !slices.Equal(got, []string{"fail support.review_stale two.md"}) {
		t.Error(got)
	}
	write(t, filepath.Join(folder, "index.md"), "---\nlast-reviewed: 2026-11-01\n---\n\n# All\n")
	if got := wrong(judge(t, nil, Spec{Runbook: folder})); len(got) > 0 {
		t.Error(got)
	}
	write(t, filepath.Join(folder, "two.md"), "---\nlast_reviewed: 2025-11-01\n---\n\n"+tail)
	if got := wrong(judge(t, nil, Spec{Runbook: folder})); !slices.Equal(got, []string{"fail support.review_stale two.md"}) {
		t.Error(got)
	}
}

// What is beside the runbook: pages, the status page, security.txt, the drill.
func TestBeside(t *testing.T) {
	t.Parallel()
	const host, txt, old = "portal.acme.example", "https://portal.acme.example/.well-known/security.txt", "https://portal.acme.example/security.txt"
	sign := "Contact: mailto:security@acme.example\r\nExpires: 2027-01-01T00:00:00z\r\n"
	absent := map[string]page{"https://portal.acme.example/reset-x7q2k9": {status: 404}}
	with := func(more map[string]page) *world {
		w := &world{pages: map[string]page{txt: {status: 200, body: sign}}}
		for _, pages := range []map[string]page{absent, more} {
			for address, p := range pages {
				w.pages[address] = p
			}
		}
		return w
	}
	base := Spec{Runbook: sound, SecurityTxt: []string{host}, StatusPage: "https://status.acme.example/", SelfService: map[string]string{"reset": "https://portal.acme.example/reset"}}
	const page404 = "<html><title>Nothing here</title></html>"
	for name, tt := range map[string]struct {
		pages map[string]page
		names map[string]probe.LookupStatus
		drill *Drill
		want  string
	}{
		"all well":            {nil, nil, nil, ""},
		"no security.txt":     {map[string]page{txt: {status: 404}, old: {status: 404}}, nil, nil, "fail support.security_txt " + host},
		"where it was before": {map[string]page{txt: {status: 404}, old: {status: 200, body: sign}}, nil, nil, ""},
		"a soft 404":          {map[string]page{txt: {status: 200, body: page404}, old: {status: 200, body: page404}}, nil, nil, "fail support.security_txt " + host},
		"expired":             {map[string]page{txt: {status: 200, body: "Contact: mailto:a@acme.example\nExpires: 2026-11-01T00:00:00Z\n"}}, nil, nil, "fail support.security_txt " + host},
		"no expiry":           {map[string]page{txt: {status: 200, body: "Contact: mailto:a@acme.example\n"}}, nil, nil, "fail support.security_txt " + host},
		"no contact":          {map[string]page{txt: {status: 200, body: "Expires: 2027-11-01T00:00:00Z\n"}}, nil, nil, "fail support.security_txt " + host},
		"a day, no time":      {map[string]page{txt: {status: 200, body: "Contact: https://acme.example/\nExpires: 2027-11-01\n"}}, nil, nil, "fail support.security_txt " + host},
		"signed":              {map[string]page{txt: {status: 200, body: "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# Us\ncontact: mailto:a@acme.example\nEXPIRES: 2027-11-01T00:00:00+01:00\n-----BEGIN PGP SIGNATURE-----\nVersion: x\n"}}, nil, nil, ""},
		"cut off":             {map[string]page{txt: {status: 200, body: "Contact: mailto:a@acme.example\n", failure: probe.FailTimeout}}, nil, nil, "inconclusive support.security_txt " + host},
		"forbidden":           {map[string]page{txt: {status: 403}}, nil, nil, "inconclusive support.security_txt " + host},
		"status down":         {map[string]page{"https://status.acme.example/": {status: 502}}, nil, nil, "fail support.status_page https://status.acme.example/"},
		"status refused":      {map[string]page{"https://status.acme.example/": {failure: probe.FailRefused}}, nil, nil, "fail support.status_page https://status.acme.example/"},
		"status without name": {map[string]page{"https://status.acme.example/": {failure: probe.FailDNS}}, map[string]probe.LookupStatus{"status.acme.example": probe.NXDomain}, nil, "fail support.status_page https://status.acme.example/"},
		"status silent":       {map[string]page{"https://status.acme.example/": {failure: probe.FailTimeout}}, nil, nil, "inconclusive support.status_page https://status.acme.example/"},
		"status throttled":    {map[string]page{"https://status.acme.example/": {status: 429}}, nil, nil, "inconclusive support.status_page https://status.acme.example/"},
		"no page":             {map[string]page{"https://portal.acme.example/reset": {status: 404}}, nil, nil, "fail support.self_service reset"},
		"a page for members":  {map[string]page{"https://portal.acme.example/reset": {status: 302, redirect: "https://portal.acme.example/login"}}, nil, nil, ""},
		"a page that is away": {map[string]page{"https://portal.acme.example/reset": {status: 503}}, nil, nil, "inconclusive support.self_service reset"},
		"one shell for all":   {map[string]page{"https://portal.acme.example/reset": {status: 200, body: "<div id=app>"}, "https://portal.acme.example/reset-x7q2k9": {status: 200, body: "<div id=app>"}}, nil, nil, "inconclusive support.self_service reset"},
		"all lead to log-in":  {map[string]page{"https://portal.acme.example/reset": {status: 302, redirect: "https://portal.acme.example/login?next=1"}, "https://portal.acme.example/reset-x7q2k9": {status: 302, redirect: "https://portal.acme.example/login?next=2"}}, nil, nil, "inconclusive support.self_service reset"},
		"an old drill":        {nil, nil, &Drill{Date: today.AddDate(0, -7, 0)}, "fail support.drill runbook"},
		"a drill to come":     {nil, nil, &Drill{Date: today.AddDate(0, 1, 0)}, "fail support.drill runbook"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := with(tt.pages)
			w.names = tt.names
			spec := base
			spec.Drill = tt.drill
			if got := strings.Join(wrong(judge(t, w, spec)), ", "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A language that the check does not know decides nothing, until its words are
// given.
func TestForeignLanguage(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("Kaikki tapaukset kirjataan listaan vastauksineen päivineen kestoineen siten että tuote oppii niistä jatkuvasti paremmaksi. ", 12) + "\n\nTarkistettu: 2026-11-02\n"
	for _, heading := range []string{"Salasanan palautus", "Hyvitykset", "Kutsut", "Kirjautuminen epäonnistuu", "Eskalaatiopolku"} {
		text += "\n## " + heading + "\n\n- Omistaja: Aino Virtanen\n- Yhteys: tuki@acme.example\n- Vastausaika: 4 tuntia\n\n1. Kysy mitä tapahtui\n2. Katso listaa\n3. Vastaa\n\nSiirrä eteenpäin päivystäjälle ops@agency.example yöllä.\n"
	}
	topics := map[string][]string{"resets": {"Salasana"}, "refunds": {"Hyvity*"}, "invites": {"Kutsu"}, "failed_logins": {"Kirjautu"}, "escalation": {"Eskalaatio"}}
	got := wrong(judge(t, nil, Spec{Runbook: text, Topics: topics}))
	for _, one := range got {
		if strings.HasPrefix(one, "fail support.section") {
			t.Error(one)
		}
	}
	if !slices.Contains(got, "inconclusive support.section_incomplete refunds") {
		t.Error(got)
	}
	words := Words{Owner: []string{"Omistaja"}, Time: []string{"tunti*"}, Escalate: []string{"Siirrä"}, OutOfHours: []string{"yöllä"}, Review: []string{"Tarkistettu"}}
	got = wrong(judge(t, nil, Spec{Runbook: text, Topics: topics, Words: words}))
	if slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "section") || strings.Contains(s, "review") }) {
		t.Error(got)
	}
}
