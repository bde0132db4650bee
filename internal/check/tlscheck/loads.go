package tlscheck

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	maxUpgradeProofs = 10 // https twins fetched a page
	maxLoadsShown    = 5
)

// judgeLoads reports one finding a rule: all loads of its class.
func judgeLoads(ctx context.Context, s *site, found scan, subject, note string, unread unread, report *readiness.Recorder) {
	proofs := upgradeProofs{site: s, left: maxUpgradeProofs, known: map[string]bool{}}
	for class, rule := range []string{active: ruleMixedActive, passive: ruleMixedPassive, form: ruleMixedForm} {
		var shown []string
		upgraded := false
		severity := readiness.Low // unless one load is worse
		for _, l := range found.loads {
			if int(l.class) != class {
				continue
			}
			shown = append(shown, l.kind+" "+check.PlainAddress(l.url))
			// A form is sent when the whole page has been read.
			mended := l.upgraded || found.upgradeAll || l.class == form && found.upgrade
			upgraded = upgraded || mended
			if !l.scriptLiteral && !(mended && (l.class == form || proofs.works(ctx, l.url))) {
				severity = "" // the rule's own
			}
		}
		slices.Sort(shown)
		shown = slices.Compact(shown)
		switch {
		case len(shown) > 0:
			if n := len(shown) - maxLoadsShown; n > 0 {
				shown = append(shown[:maxLoadsShown], fmt.Sprintf("%d more", n))
			}
			message := strings.Join(shown, "; ") + note
			switch {
			case upgraded && severity != "":
				message += "; browsers upgrade it (upgrade-insecure-requests)"
			case upgraded:
				message += "; browsers upgrade it (upgrade-insecure-requests), but not every https address is seen to work"
			}
			report.FailAs(rule, subject, severity, message, "")
		case unread.page != "":
			report.Inconclusive(rule, subject, unread.page)
		case unread.sheets != "" && rule != ruleMixedForm:
			report.Inconclusive(rule, subject, unread.sheets)
		default:
			report.Pass(rule, subject, "nothing is loaded or sent over plain HTTP"+note)
		}
	}
}

// upgradeProofs asks the https twins of upgraded loads, each once.
type upgradeProofs struct {
	site  *site
	left  int
	known map[string]bool
}

// works reports whether the https twin of a load answers under a certificate
// that verifies. One that may not be asked, or is one too many, is not believed.
func (p *upgradeProofs) works(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false // a WebSocket's twin is not tried
	}
	u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80") // Upgrade Insecure Requests 3.3
	twin := u.String()
	if works, ok := p.known[twin]; ok {
		return works
	}
	if p.left == 0 {
		return false
	}
	p.left--
	x := p.site.fetchVerified(ctx, twin)
	p.known[twin] = x.Failure == probe.FailNone && x.Status >= 200 && x.Status <= 299
	return p.known[twin]
}
