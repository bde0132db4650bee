package authzcheck

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// delete lets everybody who must not delete an object that the owner has just
// made, and looks as the owner whether it is still there. At the end the owner
// deletes it, for else a refusal says nothing.
func (w *writing) delete() {
	c := w.r.route.Create
	if c == nil {
		w.all("only an object that the check has made itself is deleted: set create to the request that makes one")
		return
	}
	params, problem := w.create()
	defer func() { w.remove(params) }()
	if problem != "" {
		w.all(problem)
		return
	}
	for _, a := range w.r.denied {
		rule := w.r.writeRule(a)
		if reason := a.trouble(); reason != "" {
			w.reason[rule] = reason
			continue
		}
		x := w.act(a, w.r.route.shot(params))
		if now := w.state(w.ctx, params); now == hidden {
			w.reason[rule] = fmt.Sprintf("after the try of %s the owner cannot read what it has made, and is not told that it is gone", a.known())
			continue
		} else if now == there {
			if reason := undecided(x); reason != "" {
				w.reason[rule] = fmt.Sprintf("%s is answered %s", a.known(), reason)
			} else if !w.alive(a) {
				w.reason[rule] = fmt.Sprintf("the session of %s ended", a.name)
			}
			continue
		}
		w.changed[rule] = append(w.changed[rule], fmt.Sprintf("%s (status %d)", a.known(), x.Status))
		if params, problem = w.create(); problem != "" {
			break
		}
	}
	x := w.act(w.r.owner, w.r.route.shot(params))
	works := problem == "" && w.state(w.ctx, params) == gone
	for _, rule := range w.r.writeRules() {
		if w.told[rule] {
			continue
		}
		w.told[rule] = true
		switch {
		case len(w.changed[rule]) > 0:
			w.fail(rule, w.r.subject, fmt.Sprintf("what %s has made is deleted by %s, as the owner sees", w.r.owner.known(), strings.Join(w.changed[rule], ", ")))
		case !works:
			w.unclear(rule, w.r.subject, fmt.Sprintf("positive control failed: %s is answered %s, and what it deletes is still there", w.r.owner.name, said(x)))
		case w.reason[rule] != "":
			w.unclear(rule, w.r.subject, w.reason[rule])
		default:
			w.pass(rule, w.r.subject, "the owner deletes it, and nobody does who must not")
		}
	}
}

// create makes an object as the owner and returns the params that name it.
func (w *writing) create() (map[string]string, string) {
	c := w.r.route.Create
	s := Route{Method: http.MethodPost, Path: c.Path, Body: strings.ReplaceAll(c.Body, canaryMark, "lr-canary-"+drawn()), Header: w.r.route.Header}.shot(w.r.params)
	x := w.act(w.r.owner, s)
	pointer, param := c.ID, c.Param
	if pointer == "" {
		pointer = "/id"
	}
	if param == "" {
		param = "id"
	}
	id, ok := readField(x, pointer)
	if !ok || textOf(id) == "" {
		if success(x) {
			w.report.Observe("not put back: "+w.r.subject, "what create has made of "+w.r.owner.name+", for its id is not known: delete it by hand")
		}
		return nil, fmt.Sprintf("positive control failed: %s is answered %s to create, without an id at %s", w.r.owner.name, said(x), pointer)
	}
	params := maps.Clone(w.r.params)
	if params == nil {
		params = map[string]string{}
	}
	params[param] = textOf(id)
	if w.state(w.ctx, params) != there {
		return params, fmt.Sprintf("positive control failed: what create has made cannot be read as %s: set read_back", w.r.owner.name)
	}
	w.touched = true
	return params, ""
}

// presence of an object, as its owner sees it.
type presence int

const (
	there presence = iota
	gone
	hidden // it cannot be told
)

// state asks as the owner whether the object is still there.
func (w *writing) state(ctx context.Context, params map[string]string) presence {
	route := Route{Path: w.r.route.ReadBack}
	if route.Path == "" {
		route.Path = w.r.route.Path
	}
	switch x := w.sendIn(ctx, w.r.owner, route.shot(params)); {
	case success(x) && marksDeleted(x):
		return gone
	case success(x) && !looksRefused(x):
		return there
	case success(x), x.Status == http.StatusNotFound, x.Status == http.StatusGone:
		return gone
	}
	return hidden
}

// remove deletes what is left of the test, also when the check was interrupted.
func (w *writing) remove(params map[string]string) {
	ctx, cancel := w.lasting()
	defer cancel()
	if params != nil && (w.state(ctx, params) == there || !w.touched) { // what was never read may be there all the same
		w.sendIn(ctx, w.r.owner, w.r.route.shot(params))
	}
}

// marksDeleted reports whether an answer says of its object that it was deleted,
// as those say that only mark what is deleted.
func marksDeleted(x probe.Exchange) bool {
	for _, name := range []string{"deleted_at", "deletedAt", "deleted", "is_deleted", "isDeleted", "deleted_on", "trashed"} {
		if v, ok := readField(x, name); ok {
			switch text := textOf(v); text {
			case "", "false", "0":
			default:
				return true
			}
		}
	}
	return false
}
