package secretscheck

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

// mapOf queues the source map of a script: where a comment or a header says it
// is, else where it usually is.
func (c *crawl) mapOf(base *url.URL, x probe.Exchange, body string) {
	reference := x.Header.Get("SourceMap")
	if reference == "" {
		reference = x.Header.Get("X-SourceMap")
	}
	if all := mapComment().FindAllStringSubmatch(body, -1); reference == "" && len(all) > 0 {
		reference = all[len(all)-1][1]
	}
	switch {
	case strings.HasPrefix(reference, "data:"):
		if _, data, ok := strings.Cut(reference, "base64,"); ok {
			if raw, err := base64.StdEncoding.DecodeString(data); err == nil {
				c.sourceMap(base, raw)
			}
		}
	case reference != "":
		c.want(base, reference, aMap)
	case extension(base) == ".js" || extension(base) == ".mjs":
		guess := *base
		guess.Path, guess.RawPath, guess.RawQuery = base.Path+".map", "", ""
		if key := guess.String(); !c.seen[key] {
			c.seen[key] = true
			c.queue = append(c.queue, wanted{&guess, aGuess})
		}
	}
}

// sourceMap judges a source map (ECMA-426) and looks into the sources in it.
func (c *crawl) sourceMap(at *url.URL, raw []byte) {
	var m struct {
		Mappings       *string   `json:"mappings"`
		Sections       []any     `json:"sections"`
		Sources        []string  `json:"sources"`
		SourcesContent []*string `json:"sourcesContent"`
	}
	text := strings.TrimPrefix(string(raw), ")]}'")
	if json.Unmarshal([]byte(text), &m) != nil || m.Mappings == nil && m.Sections == nil {
		return // nothing, or a page in its place
	}
	name := subject(at)
	for i, content := range m.SourcesContent {
		if content == nil || i < len(m.Sources) && strings.Contains(m.Sources[i], "node_modules/") {
			continue
		}
		c.found = append(c.found, c.scan(*content, name)...)
	}
	own := slices.DeleteFunc(slices.Clone(m.Sources), func(s string) bool {
		return strings.Contains(s, "node_modules/") || strings.HasPrefix(s, "webpack/")
	})
	if len(own) == 0 {
		return // what everybody can read in the package of the library
	}
	v := shown{subject: name, severity: readiness.Medium, message: "the source map shows how the application is built"}
	if len(m.SourcesContent) > 0 {
		v.message = "the source map holds the source of the application"
		if slices.ContainsFunc(own, serverPath().MatchString) {
			v.severity, v.message = readiness.High, "the source map holds source of the server"
		}
	}
	c.maps = append(c.maps, v)
}

var serverPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|/)(?:server|backend|controllers|prisma|migrations|pages/api|app/api)/|\.server\.[jt]sx?$|(?:^|/)\.env`)
})

// judge reports what the crawl found.
func (c *crawl) judge() {
	for host := range c.foreign {
		c.report.Observe("scripts not read of "+host, "another site: name it in asset_hosts if its files are yours")
	}
	var secrets, unknown []shown
	seen := map[string]bool{}
	found := c.list(func(f secretscan.Finding) string { return f.File }, c.found)
	for _, f := range found {
		if key := f.File + f.Fingerprint; !seen[key] {
			seen[key] = true
		} else {
			continue
		}
		v := shown{subject: f.File, message: describe(f), waiver: f.Waiver, severity: readiness.Critical}
		switch {
		case doubtful(f):
			v.severity = readiness.Medium
			unknown = append(unknown, v)
		default:
			if f.Grade != 0 {
				v.severity = readiness.High
			}
			secrets = append(secrets, v)
		}
	}
	failed := c.publish(ruleBundle, "pages", secrets)
	strange := c.publish(ruleUnknown, "pages", unknown)
	mapped := c.publish(ruleSourceMap, "pages", distinct(c.maps))
	names := make([]string, 0, len(c.gaps))
	for name := range c.gaps {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c.conclude(ruleBundle, name, "", true, c.gaps[name])
		for _, g := range c.gaps[name] {
			c.unclear(ruleUnknown, name, g)
			c.unclear(ruleSourceMap, name, g)
		}
	}
	if len(names) > 0 {
		return
	}
	c.conclude(ruleBundle, "pages", "no secret in the pages and in what they load", failed, nil)
	c.conclude(ruleUnknown, "pages", "no key of an unknown kind in the pages and in what they load", strange, nil)
	c.conclude(ruleSourceMap, "pages", "no source map of what the pages load is public", mapped, nil)
}

// doubtful reports whether a find on the live site may be harmless: a key of no
// vendor, or a token that the site may have made for the visitor.
func doubtful(f secretscan.Finding) bool {
	return f.Class == secretscan.Unknown || f.Rule == "generic-api-key" || f.Kind == "JSON Web Token"
}

// distinct leaves one finding a subject.
func distinct(all []shown) []shown {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(s shown) bool {
		again := seen[s.subject]
		seen[s.subject] = true
		return again
	})
}
