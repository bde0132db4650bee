package deploycheck

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// stagingPublic judges who may see staging, and what is to be seen there.
func (s *session) stagingPublic() {
	if s.staging == nil {
		return // parity has said so
	}
	at := s.staging
	if x := s.stranger(at, "/"); x.Status == 0 || x.Challenged() {
		s.report.Inconclusive(ruleStagingPublic, at.host, unseen(x))
		return
	}
	wall := s.wallBefore(at, s.stranger)
	switch {
	case wall != "":
		s.report.Pass(ruleStagingPublic, at.host, wall)
	case s.spec.Staging.Restricted:
		s.report.Fail(ruleStagingPublic, at.host, "strangers are let in, and staging.restricted says that they must not be")
	default:
		s.indexing()
	}
	s.productionData()
}

// indexing judges whether search engines are kept from every page.
func (s *session) indexing() {
	at := s.staging
	pages, wrong, missed := 0, 0, ""
	disallowed := disallowsAll(s.stranger(at, "/robots.txt"))
	for _, path := range at.Paths {
		x := s.stranger(at, path)
		if reason := unseen(x); reason != "" {
			missed = at.at(path) + ": " + reason
			continue
		}
		if x.Status < 200 || x.Status > 299 || !isPage(x) {
			continue
		}
		pages++
		switch {
		case unindexed(x):
		case disallowed:
			wrong++
			s.report.FailAs(ruleStagingPublic, at.at(path), readiness.Low, "robots.txt keeps crawlers from the page, which does not keep its address out of an index", "Send X-Robots-Tag: noindex as well, and let crawlers see it.")
		default:
			wrong++
			s.report.Fail(ruleStagingPublic, at.at(path), "search engines may index the page: it has no noindex, and strangers may see it")
		}
	}
	switch {
	case wrong > 0:
	case missed != "":
		s.report.Inconclusive(ruleStagingPublic, at.host, missed)
	case pages == 0:
		s.report.InconclusiveAs(ruleStagingPublic, at.host, "none of the paths is a page that strangers see", "Name a page in production.paths, such as /.")
	default:
		s.report.Pass(ruleStagingPublic, at.host, "search engines are told to index nothing")
	}
}

func isPage(x probe.Exchange) bool {
	return strings.Contains(strings.ToLower(x.Header.Get("Content-Type")), "html") || bytes.Contains(bytes.ToLower(x.Body[:min(len(x.Body), 1024)]), []byte("<html"))
}

// unindexed reports whether an answer asks all search engines not to index it.
func unindexed(x probe.Exchange) bool {
	says := func(text string) bool {
		return slices.ContainsFunc(strings.Split(strings.ToLower(text), ","), func(word string) bool {
			word = strings.TrimSpace(word)
			return word == "noindex" || word == "none" // one robot's name before it would be for that one alone
		})
	}
	return slices.ContainsFunc(x.Header.Values("X-Robots-Tag"), says) || says(metas(x.Body)["robots"])
}

// disallowsAll reports whether a robots.txt (RFC 9309) keeps every crawler out.
func disallowsAll(x probe.Exchange) bool {
	if x.Status != 200 || isPage(x) {
		return false
	}
	everyone, rule := false, false
	for line := range strings.Lines(string(x.Body)) {
		line, _, _ = strings.Cut(line, "#")
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "user-agent":
			if rule {
				everyone, rule = false, false
			}
			everyone = everyone || value == "*"
		case "disallow", "allow":
			rule = true
			if everyone && strings.EqualFold(strings.TrimSpace(name), "disallow") && value == "/" {
				return true
			}
		}
	}
	return false
}

// productionData looks on staging for what production's data alone holds.
func (s *session) productionData() {
	at := s.staging
	subject := at.host + " (data)"
	if len(s.spec.Staging.Markers) == 0 {
		s.report.NotApplicable(ruleStagingPublic, subject, "no marker of production's data is named")
		return
	}
	if at.walled != "" {
		s.report.InconclusiveAs(ruleStagingPublic, subject, at.walled, throughTheWall)
		return
	}
	shown, unknown, missed := 0, 0, ""
	for _, marker := range s.spec.Staging.Markers {
		if !s.holds(s.production, marker) {
			unknown++
			continue
		}
		for _, path := range at.Paths {
			switch x := s.get(at, path); {
			case unseen(x) != "":
				missed = at.at(path) + ": " + unseen(x)
			case x.Holds(marker):
				shown++
				s.report.FailAs(ruleStagingPublic, at.at(path)+" (data)", readiness.High, "staging shows what production's data alone holds", "Fill staging with data that is made up, and give it a database of its own.")
			}
		}
	}
	switch {
	case shown > 0:
	case unknown == len(s.spec.Staging.Markers):
		s.report.InconclusiveAs(ruleStagingPublic, subject, "production shows none of the markers, so that their absence from staging tells nothing", "Name in staging.production_markers a text that a path of production.paths shows, if need be to production.identity.")
	case missed != "":
		s.report.Inconclusive(ruleStagingPublic, subject, missed)
	default:
		s.report.Pass(ruleStagingPublic, subject, "staging shows none of what production's data holds")
	}
}

func (s *session) holds(at *site, marker string) bool {
	return slices.ContainsFunc(at.Paths, func(path string) bool {
		x := s.get(at, path)
		return x.Holds(marker)
	})
}

// visibleText is a page without scripts, styles and comments.
func visibleText(body []byte) string {
	return tags().ReplaceAllString(hiddenParts().ReplaceAllString(string(body[:min(len(body), 512<<10)]), " "), " ")
}

var (
	hiddenParts = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)<script\b.*?</script>|<style\b.*?</style>|<template\b.*?</template>|<noscript\b.*?</noscript>|<!--.*?-->`)
	})
	tags = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)<[^>]*>`) })
)
