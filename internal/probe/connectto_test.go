package probe

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func port(t *testing.T, l net.Listener) string {
	t.Helper()
	_, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// The given address, the host by name, the resolved address, "*": the first
// that has an entry decides, and within it the port before "*".
func TestConnectToPrecedence(t *testing.T) {
	t.Parallel()
	resolver := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		switch {
		case q.Question[0].Name == "gone.example.":
			m.Rcode = dns.RcodeNameError
		case q.Question[0].Name == "four.example." && q.Question[0].Qtype == dns.TypeA:
			m.Answer = append(m.Answer, record(t, "four.example. 60 A 192.0.2.4"))
		case q.Question[0].Name == "six.example." && q.Question[0].Qtype == dns.TypeAAAA:
			m.Answer = append(m.Answer, record(t, "six.example. 60 AAAA 2001:db8::6"))
		}
		_ = w.WriteMsg(m)
	})
	var at [4]string // of servers that answer with their number
	for i := range at {
		l := listen(t)
		serveHTTP(t, l, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", strconv.Itoa(i)) })
		at[i] = l.Addr().String()
	}
	address4, address6 := netip.MustParseAddr("192.0.2.4"), netip.MustParseAddr("2001:db8::6")
	for name, tt := range map[string]struct {
		to      map[string]string
		host    string
		address netip.Addr
		want    string // server, or the kind of failure
	}{
		"star":                        {map[string]string{"*:80": at[0]}, "four.example", netip.Addr{}, "0"},
		"star for v6":                 {map[string]string{"*:*": at[0]}, "six.example", netip.Addr{}, "0"},
		"port before any port":        {map[string]string{"*:*": at[0], "*:80": at[1]}, "four.example", netip.Addr{}, "1"},
		"resolved address":            {map[string]string{"*:80": at[0], "192.0.2.4:*": at[1]}, "four.example", netip.Addr{}, "1"},
		"resolved address, v6":        {map[string]string{"*:80": at[0], "[2001:DB8:0::6]:80": at[1]}, "six.example", netip.Addr{}, "1"},
		"host before address":         {map[string]string{"*:80": at[0], "192.0.2.4:80": at[1], "FOUR.example.:80": at[2]}, "four.example", netip.Addr{}, "2"},
		"host of any port":            {map[string]string{"*:80": at[0], "four.example:*": at[1]}, "four.example", netip.Addr{}, "1"},
		"given address":               {map[string]string{"*:80": at[0], "four.example:80": at[1], "192.0.2.4:80": at[2]}, "four.example", address4, "2"},
		"given address, v6":           {map[string]string{"*:80": at[0], "six.example:80": at[1], "[2001:db8::6]:80": at[2]}, "six.example", address6, "2"},
		"given address has no entry":  {map[string]string{"*:80": at[0], "four.example:80": at[1]}, "four.example", address4, "1"},
		"star for a given address":    {map[string]string{"*:80": at[0]}, "four.example", address4, "0"},
		"a literal host":              {map[string]string{"*:80": at[0], "192.0.2.4:80": at[1]}, "192.0.2.4", netip.Addr{}, "1"},
		"a literal host, v6":          {map[string]string{"*:80": at[0], "[2001:db8::6]:80": at[1]}, "[2001:db8::6]", netip.Addr{}, "1"},
		"a v4 address in v6 form":     {map[string]string{"*:80": at[0], "192.0.2.4:80": at[1]}, "four.example", netip.MustParseAddr("::ffff:192.0.2.4"), "1"},
		"another port":                {map[string]string{"*:80": at[0], "four.example:443": at[1]}, "four.example", netip.Addr{}, "0"},
		"star invents no names":       {map[string]string{"*:*": at[0]}, "gone.example", netip.Addr{}, string(FailDNS)},
		"an entry needs no record":    {map[string]string{"gone.example:80": at[1]}, "gone.example", netip.Addr{}, "1"},
		"a name as the value":         {map[string]string{"four.example:80": "localhost:" + at[3][strings.LastIndex(at[3], ":")+1:]}, "four.example", netip.Addr{}, "3"},
		"a value that does not exist": {map[string]string{"four.example:80": "gone.example:80"}, "four.example", netip.Addr{}, string(FailDNS)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Config{Resolvers: []string{resolver}, ConnectTo: tt.to})
			x := c.Fetch(t.Context(), Request{URL: "http://" + tt.host + "/", Address: tt.address})
			if got := x.Header.Get("Server") + string(x.Failure); got != tt.want {
				t.Errorf("got %q (%s), want %q", got, x.Detail, tt.want)
			}
		})
	}
	var bad *ConfigError
	if _, err := New(Config{ConnectTo: map[string]string{"a.example:80": at[0], "A.example.:80": at[1]}}); !errors.As(err, &bad) || bad.Field != "connect_to" {
		t.Errorf("two spellings of one key: %v", err)
	}
}

func FuzzParseDetour(f *testing.F) {
	for from, to := range map[string]string{
		"*:443": "127.0.0.1:8443", "[::1]:*": "host:1", "Bücher.example:80": "[::1%lo]:65535", "a:0": "b:65536", ":": "*:*", "[*]:1": "[]:1",
	} {
		f.Add(from, to)
	}
	f.Fuzz(func(t *testing.T, from, to string) {
		_ = suggestPort(from, to)
		d, err := parseDetour(from, to)
		if err != nil {
			return
		}
		if d.toHost == "" || d.toPort == 0 || d.toHost == "*" || strings.Contains(d.fromHost, "*") {
			t.Errorf("%q=%q gave %+v", from, to, d)
		}
		for _, host := range []string{d.fromHost, d.toHost} { // what was read is canonical
			if again, err := canonicalHost(host); host != "" && (err != nil || again != host) {
				t.Errorf("%q=%q: %q is %q when read again, %v", from, to, host, again, err)
			}
		}
	})
}
