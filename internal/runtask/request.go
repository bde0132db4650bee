package runtask

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// SignatureHeader carries the hexadecimal HMAC-SHA512 of the body.
const SignatureHeader = "X-TFC-Task-Signature"

// Stages of a run.
const (
	stageTest     = "test" // sent once when a task is created, to try the address
	stagePostPlan = "post_plan"
	stagePreApply = "pre_apply"
)

// request is the part of a run task request that is read.
type request struct {
	PayloadVersion int    `json:"payload_version"`
	Stage          string `json:"stage"`
	AccessToken    string `json:"access_token"`
	Capabilities   struct {
		Outcomes bool `json:"outcomes"`
	} `json:"capabilities"`
	CallbackURL string `json:"task_result_callback_url"`
	PlanURL     string `json:"plan_json_api_url"`
	RunID       string `json:"run_id"`
	RunURL      string `json:"run_app_url"`
	Workspace   string `json:"workspace_name"`
}

// signed tells whether a signature is that of the body under the key.
func signed(body []byte, signature string, key []byte) bool {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha512.New, key)
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

var (
	callbackPath = regexp.MustCompile(`^/api/v2/task-results/[A-Za-z0-9_-]+/callback$`)
	planPath     = regexp.MustCompile(`^/api/v2/plans/[A-Za-z0-9_-]+/json-output$`)
)

// parse reads a request whose signature is right, and wants addresses of the
// known hosts: a signature says who wrote the request, not that a token may be
// carried anywhere.
func parse(body []byte, hosts []string) (request, error) {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		return r, errors.New("the request is not JSON of the documented form")
	}
	if r.PayloadVersion != 1 {
		return r, fmt.Errorf("payload_version is %d; 1 is known", r.PayloadVersion)
	}
	if r.Stage == stageTest {
		return r, nil
	}
	if r.AccessToken == "" {
		return r, errors.New("access_token is empty")
	}
	if err := allowed(r.CallbackURL, hosts, callbackPath); err != nil {
		return r, fmt.Errorf("task_result_callback_url: %w", err)
	}
	if r.Stage == stagePostPlan || r.Stage == stagePreApply {
		if err := allowed(r.PlanURL, hosts, planPath); err != nil {
			return r, fmt.Errorf("plan_json_api_url: %w", err)
		}
	}
	return r, nil
}

// allowed wants an https address of one of the hosts, with a path of the form.
func allowed(address string, hosts []string, form *regexp.Regexp) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return errors.New("not an https address")
	}
	if !knownHost(u, hosts) {
		return fmt.Errorf("host %q is not one of %s", cut(plain(u.Host), 100), strings.Join(hosts, ", "))
	}
	if form != nil && (!form.MatchString(u.EscapedPath()) || u.RawQuery != "") {
		return errors.New("the path is not that of the documented API")
	}
	return nil
}

func knownHost(u *url.URL, hosts []string) bool {
	return slices.Contains(hosts, strings.TrimSuffix(strings.ToLower(u.Host), ":443"))
}
