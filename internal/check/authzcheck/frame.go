package authzcheck

import (
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// frame is what stands around the pages of a portal for those who have signed
// in, such as their name and a menu: in the owner's other rows, in the home page
// as the owner and the others see it, and in the page above the row's own. An
// answer in JSON has none.
func (t *tester) frame(r *row) []view {
	if !isPage(r.owners[0]) {
		return nil
	}
	var out []view
	for _, other := range t.reads() {
		if other.owner == r.owner && other.route.template() != r.route.template() && len(other.owners) > 0 && success(other.owners[0]) && isPage(other.owners[0]) {
			out = append(out, viewOf(other.owners[0]))
		}
	}
	path, _, _ := strings.Cut(r.request(nil).target, "?")
	above := path[:strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1]
	pages := []probe.Exchange{t.page(r.owner, "/")}
	if above != "/" {
		pages = append(pages, t.page(r.owner, above))
	}
	for _, a := range r.denied {
		if !a.anonymous() && a.trouble() == "" {
			pages = append(pages, t.page(a, "/"))
		}
	}
	for _, x := range pages {
		if isPage(x) {
			out = append(out, viewOf(x))
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
