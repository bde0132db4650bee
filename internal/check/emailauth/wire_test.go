package emailauth

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// serve answers from a world over UDP and TCP on one free loopback port, and
// leaves the following of CNAMEs to the client.
func serve(t *testing.T, w *world) string {
	t.Helper()
	handler := dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		name := plain(q.Question[0].Name)
		switch w.broken[name] {
		case "":
			records, exists := w.at(name)
			if !exists {
				m.Rcode = dns.RcodeNameError
			}
			for _, rr := range records {
				if h := rr.Header(); h.Rrtype == q.Question[0].Qtype || h.Rrtype == dns.TypeCNAME {
					rr = dns.Copy(rr)
					rr.Header().Name = q.Question[0].Name
					m.Answer = append(m.Answer, rr)
				}
			}
		case "refused":
			m.Rcode = dns.RcodeRefused
		default:
			m.Rcode = dns.RcodeServerFailure
		}
		size := 512
		if opt := q.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
			m.SetEdns0(1232, false)
		}
		if rw.RemoteAddr().Network() == "udp" {
			m.Truncate(size)
		}
		_ = rw.WriteMsg(m)
	})
	for range 20 { // the port that is free for UDP may be taken for TCP
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := packets.LocalAddr().String()
		stream, err := net.Listen("tcp", address)
		if err != nil {
			packets.Close()
			continue
		}
		for _, s := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: stream, Handler: handler}} {
			go func() { _ = s.ActivateAndServe() }()
			t.Cleanup(func() { _ = s.Shutdown() })
		}
		return address
	}
	t.Fatal("no port is free for UDP and TCP")
	return ""
}

// TestFixturesOverTheWire runs every fixture through the real prober against a
// real server: the findings must be those of the world in memory.
func TestFixturesOverTheWire(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("testdata/*.zone")
	for _, path := range paths {
		f := readFixture(t, path)
		if silent(f.world) {
			continue // a time-out would be waited for
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".zone"), func(t *testing.T) {
			client, err := probe.New(probe.Config{Resolvers: []string{serve(t, f.world)}, Timeout: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Definition.Execute(context.Background(), wired{f.world, client}, f.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(execute(t, f).Findings, got.Findings); diff != "" {
				t.Errorf("(-memory +wire):\n%s", diff)
			}
		})
	}
}

// wired asks the DNS over the wire; pages and mail servers are the world's.
type wired struct {
	*world
	client *probe.Client
}

func (w wired) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	return w.client.Lookup(ctx, name, typ)
}

func silent(w *world) bool {
	for _, status := range w.broken {
		if status == "timeout" {
			return true
		}
	}
	return false
}
