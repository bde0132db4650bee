package authcheck

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// renewable reports whether a sign-in gave something that may renew its token: a
// refresh token in the answer, or a cookie.
func (w *way) renewable(s probe.Session) bool {
	record := s.Record()
	return len(record.Set) > 0 || bytes.Contains(bytes.ToLower(record.Answer.Body), []byte("refresh")) ||
		w.refresh != nil && w.refresh.tokenOf(record.Answer.Body) != ""
}

// refreshing is how a way renews its access tokens.
type refreshing struct {
	request *Request
	pointer string
}

var usualRefresh = []string{"/refresh_token", "/refreshToken", "/refresh", "/data/refresh_token", "/session/refresh_token", "/tokens/refresh/token", "/data/refreshToken", "/session/refreshToken", "/tokens/refresh_token", "/tokens/refreshToken", "/result/refresh_token"}

// tokenOf is the refresh token of an answer.
func (r *refreshing) tokenOf(body []byte) string {
	pointers := usualRefresh
	if r.pointer != "" {
		pointers = []string{r.pointer}
	}
	for _, p := range pointers {
		if text, ok := probe.TextAt(body, p); ok && text != "" {
			return text
		}
	}
	return ""
}

// renewal is what renews the access token of one session: a token that the
// answer to the sign-in held or, where it held none, cookies that it set.
type renewal struct {
	token   string
	cookies map[string]string
	worked  probe.Exchange // the answer to it while the session lived
	any     bool           // a made-up one is answered in the same way
}

// known reports whether it was seen to work.
func (r renewal) known() bool { return r.worked.Status != 0 }

// beside is a session with the cookies that renew it, as a browser shows both
// to whoever signs it out.
func (r renewal) beside(s probe.Session) probe.Session {
	if !r.known() || len(r.cookies) == 0 {
		return s
	}
	return probe.SessionOf(probe.WithCookies(s.Header(), r.cookies))
}

// renew asks for an access token.
func (w *way) renew(r renewal) probe.Exchange {
	var header http.Header
	if len(r.cookies) > 0 {
		header = probe.WithCookies(http.Header{}, r.cookies)
		if written, err := w.actor.WriteHeader(w.ctx, w.prober, probe.SessionOf(header)); err == nil {
			header = written
		}
	}
	return w.send(*w.refresh.request, header, map[string]string{"refresh_token": r.token})
}

// renewed reports whether an answer gives a new access token, in its body or as a cookie.
func renewed(x probe.Exchange) bool {
	return x.Status >= 200 && x.Status < 300 && !x.SaysError() && !x.SaysNobody() && (len(x.Body) > 0 || len(x.Header.Values("Set-Cookie")) > 0)
}

// sameAnswer reports whether an answer to a token is what a good one got: data of
// the same form, or the same words.
func sameAnswer(good, x probe.Exchange) bool {
	var a, b any
	if json.Unmarshal(good.Body, &a) == nil && json.Unmarshal(x.Body, &b) == nil {
		return shape(a, 0) == shape(b, 0)
	}
	return probe.Similarity(good.Body, x.Body) >= alike
}

// renewal looks for what renews a session, and sees that it does. Where it is
// rotated, the new one is returned.
func (w *way) renewal(s probe.Session) renewal {
	if w.refresh == nil || w.refresh.request == nil {
		return renewal{}
	}
	record := s.Record()
	r := renewal{token: w.refresh.tokenOf(record.Answer.Body)}
	if r.token == "" {
		r.cookies = map[string]string{}
		keepCookies(r.cookies, record.Set)
		if len(r.cookies) == 0 {
			return renewal{}
		}
	}
	x := w.renew(r)
	if !renewed(x) {
		return renewal{}
	}
	r.worked = x
	if next := w.refresh.tokenOf(x.Body); next != "" && r.token != "" {
		r.token = next
	}
	if r.cookies != nil {
		resp := http.Response{Header: x.Header}
		keepCookies(r.cookies, resp.Cookies())
	}
	made := w.renew(r.imitation())
	r.any = renewed(made) && sameAnswer(x, made)
	return r
}

// imitation is one of the same form that nobody was given.
func (r renewal) imitation() renewal {
	out := renewal{token: imitation(r.token)}
	if r.cookies != nil {
		out.cookies = map[string]string{}
		for name, value := range r.cookies {
			out.cookies[name] = imitation(value)
		}
	}
	return out
}

// keepCookies takes over what answers set.
func keepCookies(into map[string]string, set []*http.Cookie) {
	for _, c := range set {
		if c.Value == "" || c.MaxAge < 0 {
			delete(into, c.Name)
			continue
		}
		into[c.Name] = c.Value
	}
}

func (w *way) refreshOnly() {
	if w.refresh == nil {
		w.none(ruleRefresh, w.name, "no refresh token is known: token_sign_in says where one is")
		return
	}
	w.ask(ruleRefresh, w.name, "how one signs out: portal.sign_out in provider \"launchready\"")
}

// judgeRefresh tries a refresh token after its session was signed out.
func (w *way) judgeRefresh(r renewal, control bool) outcome {
	switch {
	case w.refresh == nil || w.refresh.request == nil:
		w.none(ruleRefresh, w.name, "no refresh token is known: token_sign_in.refresh says how one is used")
		return unclear
	case !r.known():
		w.unclear(ruleRefresh, w.name, "no refresh token of the sign-in gave an access token before the sign-out either")
		return unclear
	case r.any:
		w.unclear(ruleRefresh, w.name, "a made-up refresh token is answered as the real one is, so that nothing can be told")
		return unclear
	}
	x := w.renew(r)
	switch {
	case unusable(x) != "":
		w.unclear(ruleRefresh, w.name, unusable(x))
		return unclear
	case renewed(x) && (sameAnswer(r.worked, x) || len(tokensIn(x.Body)) > 0):
		w.fail(ruleRefresh, w.name, "after the sign-out the refresh token still gives an access token")
		return granted
	case !control:
		w.unclear(ruleRefresh, w.name, "after the sign-out no other session lives either, so that nothing can be told")
		return unclear
	}
	w.pass(ruleRefresh, w.name, "a refresh token works before the sign-out, and is refused after it")
	return refused
}
