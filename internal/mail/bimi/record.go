// Package bimi reads, writes and judges Brand Indicators for Message
// Identification: the record, the SVG image and the mark certificate
// (draft-brand-indicators-for-message-identification-14; not an RFC). Nothing
// here panics on any input.
package bimi

import (
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

const (
	// Version is the value of the tag v.
	Version = "BIMI1"
	// DefaultSelector is the selector of messages that name none.
	DefaultSelector = "default"
	// Label is where selectors stand below the domain.
	Label = "_bimi"
)

// Record is a parsed record.
type Record struct {
	Location  string // l: https address of the SVG; empty if declined
	Authority string // a: https address of the certificate's PEM; empty if there is none
}

// Declined reports whether the domain says that it has no indicator.
func (r Record) Declined() bool { return r.Location == "" && r.Authority == "" }

// Problem is one error and how to mend it.
type Problem = taglist.Problem

// Problems are all the errors of what was read.
type Problems = taglist.Problems

// IsRecord reports whether a TXT value counts.
func IsRecord(text string) bool { return taglist.Versioned(text, Version) }

// Resembles reports whether a text was meant as a record.
func Resembles(text string) bool { return taglist.Resembles(text, Version) }

// Parse reads a record. The error is Problems; the record holds what could be read.
func Parse(text string) (Record, error) {
	var r Record
	var problems Problems
	if !IsRecord(text) {
		problems.Add(`begin with exactly "v=BIMI1;"`, "the record does not begin with v=BIMI1 and a semicolon")
	}
	tags, faults := taglist.Parse(text, false)
	problems.Faults(faults)
	for _, t := range tags {
		switch t.Name {
		case "l":
			r.Location = t.Value
		case "a":
			r.Authority = t.Value
		case "avp":
			if t.Value != "brand" && t.Value != "personal" {
				problems.Add("write brand or personal", "avp=%s is not defined", taglist.Clip(t.Value))
			}
		}
	}
	if _, ok := taglist.Get(tags, "l"); !ok {
		problems.Add("add l= with the https address of the image, or l= alone to decline", "the tag l, the image's address, is missing")
	}
	for _, u := range []struct{ tag, value string }{{"l", r.Location}, {"a", r.Authority}} {
		if u.value != "" && u.value != "self" && !isHTTPS(u.value) {
			problems.Add("write an address that begins with https://", "%s=%s is not an https address", u.tag, taglist.Clip(u.value))
		}
	}
	if r.Location == "" && r.Authority != "" {
		problems.Add("add the address of the image", "a certificate is named, but l has no address")
	}
	return r, problems.AsError()
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && strings.EqualFold(u.Scheme, "https") && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(text, ", ")
}

// Format writes a record.
func Format(r Record) string {
	tags := []taglist.Tag{{Name: "v", Value: Version}, {Name: "l", Value: r.Location}}
	if r.Authority != "" {
		tags = append(tags, taglist.Tag{Name: "a", Value: r.Authority})
	}
	return taglist.Format(tags)
}
