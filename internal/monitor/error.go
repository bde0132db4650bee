package monitor

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a call to a service that did not succeed.
type Error struct {
	Backend   string        // such as "betterstack"
	Operation string        // such as "create monitor portal"
	Status    int           // of HTTP; 0 if there was no answer
	Message   string        // what the service said, or what went wrong on the way; no secret
	Field     string        // of Monitor that the service refuses, in configuration's words, or empty
	RetryIn   time.Duration // how long the service asks to wait, or 0
	HTML      bool          // the answer was a page for people
	Uncertain bool          // the call may have been carried out all the same

	cause error
}

// Error says what was tried and what came of it, in one line.
func (e *Error) Error() string {
	switch {
	case e.Status == 0, e.cause != nil:
		return fmt.Sprintf("%s: %s: %s", e.Backend, e.Operation, e.Message)
	default:
		return fmt.Sprintf("%s: %s: answered %d: %s", e.Backend, e.Operation, e.Status, e.Message)
	}
}

// Unwrap gives the cause of a call that was not answered.
func (e *Error) Unwrap() error { return e.cause }

// NotFound reports whether the monitor is gone.
func (e *Error) NotFound() bool {
	return !e.HTML && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

// Advice says what the likely cause is and what to do next; empty where there
// is nothing to add.
func (e *Error) Advice() string {
	var out []string
	switch {
	case e.Status == http.StatusTooManyRequests && e.RetryIn > 0:
		out = append(out, fmt.Sprintf("The service takes no more calls for now. Try again in %s, or run with fewer monitors at a time (-parallelism=1).", e.RetryIn.Round(time.Second)))
	case e.Status == http.StatusTooManyRequests:
		out = append(out, "The service takes no more calls for now. Try again in a minute, or run with fewer monitors at a time (-parallelism=1).")
	case e.HTML:
		out = append(out, "The answer is a web page, so it did not come from the API. Check monitors."+e.Backend+".base_url, and whether a proxy or firewall stands between.")
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		out = append(out, "The credential is "+credential(e.Backend)+" of provider \"launchready\", or LAUNCHREADY_MONITORS. Check that it was copied whole, is not a read-only one, and belongs to the account that is meant.")
	case e.Status == 0 && e.Message != "" && e.cause != nil:
		out = append(out, "The service could not be reached. Check the network, a proxy (HTTPS_PROXY) and monitors."+e.Backend+".base_url, then run again.")
	case e.Status >= http.StatusInternalServerError:
		out = append(out, "The service had a fault of its own. Run again in a while.")
	}
	if e.Uncertain {
		out = append(out, "Whether the change was made is not known. Run again: what is there is looked at first.")
	}
	return strings.Join(out, " ")
}

func credential(backend string) string {
	if backend == "uptimerobot" {
		return "monitors.uptimerobot.api_key"
	}
	return "monitors." + backend + ".api_token"
}
