package supportcheck

import (
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}

// The sound runbook passes, and each change to it is judged by the rules that it
// concerns and by no other.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	const incomplete = "fail support.section_incomplete "
	refundOwner, refundContact := "- Owner: Ines Moreau\n", "- Contact: money@acme.example\n"
	resetSteps := "1. Send the member to the [sign-in page](https://portal.acme.example/login).\n2. Look up whether mail has bounced.\n3. Let the product send the link again.\n"
	whenInvite := "Escalate when a whole organisation gets none.\n"
	for name, tt := range map[string]struct {
		change []string
		want   []string
	}{
		"sound": {nil, nil},

		// Topics under other words.
		"locked out":           {[]string{"## Password resets", "## Locked out"}, nil},
		"magic link":           {[]string{"## Password resets", "## The magic link does not come"}, nil},
		"password alone":       {[]string{"## Password resets", "## Passwords"}, nil},
		"billing":              {[]string{"## Refunds", "## 3. Billing"}, nil},
		"chargebacks":          {[]string{"## Refunds", "#### Chargebacks"}, nil},
		"onboarding":           {[]string{"## Invites", "## Onboarding"}, nil},
		"two-factor":           {[]string{"## Failed log-ins", "## 2FA"}, nil},
		"cannot sign in":       {[]string{"## Failed log-ins", "## Member can't sign in"}, nil},
		"login alone":          {[]string{"## Failed log-ins", "## Login"}, nil},
		"who to call":          {[]string{"## Escalation", "## Who to call"}, nil},
		"incidents":            {[]string{"## Escalation", "## Incidents and severity"}, nil},
		"setext":               {[]string{"## Refunds\n", "Refunds\n-------\n"}, nil},
		"html heading":         {[]string{"## Refunds\n", "<h2 id=\"r\">Refunds</h2>\n"}, nil},
		"bold line":            {[]string{"## Refunds", "**Refunds:**"}, nil},
		"definition list":      {[]string{"## Refunds\n", "Refunds\n: what to do\n"}, nil},
		"emoji":                {[]string{"## Refunds", "## 💸 Refunds"}, nil},
		"numbered":             {[]string{"## Refunds", "## 2. Refunds"}, nil},
		"linked":               {[]string{"## Refunds", "## [Refunds](#refunds)"}, nil},
		"in code style":        {[]string{"## Refunds", "## `Refunds`"}, nil},
		"two in one":           {[]string{"## Password resets", "## Password resets and failed log-ins", "## Failed log-ins", "## Doors"}, nil},
		"all in the title":     {[]string{"# Support", "# Resets, refunds, invites, failed log-ins and escalation"}, nil},
		"not in the title":     {[]string{"# Support", "# Resets, refunds, invites, failed log-ins and escalation", "## Refunds", "## Parcels"}, []string{"fail support.section.refunds refunds"}},
		"a log-in is reset":    {[]string{"## Failed log-ins", "## Reset a log-in"}, []string{"fail support.section.failed_logins failed_logins"}},
		"a wrong password":     {[]string{"## Password resets", "## Wrong password"}, []string{"fail support.section.resets resets"}},
		"only said in prose":   {[]string{"## Refunds", "## Parcels\n\nRefunds are escalated."}, []string{"fail support.section.refunds refunds"}},
		"only in code":         {[]string{"## Refunds", "```\n## Refunds\n```\n\n## Parcels"}, []string{"fail support.section.refunds refunds"}},
		"when to escalate":     {[]string{"## Escalation", "## Others", whenInvite, "### When to escalate\n\nAlways.\n"}, []string{"fail support.section.escalation escalation"}},
		"no escalation at all": {[]string{"## Escalation", "## Others"}, []string{"fail support.section.escalation escalation"}},

		// Owners.
		"no owner":             {[]string{refundOwner, ""}, []string{incomplete + "refunds"}},
		"an owner to be named": {[]string{refundOwner, "- Owner: tbd\n"}, []string{"fail support.placeholder runbook.md", incomplete + "refunds"}},
		"an empty owner":       {[]string{refundOwner, "- Owner:\n"}, []string{incomplete + "refunds"}},
		"a dash for an owner":  {[]string{refundOwner, "- Owner: —\n"}, []string{incomplete + "refunds"}},
		"responsible":          {[]string{refundOwner, "- **Responsible** – Ines Moreau\n"}, nil},
		"owned by":             {[]string{refundOwner, "Refunds are owned by the membership office.\n\n"}, nil},
		"owner as a heading":   {[]string{refundOwner, "### Owner\n\nInes Moreau\n\n### Otherwise\n\n"}, nil},
		"owner in a table":     {[]string{refundOwner + refundContact, "\n| Owner | Contact |\n| --- | --- |\n| Ines Moreau | money@acme.example |\n\n"}, nil},
		"owner in two columns": {[]string{refundOwner + refundContact, "\n| | |\n| --- | --- |\n| Owner | Ines Moreau |\n| Contact | money@acme.example |\n\n"}, nil},
		"one line for all":     {[]string{refundOwner + refundContact, "Owner: Ines Moreau · Contact: money@acme.example\n\n"}, nil},
		"personal data":        {[]string{refundOwner, "- Personal data: none\n"}, []string{incomplete + "refunds"}},

		// Contacts.
		"no contact":       {[]string{refundContact, ""}, []string{incomplete + "refunds"}},
		"a telephone":      {[]string{refundContact, "- Phone: +46 8 446 831 20\n"}, nil},
		"a local number":   {[]string{refundContact, "- Call 08-446 831 20\n"}, nil},
		"a channel":        {[]string{refundContact, "- Contact: #money\n"}, nil},
		"a handle":         {[]string{refundContact, "- Contact: @ines\n"}, nil},
		"a form":           {[]string{refundContact, "- Contact: <https://desk.acme.example/new>\n"}, nil},
		"a link to mail":   {[]string{refundContact, "- Contact: [the office](mailto:money@acme.example)\n"}, nil},
		"in code":          {[]string{refundContact, "- Contact: `money@acme.example`\n"}, nil},
		"a no-reply":       {[]string{refundContact, "- The mail is from no-reply@acme.example\n"}, []string{incomplete + "refunds"}},
		"a page in a step": {[]string{refundContact, "", "1. Find the invoice", "1. Open https://admin.acme.example/ and find the invoice"}, []string{incomplete + "refunds"}},
		"a day":            {[]string{refundContact, "- Since 2026-11-02\n"}, []string{incomplete + "refunds"}},

		// Steps.
		"no steps":             {[]string{resetSteps, "See to it.\n"}, []string{incomplete + "resets"}},
		"two steps":            {[]string{"3. Let the product send the link again.\n", ""}, []string{incomplete + "resets"}},
		"bullets":              {[]string{resetSteps, "- Ask\n- Look\n- Send\n"}, []string{incomplete + "resets"}},
		"bullets called steps": {[]string{resetSteps, "### Steps\n\n- Ask\n- Look\n- Send\n\n### Then\n\n"}, nil},
		"tasks":                {[]string{resetSteps, "- [ ] Ask\n- [ ] Look\n- [ ] Send\n"}, nil},
		"code between steps":   {[]string{resetSteps, "1. Ask\n\n```\nx\n```\n\n2. Look\n\n```\ny\n```\n\n3. Send\n"}, nil},
		"steps as headings":    {[]string{resetSteps, "### Step 1: ask\n\nSo.\n\n### Step 2: look\n\nSo.\n\n### Step 3: send\n\nSo.\n\n### End\n\n"}, nil},
		"parentheses":          {[]string{resetSteps, "1) Ask\n2) Look\n3) Send\n"}, nil},
		"in a sentence":        {[]string{resetSteps, "Do this: 1) ask, 2) look, 3) send.\n"}, nil},

		// Times.
		"no time":           {[]string{"- Expected time: 4 hours\n", ""}, []string{incomplete + "invites"}},
		"a link's life":     {[]string{"- Expected time: 4 hours\n", "- The link is valid for 60 minutes\n"}, []string{incomplete + "invites"}},
		"a life and a time": {[]string{"- Expected time: 4 hours\n", "- The link is valid for 60 minutes, answer within 1 h\n"}, nil},
		"short":             {[]string{"4 hours", "30min"}, nil},
		"a range":           {[]string{"4 hours", "15–30 min"}, nil},
		"in words":          {[]string{"4 hours", "one business day"}, nil},
		"same day":          {[]string{"4 hours", "the same day"}, nil},

		// When to escalate.
		"never":             {[]string{whenInvite, ""}, []string{incomplete + "invites"}},
		"hand over":         {[]string{whenInvite, "Hand it over to the operator when a whole organisation gets none.\n"}, nil},
		"call the operator": {[]string{whenInvite, "If a whole organisation gets none, call the operator.\n"}, nil},
		"call the member":   {[]string{whenInvite, "If a whole organisation gets none, call the member.\n"}, []string{incomplete + "invites"}},

		// Reviews.
		"a table's date": {[]string{"Last reviewed: 2026-11-02\n", "| Last reviewed | 2026-11-02 |\n| --- | --- |\n| By | Ada |\n"}, nil},
		"in words, date": {[]string{"Last reviewed: 2026-11-02", "*Last reviewed on November 2, 2026 by Ada.*"}, nil},
		"a German date":  {[]string{"Last reviewed: 2026-11-02", "Zuletzt geprüft: 02.11.2026"}, nil},
		"no date":        {[]string{"Last reviewed: 2026-11-02", "Reviewed by Ada."}, []string{"fail support.review_stale runbook"}},
		"two days":       {[]string{"2026-11-02", "11/02/2026"}, []string{"fail support.review_stale runbook"}},
		"stale":          {[]string{"2026-11-02", "2026-08-30"}, []string{"fail support.review_stale runbook.md"}},
		"ninety days":    {[]string{"2026-11-02", "2026-08-31"}, nil},
		"the future":     {[]string{"2026-11-02", "2027-01-01"}, []string{"fail support.review_stale runbook.md"}},
		"the next one":   {[]string{"Last reviewed: 2026-11-02", "Last reviewed: 2026-11-02\nNext review: 2027-02-01"}, nil},
		"only the next":  {[]string{"Last reviewed: 2026-11-02", "Next review: 2027-02-01"}, []string{"fail support.review_stale runbook"}},

		// Levels.
		"one level":       {[]string{"2. Level 2: the operator on call, ops@agency.example.\n3. Level 3: Ada Lindqvist, ada@agency.example.\n", "2. Wait.\n3. Call again.\n"}, []string{"fail support.escalation_levels runbook"}},
		"severity levels": {[]string{"1. Level 1: the desk, desk@acme.example.\n2. Level 2: the operator on call, ops@agency.example.\n3. Level 3: Ada Lindqvist, ada@agency.example.\n\nAt night begin with level 2.", "1. Severity level 1: the portal is down.\n2. Severity level 2: one page is down.\n3. Call ops@agency.example, at night, too."}, []string{"fail support.escalation_levels runbook"}},
		"lines":           {[]string{"Level 1: the desk", "First line: the desk", "Level 2: the operator", "Second line: the operator"}, nil},
		"no nights":       {[]string{"At night begin with level 2.\n", ""}, []string{"fail support.escalation_levels runbook"}},
		"twenty-four":     {[]string{"At night begin with level 2.", "The operator answers 24/7."}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := judge(t, nil, but(t, tt.change...))
			if got := wrong(result); !slices.Equal(got, append([]string{}, tt.want...)) {
				t.Errorf("got %q, want %q", got, tt.want)
				for _, f := range result.Findings {
					if f.Status == readiness.Fail || f.Status == readiness.Inconclusive {
						t.Log(f.Rule, f.Subject, f.Message)
					}
				}
			}
		})
	}
}

