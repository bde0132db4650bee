package spf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goccy/go-yaml"
)

// suite is one document of the openspf.org test suite for RFC 7208.
type suite struct {
	Description string                      `yaml:"description"`
	Tests       map[string]suiteCase        `yaml:"tests"`
	Zone        map[string][]map[string]any `yaml:"zonedata"`
}

type suiteCase struct {
	Helo        string `yaml:"helo"`
	Host        string `yaml:"host"`
	MailFrom    string `yaml:"mailfrom"`
	Result      any    `yaml:"result"`
	Explanation string `yaml:"explanation"`
}

func (c suiteCase) results() []Result {
	var out []Result
	for _, s := range list(c.Result) {
		out = append(out, Result(s))
	}
	return out
}

// list reads a YAML value that is a string or a list of strings.
func list(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		out := []string{}
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
		return out
	default:
		return []string{fmt.Sprint(v)}
	}
}

// loadSuite reads the suite that ships in the module of another SPF library.
func loadSuite(t testing.TB) []suite {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "blitiri.com.ar/go/spf").Output()
	if err != nil || len(strings.TrimSpace(string(dir))) == 0 {
		t.Skip("the module with the RFC 7208 test suite is not at hand")
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "rfc7208-tests.yml"))
	if err != nil {
		t.Skip("the RFC 7208 test suite is not at hand: ", err)
	}
	defer f.Close()
	var out []suite
	for dec := yaml.NewDecoder(f); ; {
		var s suite
		if err := dec.Decode(&s); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
}

// memory is a DNS of test data. A name in broken answers with that error.
type memory struct {
	txt     map[string][][]string
	mx      map[string][]*net.MX
	ip      map[string][]netip.Addr
	ptr     map[string][]string
	cname   map[string]string
	exists  map[string]bool
	broken  map[string]string
	queries atomic.Int64
}

func newMemory() *memory {
	return &memory{
		txt: map[string][][]string{}, mx: map[string][]*net.MX{}, ip: map[string][]netip.Addr{}, ptr: map[string][]string{},
		cname: map[string]string{}, exists: map[string]bool{}, broken: map[string]string{},
	}
}

func (m *memory) resolve(name string) (string, error) {
	m.queries.Add(1)
	name = strings.ToLower(name)
	if target, ok := m.cname[name]; ok {
		name = target
	}
	return name, nil
}

func (m *memory) missing(name string) error {
	switch {
	case m.broken[name] != "":
		return &net.DNSError{Err: m.broken[name], Name: name, IsTimeout: true, IsTemporary: true}
	case m.exists[name]:
		return &net.DNSError{Err: "NODATA", Name: name, IsNotFound: true}
	}
	return &net.DNSError{Err: "NXDOMAIN", Name: name, IsNotFound: true}
}

func (m *memory) LookupTXT(_ context.Context, name string) ([][]string, error) {
	name, _ = m.resolve(name)
	if v := m.txt[name]; len(v) > 0 {
		return v, nil
	}
	return nil, m.missing(name)
}

func (m *memory) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	name, _ = m.resolve(name)
	if v := m.mx[name]; len(v) > 0 {
		return v, nil
	}
	return nil, m.missing(name)
}

func (m *memory) LookupNetIP(_ context.Context, network, name string) ([]netip.Addr, error) {
	name, _ = m.resolve(name)
	var out []netip.Addr
	for _, a := range m.ip[name] {
		if a.Is4() == (network == "ip4") {
			out = append(out, a)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, m.missing(name)
}

func (m *memory) LookupAddr(_ context.Context, addr string) ([]string, error) {
	name := reverseName(netip.MustParseAddr(addr))
	name, _ = m.resolve(name)
	if v := m.ptr[name]; len(v) > 0 {
		return v, nil
	}
	return nil, m.missing(name)
}

func reverseName(a netip.Addr) string {
	labels := strings.Split(strings.ToLower(dotted(a)), ".")
	slices.Reverse(labels)
	if a.Is4() {
		return strings.Join(labels, ".") + ".in-addr.arpa"
	}
	return strings.Join(labels, ".") + ".ip6.arpa"
}

// dns makes the zone data of a document a resolver, by the rules of the suite:
// records of type SPF stand for TXT unless the name has TXT of its own.
func (s suite) dns() *memory {
	m := newMemory()
	for name, records := range s.Zone {
		name = strings.ToLower(name)
		var asSPF [][]string
		hasTXT := false
		for _, r := range records {
			for typ, v := range r {
				m.exists[name] = true
				switch typ {
				case "A", "AAAA":
					for _, a := range list(v) {
						m.ip[name] = append(m.ip[name], netip.MustParseAddr(a))
					}
				case "MX":
					l := list(v)
					m.mx[name] = append(m.mx[name], &net.MX{Host: l[1]})
				case "SPF":
					asSPF = append(asSPF, list(v))
				case "TXT":
					hasTXT = true
					if l := list(v); len(l) != 1 || l[0] != "NONE" {
						m.txt[name] = append(m.txt[name], l)
					}
				case "PTR":
					m.ptr[name] = append(m.ptr[name], list(v)...)
				case "CNAME":
					m.cname[name] = strings.ToLower(fmt.Sprint(v))
				case "TIMEOUT":
					m.broken[name] = "timeout"
				}
			}
		}
		if !hasTXT {
			m.txt[name] = append(m.txt[name], asSPF...)
		}
	}
	return m
}

func TestRFC7208Suite(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, s := range loadSuite(t) {
		for name, c := range s.Tests {
			cases++
			t.Run(s.Description+"/"+name, func(t *testing.T) {
				got := Evaluate(context.Background(), s.dns(), netip.MustParseAddr(c.Host), c.Helo, c.MailFrom, WithReceiver("receiver.example"), WithTimestamp(1417392000))
				if want := c.results(); !slices.Contains(want, got.Result) {
					t.Errorf("result %s (%s), want one of %v", got.Result, got.Problem, want)
				}
				want := c.Explanation
				if want == "DEFAULT" {
					want = ""
				}
				if want != "" && got.Explanation != want {
					t.Errorf("explanation %q, want %q", got.Explanation, want)
				}
			})
		}
	}
	if cases != 203 {
		t.Errorf("the suite has %d cases; 203 were expected", cases)
	}
}
