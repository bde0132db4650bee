package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
)

// faultView is a fault as the control interface shows it.
type faultView struct {
	Fault
	On bool `json:"on"`
}

// control returns the control interface: JSON over HTTP for the demo, the
// tests and a curious person. It has no authentication; it listens on the
// loopback interface only.
func (s *Sandbox) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, r *http.Request) {
		counts := s.account.api.Counts()
		if r.URL.Query().Get("reset") == "1" {
			s.account.api.ResetCounts()
		}
		reply(w, http.StatusOK, counts)
	})
	mux.HandleFunc("GET /portal/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.faultViews())
	})
	// Takes a list of names, or {"faults": [...]}; the name of a state stands
	// for its faults, so ["healthy"] and [] clear all.
	mux.HandleFunc("PUT /portal/faults", func(w http.ResponseWriter, r *http.Request) {
		var names []string
		if !receiveSome(w, r, "faults", &names) {
			return
		}
		if err := s.SetFaults(names...); err != nil {
			complain(w, http.StatusUnprocessableEntity, err)
			return
		}
		reply(w, http.StatusOK, s.faultViews())
	})
	mux.HandleFunc("PUT /api/faults", s.putAPIFaults)
	mux.HandleFunc("PUT /monitors/faults", s.putMonitorFaults)
	mux.HandleFunc("GET /zone", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.account.api.Dump(s.account.zone))
	})
	mux.HandleFunc("PUT /zone/records", s.putRecord)
	mux.HandleFunc("PUT /zone/status", s.putStatus)
	mux.HandleFunc("PUT /zone/ds", s.putDS)
	mux.HandleFunc("PUT /origin", s.putOrigin)
	// {"id","value"}: saves one zone setting by hand.
	mux.HandleFunc("PUT /zone/settings", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ID    string          `json:"id"`
			Value json.RawMessage `json:"value"`
		}
		if !receive(w, r, &in) {
			return
		}
		if in.ID == "" || in.Value == nil {
			complain(w, http.StatusUnprocessableEntity, errors.New("a setting needs an id and a value"))
			return
		}
		if _, err := change(s.world.zone, in.ID, in.Value); err != nil {
			complain(w, http.StatusUnprocessableEntity, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /inbox", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.inbox.Messages())
	})
	return mux
}

func (s *Sandbox) faultViews() []faultView {
	on := s.faults.names()
	out := []faultView{}
	for _, f := range Faults() {
		out = append(out, faultView{Fault: f, On: slices.Contains(on, f.Name)})
	}
	return out
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the asker has gone if this fails
}

func complain(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

// receive reads a JSON body, or says what is wrong with it.
func receive(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		err = strictly(body, into)
	}
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

// receiveSome reads a JSON list, an object whose named field holds the list,
// or one element alone.
func receiveSome[T any](w http.ResponseWriter, r *http.Request, field string, into *[]T) bool {
	var body json.RawMessage
	if !receive(w, r, &body) {
		return false
	}
	wrapped := map[string]json.RawMessage{}
	if json.Unmarshal(body, &wrapped) == nil && wrapped[field] != nil {
		body = wrapped[field]
	}
	if err := strictly(body, into); err == nil {
		return true
	}
	var one T
	if err := strictly(body, &one); err != nil {
		complain(w, http.StatusBadRequest, err)
		return false
	}
	*into = []T{one}
	return true
}

// strictly decodes JSON whose fields are all known.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
