package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/cloudflare/cloudflare-go/v7/option"
)

// Permissions of tokens, as Cloudflare's list of permission groups names them.
const (
	permZoneRead      = "Zone Read"
	permDNSRead       = "DNS Read"
	permDNSWrite      = "DNS Write"
	permSettingsRead  = "Zone Settings Read"
	permSettingsWrite = "Zone Settings Write"
)

// operation is what an error says of a call.
type operation struct {
	name       string
	method     string
	path       string
	zoneID     string
	permission string
}

func (o operation) writes() bool { return o.method != http.MethodGet }

// sentKey finds in a request's context the *atomic.Bool by which the transport
// tells whether the server may have seen the request; the SDK hides it when the
// context has ended.
type sentKey struct{}

// call makes one call by a method of the SDK and returns the envelope of a
// success. Every error is an *Error. The SDK's own error is used only if there
// is no answer: its type cannot be named, and it is empty for an HTML body.
func (c *Client) call(ctx context.Context, op operation, body any, do func(ctx context.Context, opts []option.RequestOption) error) (envelope, *http.Response, error) {
	var resp *http.Response
	var raw []byte
	opts := []option.RequestOption{option.WithResponseInto(&resp), option.WithResponseBodyInto(&raw)}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return envelope{}, nil, c.failure(op, &inputError{"encode the request: " + err.Error()}, false)
		}
		opts = append(opts, option.WithRequestBody("application/json", encoded))
	}
	var sent atomic.Bool
	err := do(context.WithValue(ctx, sentKey{}, &sent), opts)
	if resp == nil {
		if err == nil {
			err = errNotEnvelope
		}
		return envelope{}, nil, c.failure(op, err, sent.Load())
	}
	if resp.StatusCode >= 400 { // the SDK has put the body back
		if raw, err = io.ReadAll(resp.Body); err != nil {
			return envelope{}, nil, c.failure(op, err, true)
		}
	}
	if resp.StatusCode >= 300 {
		return envelope{}, resp, c.refusal(op, resp, raw)
	}
	if op.method == http.MethodDelete && len(raw) == 0 {
		return envelope{}, resp, nil
	}
	env, parseErr := parseEnvelope(raw)
	if parseErr != nil || !*env.Success {
		return envelope{}, resp, c.refusal(op, resp, raw)
	}
	for i, m := range env.messages {
		env.messages[i] = c.redactor.text(m)
	}
	return env, resp, nil
}

// inputError is a call that cannot be made: nothing was sent.
type inputError struct{ text string }

func (e *inputError) Error() string { return e.text }

// checkID refuses what would change the path of a call, with an *inputError.
func checkID(kind, id string) error {
	if id == "" || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-'
	}) {
		return &inputError{fmt.Sprintf("%q is not the id of a %s", id, kind)}
	}
	return nil
}
