package authcheck

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// administrators tests the second factor of an administrator.
func (b *bench) administrators(ways ...*way) {
	if b.spec.Admin == nil {
		b.ask(ruleAdminFactor, b.host, "an administrator's identity: admin")
		b.ask(ruleCodeReuse, b.host, "an administrator's identity: admin")
		return
	}
	admin := *b.spec.Admin
	subject := b.host + " " + admin.Name
	both := func(why string) {
		b.unclear(ruleAdminFactor, subject, why)
		b.unclear(ruleCodeReuse, subject, why)
	}
	if len(admin.Identity.Direct()) > 0 || admin.Portal.SignIn.Format == "basic" {
		both("the administrator has a token or headers instead of a sign-in, so that no second factor is seen")
		return
	}
	session, err := admin.SignInByCode(b.ctx, b.prober)
	if err != nil {
		why := "the administrator cannot sign in: " + err.Error()
		if path := b.unasked(admin, err); path != "" {
			b.fail(ruleAdminFactor, subject, path+" lets in who gave the password alone: no second factor was asked for")
			b.unclear(ruleCodeReuse, subject, why)
			return
		}
		both(why)
		return
	}
	targets, why := b.adminTargets(admin, session)
	if why != "" {
		both(why)
		return
	}
	if b.judgeFactor(subject, admin, session, targets, ways) && takesCode(admin.Portal.SignIn) {
		b.none(ruleCodeReuse, subject, "the sign-in does not look at the code that goes with the password: see "+ruleAdminFactor)
		return
	}
	b.judgeCodes(subject, admin, session)
}

// adminTargets are the addresses at which an administrator is told from others.
func (b *bench) adminTargets(admin probe.Actor, session probe.Session) (out []target, why string) {
	paths := b.spec.AdminPaths
	if len(paths) == 0 {
		paths = []string{admin.Portal.WhoAmI}
	}
	why = "no path tells an administrator from a stranger: set admin_paths, or portal.whoami"
	for _, path := range paths {
		if path == "" {
			continue
		}
		t, problem, public := b.study(path, session, admin.Identity.Username)
		switch {
		case problem != "" && !public:
			why = t.subject + ": " + problem
		case public:
		case t.isOpen():
			why = t.subject + " lets strangers in: see " + ruleBypass
		default:
			out = append(out, t)
		}
	}
	if len(out) > 0 {
		why = ""
	}
	return out, why
}

// unasked names the address that lets an administrator in by the password alone,
// where the portal takes no code, or has no page for one: it may never have asked.
func (b *bench) unasked(admin probe.Actor, err error) string {
	if !errors.Is(err, probe.ErrSecondFactor) && !errors.Is(err, probe.ErrChanged) {
		return ""
	}
	half, err := admin.FirstFactor(b.ctx, b.prober)
	if err != nil || len(half.Header()) == 0 {
		return ""
	}
	targets, _ := b.adminTargets(admin, half)
	for _, t := range targets {
		// A page in the place of another may ask for the code.
		data := json.Valid(t.owner.Body) || t.marker != ""
		if data && !t.owner.AsksForCode() && t.judge(t.stranger) == refused {
			return t.subject
		}
	}
	return ""
}

// halfway is a credential of somebody who has given the password alone.
type halfway struct {
	what   string
	header http.Header
}

