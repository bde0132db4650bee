package edge

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// redirected answers with the first redirect rule that matches.
func (s *Server) redirected(w http.ResponseWriter, v *visit) (done bool, err error) {
	err = s.run(v, phaseRedirect, func(r zone.Rule) (bool, error) {
		var in struct {
			From struct {
				Status int   `json:"status_code"`
				Target value `json:"target_url"`
				Keep   bool  `json:"preserve_query_string"`
			} `json:"from_value"`
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		target, err := s.evaluate(v, in.From.Target)
		if err != nil {
			return false, err
		}
		at, err := url.Parse(target)
		if err != nil {
			return false, err
		}
		if query, _ := v.values["http.request.uri.query"].(string); in.From.Keep && query != "" {
			at.RawQuery = query
		}
		if in.From.Status == 0 {
			in.From.Status = http.StatusMovedPermanently
		}
		if !slices.Contains([]int{301, 302, 303, 307, 308}, in.From.Status) {
			return false, fmt.Errorf("%d is no status of a redirect", in.From.Status)
		}
		s.mark(w.Header(), v)
		w.Header().Set("Location", at.String())
		w.WriteHeader(in.From.Status)
		done = true
		return true, nil
	})
	return done, err
}

// rewrite changes the address that the origin is asked for.
func (s *Server) rewrite(v *visit) error {
	return s.run(v, phaseTransform, func(r zone.Rule) (bool, error) {
		var in struct {
			URI struct{ Path, Query *value }
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		path, _ := v.values["http.request.uri.path"].(string)
		query, _ := v.values["http.request.uri.query"].(string)
		for _, part := range []struct {
			in  *value
			out *string
		}{{in.URI.Path, &path}, {in.URI.Query, &query}} {
			if part.in == nil {
				continue
			}
			text, err := s.evaluate(v, *part.in)
			if err != nil {
				return false, err
			}
			*part.out = text
		}
		target, err := url.ParseRequestURI(path)
		if err != nil {
			return false, fmt.Errorf("the path it rewrites to: %w", err)
		}
		target.RawQuery = query
		v.target = target
		v.setURI(path, query)
		return false, nil
	})
}

// configure lets configuration rules change settings for a request.
func (s *Server) configure(v *visit) error {
	return s.run(v, phaseConfig, func(r zone.Rule) (bool, error) {
		var in struct {
			SSL      *mode   `json:"ssl"`
			Level    *string `json:"security_level"`
			Rewrites *bool   `json:"automatic_https_rewrites"`
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		if in.SSL != nil {
			v.settings.ssl = *in.SSL
		}
		if in.Level != nil {
			v.settings.securityLevel = *in.Level
		}
		if in.Rewrites != nil {
			v.settings.rewrites = *in.Rewrites
		}
		return false, nil
	})
}

// headerChange is one operation on a header.
type headerChange struct{ name, operation, value string }

func (c headerChange) apply(h http.Header) {
	switch c.operation {
	case "set":
		h.Set(c.name, c.value)
	case "add":
		h.Add(c.name, c.value)
	case "remove":
		h.Del(c.name)
	}
}

// headerChanges are what the rules of a header phase do to a message.
func (s *Server) headerChanges(v *visit, phase string) ([]headerChange, error) {
	var out []headerChange
	err := s.run(v, phase, func(r zone.Rule) (bool, error) {
		var in struct {
			Headers map[string]struct {
				value
				Operation string `json:"operation"`
			} `json:"headers"`
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		for _, name := range slices.Sorted(maps.Keys(in.Headers)) {
			change := headerChange{name: name, operation: in.Headers[name].Operation}
			switch change.operation {
			case "set", "add":
				var err error
				if change.value, err = s.evaluate(v, in.Headers[name].value); err != nil {
					return false, err
				}
			case "remove":
			default:
				return false, fmt.Errorf("header %s: unknown operation %q", name, change.operation)
			}
			out = append(out, change)
		}
		return false, nil
	})
	return out, err
}

// cacheControl lets response rules change Cache-Control before the cache looks
// at it, and take Set-Cookie away.
func (s *Server) cacheControl(v *visit, resp *http.Response) error {
	return s.run(v, phaseResponseCache, func(r zone.Rule) (bool, error) {
		switch r.Action {
		case "set_cache_control":
			var in map[string]struct {
				Operation string          `json:"operation"`
				Value     json.RawMessage `json:"value"`
			}
			if err := parameters(r, &in); err != nil {
				return false, err
			}
			directives := parseCacheControl(resp.Header)
			for name, d := range in {
				delete(directives, name)
				if d.Operation == "set" {
					directives[name] = ""
					var seconds int64
					if json.Unmarshal(d.Value, &seconds) == nil && len(d.Value) > 0 {
						directives[name] = strconv.FormatInt(seconds, 10)
					}
				}
			}
			resp.Header.Set("Cache-Control", directives.String())
		case "set_cache_settings":
			var in struct {
				StripCookie bool `json:"strip_set_cookie"`
				StripETags  bool `json:"strip_etags"`
			}
			if err := parameters(r, &in); err != nil {
				return false, err
			}
			if in.StripCookie {
				resp.Header.Del("Set-Cookie")
			}
			if in.StripETags {
				resp.Header.Del("ETag")
			}
		}
		return false, nil
	})
}
