package portal

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the visitor has gone if this fails
}

// refuse writes a problem (RFC 9457) that says no more than its status.
func refuse(w http.ResponseWriter, status int) { explain(w, status, "") }

// explain is refuse with a sentence; empty = none.
func explain(w http.ResponseWriter, status int, detail string) {
	problem := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status}
	if detail != "" {
		problem["detail"] = detail
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem) // the visitor has gone if this fails
}

// decode reads one JSON object with known fields; otherwise it answers itself.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType)
		return false
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.Decode(new(json.RawMessage)) != io.EOF {
		err = errors.New("more than one value")
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge)
	case err != nil:
		refuse(w, http.StatusUnprocessableEntity)
	}
	return err == nil
}
