package watch

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// query evaluates the few forms of PromQL that are needed: a selector, a sum of
// one, and the count of targets that are up.
func (w *Watch) query(rw http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.FormValue("query"))
	at := strconv.FormatInt(w.options.Now().Unix(), 10)
	vector := func(values ...float64) {
		result := []any{}
		for _, v := range values {
			result = append(result, map[string]any{"metric": map[string]string{}, "value": []any{0, strconv.FormatFloat(v, 'g', -1, 64)}})
		}
		success(rw, map[string]any{"resultType": "vector", "result": result})
	}
	if asked := r.FormValue("time"); asked != "" && asked < at {
		vector() // nothing is kept of the past
		return
	}
	if text == "count(up == 1)" {
		vector(1)
		return
	}
	if inner, ok := strings.CutPrefix(text, "sum("); ok {
		text = strings.TrimSuffix(inner, ")")
	}
	found := selectorForm.FindStringSubmatch(text)
	if found == nil {
		rw.WriteHeader(http.StatusBadRequest)
		reply(rw, map[string]string{"status": "error", "errorType": "bad_data", "error": "invalid parameter \"query\": 1:1: parse error"})
		return
	}
	sum, any := 0.0, false
	for line := range strings.Lines(w.options.Metrics()) {
		if value, ok := valueOf(line, found[1], found[2]); ok {
			sum, any = sum+value, true
		}
	}
	if !any {
		vector()
		return
	}
	vector(sum)
}

var (
	selectorForm = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})?$`)
	labelForm    = regexp.MustCompile(`([a-z_]+)(=~|=)"([^"]*)"`)
)

// valueOf is the value of a line of the text format that a selector fits.
func valueOf(line, name, labels string) (float64, bool) {
	line = strings.TrimSpace(line)
	i := strings.LastIndexByte(line, ' ')
	if i < 0 {
		return 0, false
	}
	series, number := line[:i], line[i+1:]
	own, rest, _ := strings.Cut(series, "{")
	if own != name {
		return 0, false
	}
	has := map[string]string{}
	for _, l := range labelForm.FindAllStringSubmatch(rest, -1) {
		has[l[1]] = l[3]
	}
	for _, l := range labelForm.FindAllStringSubmatch(labels, -1) {
		expression := regexp.QuoteMeta(l[3])
		if l[2] == "=~" {
			expression = l[3]
		}
		if fits, err := regexp.MatchString("^(?:"+expression+")$", has[l[1]]); err != nil || !fits {
			return 0, false
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	return value, err == nil
}
