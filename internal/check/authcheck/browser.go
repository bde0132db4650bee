package authcheck

import (
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// keptByBrowsers reports whether the cookies that the sign-in set open the portal
// without the token that it gave.
func (w *way) keptByBrowsers() bool {
	cookies := map[string]string{}
	for _, c := range w.session.Record().Set {
		if cookies[c.Name] = c.Value; c.Value == "" || c.MaxAge < 0 {
			delete(cookies, c.Name)
		}
	}
	return len(cookies) > 0 && w.me.judge(w.look(w.me.url, probe.WithCookies(http.Header{}, cookies))) == granted
}

// judgeBrowser judges the cookies that a sign-in sets beside the token that it gives
// to programs: browsers keep them, whatever programs do.
func (w *way) judgeBrowser() {
	browser, why := w.browser()
	if why != "" {
		for _, rule := range append([]string{ruleFixation, ruleCSRF}, cookieRules...) {
			w.unclear(rule, w.name, "the sign-in sets a cookie that does as well as its token, and how it is for a browser could not be told: "+why)
		}
		return
	}
	browser.fixation(browser.session)
	browser.judgeCookies()
	browser.judgeCSRF()
}

// browser is the same sign-in without its token, with a session of its own.
func (w *way) browser() (*way, string) {
	actor := w.actor
	actor.Portal.SignIn.TokenPointer, actor.Portal.SignIn.SecondFactor.TokenPointer = "", ""
	out := w.bench.way(actor)
	session, err := out.again()
	if err != nil {
		return nil, err.Error()
	}
	out.session = session
	if why := out.learn(); why != "" {
		return nil, why
	}
	if len(out.cookies) == 0 {
		return nil, unlearned
	}
	return out, ""
}
