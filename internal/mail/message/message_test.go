package message

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nobody is a DNS in which nothing exists.
type nobody struct{}

var notFound = &net.DNSError{Err: "NXDOMAIN", IsNotFound: true}

func (nobody) LookupTXT(context.Context, string) ([][]string, error) { return nil, notFound }
func (nobody) LookupMX(context.Context, string) ([]*net.MX, error)   { return nil, notFound }
func (nobody) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, notFound
}
func (nobody) LookupAddr(context.Context, string) ([]string, error) { return nil, notFound }

func TestAuthor(t *testing.T) {
	for name, test := range map[string]struct {
		header string
		want   Author
	}{
		"plain":              {"From: a@acme.example", Author{Address: "a@acme.example", Domain: "acme.example"}},
		"with a name":        {"from: \"Acme, Inc. <x@evil.example>\" <a@Acme.Example>", Author{Address: "a@Acme.Example", Domain: "acme.example"}},
		"an encoded name":    {"From: =?utf-8?q?M=C3=BCller?= <a@acme.example>", Author{Address: "a@acme.example", Domain: "acme.example"}},
		"an unknown charset": {"From: =?x-none?q?a?= <a@acme.example>", Author{Address: "a@acme.example", Domain: "acme.example"}},
		"folded":             {"From: Acme\r\n\t<a@acme.example>", Author{Address: "a@acme.example", Domain: "acme.example"}},
		"beyond ASCII":       {"From: a@b\u00fccher.example", Author{Address: "a@b\u00fccher.example", Domain: "xn--bcher-kva.example"}},
		"none":               {"To: a@acme.example", Author{Problem: "there is no From field"}},
		"two fields":         {"From: a@acme.example\r\nFrom: b@acme.example", Author{Problem: "there is more than one From field"}},
		"two authors":        {"From: a@acme.example, b@evil.example", Author{Problem: "the From field names more than one author"}},
		"a group":            {"From: us: a@acme.example, b@evil.example;", Author{Problem: "the From field names more than one author"}},
		"an empty group":     {"From: us:;", Author{Problem: "the From field holds no address"}},
		"no address":         {"From: Acme", Author{Problem: "the From field holds no address"}},
		"nothing":            {"From:", Author{Problem: "the From field holds no address"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Read([]byte(test.header+"\r\n\r\n"), false).Author()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIsFor(t *testing.T) {
	const address = "launch-test+lr-1@inbox.example"
	for header, want := range map[string]bool{
		"To: Launch <Launch-Test+lr-1@inbox.example>":                             true,
		"To: undisclosed:;\r\nDelivered-To: " + address:                           true,
		"X-Original-To: " + address:                                               true,
		"Received: from a by b with ESMTP for <" + address + ">; x":               true,
		"To: a@b, " + address:                                                     true,
		"To: x" + address:                                                         false,
		"To: " + address + ".evil.example":                                        false,
		"To: launch-test@inbox.example":                                           false,
		"Subject: " + address:                                                     false,
		"To: launch-test@inbox.example\r\n\r\nDelivered-To: " + address + " body": false,
	} {
		if got := Read([]byte(header+"\r\n\r\n"), false).IsFor(address); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestLinks(t *testing.T) {
	html := func(body string) string { return "Content-Type: text/html; charset=utf-8\r\n\r\n" + body }
	for name, test := range map[string]struct {
		raw        string
		want       []string
		incomplete bool
	}{
		"a, area and form":      {raw: html(`<A HREF='https://a.example/?x=1&amp;y=2'>x</A><map><area href=https://b.example></map><form action="https://c.example/">`), want: []string{"https://a.example/?x=1&y=2", "https://b.example", "https://c.example/"}},
		"pictures are no links": {raw: html(`<img src="http://a.example/x.png"><link href="http://a.example/x.css">`)},
		"each once":             {raw: html(`<a href="https://a.example">x</a><a href="https://a.example">x</a><a href="#x">`), want: []string{"https://a.example"}},
		"a base":                {raw: html(`<base href="http://a.example/d/"><a href="x">x</a>`), want: []string{"http://a.example/d/x"}},
		"without a base":        {raw: html(`<a href="/x">x</a>`), want: []string{"/x"}},
		"line ends within":      {raw: html("<a href=\" ht\ntps://a.example/\">x</a>"), want: []string{"https://a.example/"}},
		"plain text":            {raw: "\r\nGo to (https://a.example/x?y=1). Or HTTP://b.example, now.", want: []string{"https://a.example/x?y=1", "HTTP://b.example"}},
		"quoted printable":      {raw: "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a href=3D\"https://a.example/=\r\nx\">x</a>", want: []string{"https://a.example/x"}},
		"base64":                {raw: "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naHR0cHM6Ly9hLmV4YW1wbGUv\r\n", want: []string{"https://a.example/"}},
		"another charset":       {raw: "Content-Type: text/html; charset=utf-16le\r\n\r\n" + utf16("<a href=\"https://a.example/\">"), want: []string{"https://a.example/"}},
		"an unknown charset":    {raw: "Content-Type: text/html; charset=x-none\r\n\r\n<a href=\"https://a.example/\">", want: []string{"https://a.example/"}},
		"alternatives":          {raw: "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nhttps://a.example\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=https://b.example>\r\n--b--\r\n", want: []string{"https://a.example", "https://b.example"}},
		"without an end":        {raw: "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nhttps://a.example\r\n", want: []string{"https://a.example"}, incomplete: true},
		"broken base64":         {raw: "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n", incomplete: true},
	} {
		t.Run(name, func(t *testing.T) {
			links, incomplete := Read([]byte(test.raw), false).Links()
			if diff := cmp.Diff(test.want, links); diff != "" || incomplete != test.incomplete {
				t.Errorf("incomplete %v\n%s", incomplete, diff)
			}
		})
	}
}

func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(0)
	}
	return b.String()
}

const report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n%s\r\n--b--\r\n"

func TestIsBounceOf(t *testing.T) {
	for group, want := range map[string]bool{
		"Final-Recipient: rfc822; x@acme.example\r\nAction: failed\r\n":                                                                     true,
		"Original-Recipient: rfc822;X@Acme.example\r\nFinal-Recipient: rfc822; y@acme.example\r\nAction: Failed\r\n":                        true,
		"Final-Recipient:\r\n rfc822; <x@acme.example>\r\nAction: failed\r\n":                                                               true,
		"Final-Recipient: rfc822; x@acme.example\r\nAction: delayed\r\n":                                                                    false,
		"Final-Recipient: rfc822; y@acme.example\r\nAction: failed\r\n":                                                                     false,
		"Final-Recipient: rfc822; y@acme.example\r\nAction: failed\r\n\r\nFinal-Recipient: rfc822; x@acme.example\r\nAction: delivered\r\n": false,
		"": false,
	} {
		if got := Read(fmt.Appendf(nil, report, group), false).IsBounceOf("x@acme.example"); got != want {
			t.Errorf("%q: %v", group, got)
		}
	}
	if Read([]byte("Content-Type: text/plain\r\n\r\nFinal-Recipient: rfc822; x@acme.example\r\nAction: failed\r\n"), false).IsBounceOf("x@acme.example") {
		t.Error("a text is no report")
	}
}

// nasty are messages that have broken other programs.
func nasty() map[string][]byte {
	deep := ""
	for i := range 1000 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return map[string][]byte{
		"nothing":           {},
		"a header alone":    []byte("From: a@acme.example"),
		"a body alone":      []byte("\r\nhttps://a.example"),
		"10,000 fields":     []byte("From: a@acme.example\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n"),
		"50 signatures":     []byte(strings.Repeat("DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=s1; h=from; bh=YQ==; b=YQ==\r\n", 60) + "From: a@acme.example\r\n\r\nx"),
		"bare line feeds":   []byte("From: a@acme.example\nDKIM-Signature: v=1\n\nbody"),
		"a NUL":             []byte("From: a@acme.example\x00\r\n\r\n\x00"),
		"depth 1000":        []byte(deep),
		"a long line":       []byte("From: " + strings.Repeat("a", 1<<20) + "\r\n\r\n"),
		"3 MiB":             []byte("From: a@acme.example\r\n\r\n" + strings.Repeat("x", 3<<20)),
		"many parts":        []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 5000)),
		"continuation only": []byte(" x\r\n y\r\n\r\n"),
		"a bad signature":   []byte("DKIM-Signature: ;;;=\r\nFrom: a@acme.example\r\n\r\n"),
	}
}

func TestNasty(t *testing.T) {
	for name, raw := range nasty() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			m := Read(raw, false)
			v := Judge(context.Background(), nobody{}, m)
			m.Links()
			m.IsBounceOf("a@acme.example")
			if len(v.Signatures) > maxSignatures || len(m.Fields) > maxFields || len(m.Raw) > MaxSize {
				t.Errorf("%d signatures, %d fields, %d octets", len(v.Signatures), len(m.Fields), len(m.Raw))
			}
			for _, s := range v.Signatures {
				if s.Result == Pass {
					t.Errorf("passes: %+v", s)
				}
			}
			if v.DMARC.Result == Pass || time.Since(start) > 5*time.Second {
				t.Errorf("%+v after %s", v.DMARC, time.Since(start))
			}
		})
	}
}

func FuzzMessage(f *testing.F) {
	for _, raw := range nasty() {
		if len(raw) < 1<<16 {
			f.Add(raw)
		}
	}
	f.Add(fmt.Appendf(nil, report, "Final-Recipient: rfc822; a@acme.example\r\nAction: failed\r\n"))
	f.Add([]byte("Received: from a ([192.0.2.1]) by b with ESMTPS\r\nReturn-Path: <a@b>\r\nFrom: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=x; h=from; l=1; bh=YQ==; b=YQ==\r\n\r\n<a href=x>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := time.Now()
		defer func() {
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %s", took)
			}
		}()
		m := Read(raw, false)
		Judge(context.Background(), nobody{}, m)
		m.Links()
		m.IsFor("a@acme.example")
		m.IsBounceOf("a@acme.example")
	})
}