// What is said of front matter does not vary with the order in which it is read.
func TestFrontMatterIsStable(t *testing.T) {
	t.Parallel()
	spec := Spec{Runbook: "---\nowner: TODO\nteam: TBD\nphone: FIXME\nnotes: XXX\n---\n" + sound}
	for range 5 {
		for _, f := range judge(t, nil, spec).Findings {
			if f.Rule == rulePlaceholder && !strings.HasSuffix(f.Message, "line 1: notes: XXX; line 1: owner: TODO; line 1: phone: FIXME; line 1: team: TBD") {
				t.Fatal(f.Message)
			}
		}
	}
}

// Findings hold neither what is secret nor what varies.
func TestResultIsStable(t *testing.T) {
	t.Parallel()
	spec := but(t, "portal.acme.example/login", "user:pw@portal.acme.example/reset/Zk3vQ9xR7tBn2LmC8wYp?token=s3cr3tvalue#x")
	w := &world{pages: map[string]page{"https://user:pw@portal.acme.example/reset/Zk3vQ9xR7tBn2LmC8wYp?token=s3cr3tvalue": {status: 404}}}
	first := judge(t, w, spec)
	for _, f := range first.Findings {
		for _, secret := range []string{"Zk3vQ9", "s3cr3t", "pw@"} {
			if strings.Contains(f.Subject+f.Message+f.Remedy, secret) {
				t.Errorf("%s shows a secret: %s %s", f.Rule, f.Subject, f.Message)
			}
		}
	}
	if got := wrong(first); !slices.Equal(got, []string{"fail support.link_dead https://portal.acme.example/reset/...?..."}) {
		t.Error(got)
	}
	if again := judge(t, w, spec); !slices.Equal(first.Findings, again.Findings) {
		t.Error("a second run differs")
	}
}
