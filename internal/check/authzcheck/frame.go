package authzcheck

import (
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// frame is what stands around the pages of a portal for those who have signed
// in, such as their name and a menu.
type frame struct {
	own    []view // the owner's other pages
	others []view // pages as somebody else sees them
}

// holds reports whether a text is of the frame: what somebody else is shown, or
// what stands in more than one of the owner's other pages. One of several may be the
// list that the row's thing stands in too.
func (f frame) holds(text string) bool {
	count := 0
	for _, v := range f.own {
		if v.holds(text) {
			count++
		}
	}
	const several = 3
	return count > 1 || count == 1 && len(f.own) < several ||
		slices.ContainsFunc(f.others, func(v view) bool { return v.holds(text) })
}

// frame collects it from the owner's other rows, from the home page as the owner
// and the others see it, and from the page above the row's own. An answer in JSON
// has none.
func (t *tester) frame(r *row) frame {
	var out frame
	if !isPage(r.owners[0]) {
		return out
	}
	paths := map[string]bool{}
	for _, other := range t.reads() {
		if other.owner == r.owner && other.route.template() != r.route.template() && len(other.owners) > 0 && success(other.owners[0]) && isPage(other.owners[0]) {
			out.own = append(out.own, viewOf(other.owners[0]))
			paths[other.request(nil).target] = true
		}
	}
	path, _, _ := strings.Cut(r.request(nil).target, "?")
	above := path[:strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1]
	add := func(to *[]view, x probe.Exchange) {
		if isPage(x) {
			*to = append(*to, viewOf(x))
		}
	}
	add(&out.own, t.page(r.owner, "/"))
	if above != "/" && !paths[above] && !paths[strings.TrimSuffix(above, "/")] {
		add(&out.own, t.page(r.owner, above))
	}
	for _, a := range r.denied {
		if !a.anonymous() && a.trouble() == "" {
			add(&out.others, t.page(a, "/"))
		}
	}
	return out
}

// page is what an agent gets at a path, or where that leads: asked once.
func (t *tester) page(a *agent, path string) probe.Exchange {
	return t.onceAs(a, path, func() probe.Exchange {
		x := t.extraSend(a, shot{method: "GET", target: path})
		if there := t.sameHost(x); there != "" && there != path {
			x = t.extraSend(a, shot{method: "GET", target: there})
		}
		return x
	})
}

// onceAs asks once for each agent and path.
func (t *tester) onceAs(a *agent, path string, ask func() probe.Exchange) probe.Exchange {
	key := a.name + "\x00" + path
	t.mu.Lock()
	once := t.pages[key]
	if once == nil {
		once = sync.OnceValue(ask)
		t.pages[key] = once
	}
	t.mu.Unlock()
	return once()
}