// judgeFactor tries every credential that the password alone gives. It reports
// whether that of the administrator's own sign-in lets in.
func (b *bench) judgeFactor(subject string, admin probe.Actor, session probe.Session, targets []target, ways []*way) bool {
	var tries []halfway
	own, mine := admin.Portal.SignIn, 0 // of the tries, those of its own sign-in come first
	for _, in := range b.signIns(own, ways) {
		actor := admin
		actor.Portal.SignIn = in
		half, err := actor.FirstFactor(b.ctx, b.prober)
		switch {
		case err == nil:
			what := "who gave the password alone (" + b.subject(http.MethodPost, in.Path) + ")"
			if len(half.Header()) > 0 {
				tries = append(tries, halfway{what, half.Header()})
			}
			tries = append(tries, ticketsOf(what, half.Record().Answer)...)
			if in.Path == own.Path {
				mine = len(tries)
			}
		case takesCode(in) && (errors.Is(err, probe.ErrRefused) || errors.Is(err, probe.ErrSecondFactor)):
			// The password and the code go together, and without the code nothing is given.
		case in.Path == own.Path, errors.Is(err, probe.ErrThrottled), errors.Is(err, probe.ErrNoAnswer):
			b.unclear(ruleAdminFactor, subject, "what the password alone gives could not be tried: "+err.Error())
			return false
		}
	}
	doubt := false
	for _, t := range targets {
		for i, one := range tries {
			switch t.judge(b.look(t.url, one.header)) {
			case granted:
				b.fail(ruleAdminFactor, subject, t.subject+" lets in "+one.what)
				return i < mine
			case unclear:
				doubt = true
			}
		}
	}
	switch {
	case doubt:
		b.unclear(ruleAdminFactor, subject, "an answer to who gave the password alone is neither a refusal nor a success")
	case targets[0].judge(b.look(targets[0].url, session.Header())) != granted:
		b.unclear(ruleAdminFactor, subject, "the administrator's session did not live to the end of the test")
	default:
		b.pass(ruleAdminFactor, subject, "the administrator is let in with both factors, and refused with the password alone")
	}
	return false
}

// takesCode reports whether a sign-in takes the code in the same request as the
// password.
func takesCode(in probe.SignInRequest) bool {
	for _, template := range in.Fields {
		if strings.Contains(template, "{{totp}}") {
			return true
		}
	}
	return false
}

// signIns are the ways to sign in: a second factor is asked for only where each
// asks for it.
func (b *bench) signIns(own probe.SignInRequest, ways []*way) []probe.SignInRequest {
	out := []probe.SignInRequest{own}
	for _, w := range ways {
		if w != nil && !w.direct() && w.actor.Portal.SignIn.Path != own.Path {
			out = append(out, w.actor.Portal.SignIn)
		}
	}
	return out
}

// ticketsOf are texts of the answer to the password that may be a token.
func ticketsOf(what string, x probe.Exchange) []halfway {
	var out []halfway
	var document any
	_ = json.Unmarshal(x.Body, &document) // a page has no ticket
	for _, text := range texts(document, nil) {
		if len(text) >= shortestToken && len(text) < 4096 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) && len(out) < 4 {
			out = append(out, halfway{what, http.Header{"Authorization": {"Bearer " + text}}})
		}
	}
	return out
}

// judgeCodes replays the code that the administrator signed in with.
func (b *bench) judgeCodes(subject string, admin probe.Actor, session probe.Session) {
	again, err := admin.ReplayCode(b.ctx, b.prober, session)
	late := func() bool { return !time.Now().Before(session.CodeEnd()) }
	isRefused := func() bool { return errors.Is(err, probe.ErrSecondFactor) || errors.Is(err, probe.ErrRefused) }
	if isRefused() && late() { // it may be refused for its age
		if fresh, e := admin.SignIn(b.ctx, b.prober); e == nil {
			session = fresh
			again, err = admin.ReplayCode(b.ctx, b.prober, session)
		}
	}
	switch {
	case errors.Is(err, probe.ErrNoCode):
		b.none(ruleCodeReuse, subject, "the administrator signs in without a code: see "+ruleAdminFactor)
	case err == nil && len(again.Header()) > 0:
		b.fail(ruleCodeReuse, subject, "a code that was used signs in again")
	case isRefused() && late():
		b.unclear(ruleCodeReuse, subject, "whether a code is good twice could not be tried: its time was over before the portal had answered")
	case isRefused():
		b.pass(ruleCodeReuse, subject, "a code that was used is refused")
	default:
		b.unclear(ruleCodeReuse, subject, "whether a code is good twice could not be tried: "+err.Error())
	}
}
