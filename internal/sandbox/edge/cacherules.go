package edge

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// cachePlan is what settings and rules say of caching the answer to a request.
type cachePlan struct {
	eligible  bool
	armor     bool // cache deception armour
	sortQuery bool // ignore_query_strings_order
	leaveOut  struct {
		All  bool     `json:"all"`
		List []string `json:"list"`
	} // of the query
	edge, browser ttl
	extension     string // of the path, lower case
}

// ttl is edge_ttl or browser_ttl of a cache rule; times are in seconds.
type ttl struct {
	Mode    string `json:"mode"` // respect_origin, override_origin or bypass_by_default
	Default int64  `json:"default"`
	Status  []struct {
		Code  int                    `json:"status_code"`
		Range struct{ From, To int } `json:"status_code_range"`
		Value int64                  `json:"value"` // -1 = no-store, 0 = no-cache
	} `json:"status_code_ttl"`
}

const (
	respectOrigin   = "respect_origin"
	overrideOrigin  = "override_origin"
	bypassByDefault = "bypass_by_default"
)

// planCache lets the cache rules decide. They stack: each that matches changes
// what it names, and the last one wins.
func (s *Server) planCache(v *visit) error {
	name, _ := v.values["http.request.uri.path.extension"].(string)
	v.cache = cachePlan{extension: name, eligible: extensions[name] != ""}
	v.cache.edge.Mode, v.cache.browser.Mode = respectOrigin, ""
	return s.run(v, phaseCache, func(r zone.Rule) (bool, error) {
		var in struct {
			Cache   *bool
			Edge    *ttl `json:"edge_ttl"`
			Browser *ttl `json:"browser_ttl"`
			Key     *struct {
				Armor  *bool `json:"cache_deception_armor"`
				Sort   *bool `json:"ignore_query_strings_order"`
				Custom *struct {
					Query struct {
						Exclude struct {
							All  bool     `json:"all"`
							List []string `json:"list"`
						} `json:"exclude"`
					} `json:"query_string"`
				} `json:"custom_key"`
			} `json:"cache_key"`
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		if in.Cache != nil {
			v.cache.eligible = *in.Cache
		}
		if in.Edge != nil {
			v.cache.edge = *in.Edge
		}
		if in.Browser != nil {
			v.cache.browser = *in.Browser
		}
		if in.Key != nil {
			if in.Key.Armor != nil {
				v.cache.armor = *in.Key.Armor
			}
			if in.Key.Sort != nil {
				v.cache.sortQuery = *in.Key.Sort
			}
			if in.Key.Custom != nil {
				v.cache.leaveOut = in.Key.Custom.Query.Exclude
			}
		}
		return false, nil
	})
}

// lifetime says for how long an answer may be served again, and whether it may
// be stored at all. Where a rule overrides the origin, a cookie that the answer
// sets is taken away instead of keeping it out of the cache.
func (p cachePlan) lifetime(r *http.Request, resp *http.Response) (time.Duration, bool) {
	seconds := func(n int64) (time.Duration, bool) { return time.Duration(n) * time.Second, n >= 0 }
	for _, s := range p.edge.Status {
		if s.Code == resp.StatusCode || s.Code == 0 && s.Range.From <= resp.StatusCode && (s.Range.To == 0 || resp.StatusCode <= s.Range.To) {
			resp.Header.Del("Set-Cookie")
			return seconds(s.Value)
		}
	}
	if p.edge.Mode == overrideOrigin {
		if byStatus(resp.StatusCode) == 0 {
			return 0, false
		}
		resp.Header.Del("Set-Cookie")
		return seconds(p.edge.Default)
	}
	directives := parseCacheControl(resp.Header)
	if directives.has("no-store") || directives.has("private") || resp.Header.Get("Set-Cookie") != "" {
		return 0, false
	}
	// RFC 9111 3.5.
	if r.Header.Get("Authorization") != "" && !directives.has("must-revalidate") && !directives.has("public") && !directives.has("s-maxage") {
		return 0, false
	}
	if directives.has("no-cache") {
		return 0, true
	}
	for _, name := range []string{"s-maxage", "max-age"} {
		if n, err := strconv.ParseInt(directives[name], 10, 32); err == nil {
			return seconds(max(n, 0))
		}
	}
	if at, err := http.ParseTime(resp.Header.Get("Expires")); err == nil {
		date, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			return 0, true
		}
		return max(at.Sub(date), 0), true
	}
	if p.edge.Mode == bypassByDefault || p.armor && p.deceived(resp) {
		return 0, false
	}
	life := byStatus(resp.StatusCode)
	return life, life > 0
}

// byStatus is for how long an answer is kept of which the origin says nothing
// (https://developers.cloudflare.com/cache/concepts/default-cache-behavior/).
func byStatus(status int) time.Duration {
	switch status {
	case 200, 206, 301:
		return 2 * time.Hour
	case 302, 303:
		return 20 * time.Minute
	case 404, 410:
		return 3 * time.Minute
	}
	return 0
}

// deceived tells whether an answer is not what its address says: a page under
// the name of a picture.
func (p cachePlan) deceived(resp *http.Response) bool {
	got, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	got = strings.ToLower(strings.TrimSpace(got))
	want := extensions[p.extension]
	if want == "" || got == "application/octet-stream" {
		return false
	}
	match, err := path.Match(want, got)
	return err != nil || !match
}

// browserTTL changes what browsers are told of an answer that the edge caches.
// The zone's setting raises the origin's time, a rule replaces it.
func (v *visit) browserTTL(h http.Header) {
	if v.status == statusDynamic || v.status == statusBypass {
		return
	}
	set := func(n int64) { h.Set("Cache-Control", "max-age="+strconv.FormatInt(n, 10)) }
	switch v.cache.browser.Mode {
	case overrideOrigin:
		set(v.cache.browser.Default)
	case "":
		age, err := strconv.ParseInt(parseCacheControl(h)["max-age"], 10, 64)
		if v.settings.browserTTL > 0 && (err != nil || age < v.settings.browserTTL) {
			set(v.settings.browserTTL)
		}
	}
}

// cacheControl is the header of that name, by directive in lower case.
type cacheControl map[string]string

func parseCacheControl(h http.Header) cacheControl {
	out := cacheControl{}
	for _, part := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name != "" {
			out[strings.ToLower(name)] = strings.Trim(text, `"`)
		}
	}
	return out
}

func (c cacheControl) has(name string) bool { _, ok := c[name]; return ok }

func (c cacheControl) String() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if c[name] != "" {
			name += "=" + c[name]
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// extensions are those that are cached by themselves, with the media type that
// the armour expects of them
// (https://developers.cloudflare.com/cache/concepts/default-cache-behavior/#default-cached-file-extensions).
var extensions = func() map[string]string {
	out := map[string]string{
		"css": "text/css", "js": "*/*javascript", "csv": "text/csv", "pdf": "application/pdf", "swf": "application/*",
		"svg": "image/svg*", "svgz": "image/svg*",
	}
	for media, names := range map[string]string{
		"image/*":       "gif png tif tiff avif bmp jpg jpeg webp ico pict ejs eps ps",
		"audio/*":       "mid midi mp3 ogg flac",
		"video/*":       "avi mkv mp4 webm",
		"font/*":        "ttf otf woff woff2 eot",
		"application/*": "7z zip gz zst bz2 tar rar doc docx xls xlsx ppt pptx apk dmg iso jar bin exe class pls",
	} {
		for _, name := range strings.Fields(names) {
			out[name] = media
		}
	}
	return out
}()
