package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Error is an error as the API reports it.
type Error struct {
	Status  int     `json:"-"`
	Code    int     `json:"code,omitempty"` // 0: the answer has none
	Message string  `json:"message"`
	Source  *source `json:"source,omitempty"`
	Chain   []Error `json:"error_chain,omitempty"`

	RetryAfter time.Duration `json:"-"`
	more       []*Error      // beside the first
	dns        bool          // may be wrapped in code 1004
}

// source points at the part of the request that is wrong (RFC 6901).
type source struct {
	Pointer string `json:"pointer"`
}

// Error makes an *Error a Go error, for those who seed a zone.
func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// Codes of the API. Those without a source in the documentation are marked so.
const (
	codeTooManyRequests  = 971
	codeInvalidToken     = 1000
	codeZoneName         = 1003
	codeValidation       = 1004
	codeUndefinedSetting = 1006 // not documented
	codeSettingValue     = 1007
	codeZoneEdit         = 1012 // not documented
	codeSettingReadOnly  = 1025
	codeRecordReadOnly   = 1043 // not documented
	codeUnset            = 1142 // not documented
	codePullCertificate  = 1410 // not documented
	codePullMissing      = 1411 // not documented
	codeZoneUnregistered = 1049
	codeZoneExists       = 1061
	codeZoneSubdomain    = 1116
	codeZoneType         = 1124 // not documented
	codeDNSSEC           = 1216 // not documented
	codeHeaders          = 6003
	codeJSON             = 6007
	codeAuthFormat       = 6111
	codeNoRoute          = 7000
	codeBadPath          = 7003
	codeName             = 9000
	codeProxiedTarget    = 9003
	codeProxiedType      = 9004
	codeContentA         = 9005
	codeContentAAAA      = 9006
	codeContentHost      = 9007
	codeContentMX        = 9009
	codeTTL              = 9021
	codeSelfCNAME        = 9039
	codeData             = 9101
	codeNoCredentials    = 9106
	codeNotAuthorised    = 9109
	codeBadQuery         = 9110 // not documented
	codeBody             = 9207
	codeTags             = 9300
	codeComment          = 9313 // not documented
	codePermission       = 10000
	codeMethod           = 10405
	codeRulesetMissing   = 10003
	codeRule             = 20021 // not documented
	codeExpression       = 20127 // not documented
	codeRuleQuota        = 20129 // not documented
	codeRuleEntitlement  = 20120 // not documented
	codeRulesetExists    = 20217
	codeRecordMissing    = 81044
	codeQuota            = 81045
	codeHealth           = 1002  // not documented
	codeHealthPlan       = 1015  // not documented
	codeHealthMissing    = 1404  // not documented
	codeAlert            = 17000 // not documented
	codeAlertPlan        = 17103 // not documented
	codeAlertMissing     = 17404 // not documented
	codeAlertTest        = 17002 // not documented
	codeAddressHere      = 81053
	codeCNAMEHere        = 81054
	codeSubdomainZone    = 81056
	codeRecordExists     = 81057
	codeIdenticalRecord  = 81058
)

// envelope wraps an error. Where wrapped, a DNS error stands in the chain of a
// general one.
func (e *Error) envelope(wrapped bool) *envelope {
	first := e
	if wrapped && e.dns {
		inner := *e
		inner.Source = nil
		first = &Error{Code: codeValidation, Message: "DNS Validation Error", Chain: []Error{inner}}
	}
	return &envelope{Errors: append([]*Error{first}, e.more...), Messages: []message{}}
}

func badRequest(code int, text string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: text}
}

// invalid is an error in a DNS record, at a field of the body.
func invalid(code int, field, format string, args ...any) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...),
		Source: &source{Pointer: "/" + field}, dns: true,
	}
}

// conflict is an error of a DNS record with what the zone holds.
func conflict(code int, text string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: text}
}

// unfit is an error in a rule or ruleset, at a place of the body.
func unfit(pointer, value, field, reason string) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: codeRule, Source: &source{Pointer: pointer},
		Message: fmt.Sprintf("'%s' is not a valid value for %s because %s", value, field, reason),
	}
}

func noSuchRuleset() *Error {
	return &Error{Status: http.StatusNotFound, Code: codeRulesetMissing, Message: "could not find ruleset"}
}

func noEntryPoint(phase string) *Error {
	return &Error{
		Status: http.StatusNotFound, Code: codeRulesetMissing,
		Message: fmt.Sprintf("could not find entrypoint ruleset in the %q phase at the zone level", phase),
	}
}

func noSuchRecord() *Error {
	return &Error{Status: http.StatusNotFound, Code: codeRecordMissing, Message: "Record does not exist."}
}

func noRoute(method, path string) *Error {
	for _, other := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if _, _, ok := match(other, path); ok {
			return &Error{Status: http.StatusMethodNotAllowed, Code: codeMethod, Message: "Method not allowed: " + method}
		}
	}
	return badRequest(codeNoRoute, "No route for that URI")
}

func badPath(path string) *Error {
	return &Error{
		Status: http.StatusNotFound, Code: codeBadPath,
		Message: "Could not route to " + path + ", perhaps your object identifier is invalid?",
		more:    []*Error{{Code: codeNoRoute, Message: "No route for that URI"}},
	}
}

func notAuthorised() *Error {
	return &Error{Status: http.StatusForbidden, Code: codeNotAuthorised, Message: "Unauthorized to access requested resource"}
}

func missingPermission() *Error {
	return &Error{Status: http.StatusForbidden, Code: codePermission, Message: "Authentication error"}
}

func rateLimited(wait time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: codeTooManyRequests,
		Message: "Please wait and consider throttling your request speed", RetryAfter: wait,
	}
}

// seconds is a duration in whole seconds, rounded up: one who waits so long
// has waited long enough.
func seconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
