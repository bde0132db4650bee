// Package dns is the sandbox's name server: authoritative for the zones of the
// account, as the API holds them at the moment of each question, and at the same
// time the recursive resolver of a small outside world, so that a client that is
// pointed at it needs no other.
package dns

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Options describe a server.
type Options struct {
	// Zones returns the account's zones; it is asked at each question.
	Zones func() []*zone.Zone
	// World is the rest of the Internet in master-file form (RFC 1035 5), in
	// the place of the embedded one. It may hold any number of zones: one
	// begins at each SOA record, and names under none belong to their
	// registered domain, which gets an SOA record of its own.
	World string
	// Addr is where to listen; default a free port of 127.0.0.1.
	Addr string
}

// Fault is a way in which the server misbehaves at a name.
type Fault string

// The faults of a name.
const (
	Fine      Fault = ""
	ServFail  Fault = "servfail"  // RCODE 2
	Refused   Fault = "refused"   // RCODE 5
	Timeout   Fault = "timeout"   // no answer
	Truncated Fault = "truncated" // TC over UDP, and TCP is closed without an answer
)

// EveryName is the name under which a fault holds for all names.
const EveryName = "*"

// Server is a running name server. Its methods are safe for concurrent use.
type Server struct {
	zones   func() []*zone.Zone
	world   []*tree
	addr    string
	servers []*wire.Server
	done    chan struct{} // closed by Close: ends those that are kept waiting
	running sync.WaitGroup
	close   sync.Once
	err     error

	mu     sync.Mutex
	faults map[string]Fault
	cache  map[*zone.Zone]compiled
}

// maxUDP is the largest answer over UDP, whatever the client can take; the DNS
// flag day's size, which Cloudflare keeps.
const maxUDP = 1232

// Start starts a server on one port of UDP and TCP.
func Start(o Options) (*Server, error) {
	read := embedded
	if o.World != "" {
		read = func() ([]*tree, error) { return parseWorld(o.World) }
	}
	world, err := read()
	if err != nil {
		return nil, err
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Zones == nil {
		o.Zones = func() []*zone.Zone { return nil }
	}
	packets, listener, err := listen(o.Addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		zones: o.Zones, world: world, addr: listener.Addr().String(), done: make(chan struct{}),
		faults: map[string]Fault{}, cache: map[*zone.Zone]compiled{},
	}
	s.servers = []*wire.Server{{PacketConn: packets, Handler: s}, {Listener: listener, Handler: s}}
	for _, server := range s.servers {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		s.running.Go(func() { _ = server.ActivateAndServe() }) // ends with Shutdown
		<-started                                              // Shutdown of one that has not started would leave it running
	}
	return s, nil
}

// listen takes one port of both protocols. A free port of one may be taken in
// the other, so several are tried.
func listen(addr string) (net.PacketConn, net.Listener, error) {
	var last error
	for range 10 {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return packets, listener, nil
		}
		last = errors.Join(err, listener.Close())
	}
	return nil, nil, fmt.Errorf("no port is free in both UDP and TCP: %w", last)
}

// Addr returns host:port, the same for UDP and TCP.
func (s *Server) Addr() string { return s.addr }

// Close ends the server and waits until it is gone. It may be called more than once.
func (s *Server) Close() error {
	s.close.Do(func() {
		close(s.done)
		var errs []error
		for _, server := range s.servers {
			errs = append(errs, server.Shutdown())
		}
		s.running.Wait()
		s.err = errors.Join(errs...)
	})
	return s.err
}

// SetFault lets a name misbehave for all types, or with Fine no more. The name
// EveryName stands for all names.
func (s *Server) SetFault(name string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == Fine {
		delete(s.faults, key(name))
		return
	}
	s.faults[key(name)] = f
}

// ClearFaults ends every fault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

func (s *Server) faultOf(name string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.faults[name]; ok {
		return f
	}
	return s.faults[EveryName]
}

// key is a name as the trees have it: lower case, no final dot; "" is the root.
func key(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// ServeDNS answers one query.
func (s *Server) ServeDNS(w wire.ResponseWriter, q *wire.Msg) {
	_, overTCP := w.RemoteAddr().(*net.TCPAddr)
	reply := new(wire.Msg)
	reply.SetReply(q)
	reply.RecursionAvailable = true
	size := wire.MinMsgSize
	if opt := q.IsEdns0(); opt != nil {
		size = min(max(int(opt.UDPSize()), wire.MinMsgSize), maxUDP)
		reply.SetEdns0(maxUDP, opt.Do())
		if opt.Version() != 0 {
			reply.SetRcode(q, wire.RcodeBadVers)
			reply.SetEdns0(maxUDP, false)
			_ = w.WriteMsg(reply) // the client has gone if this fails
			return
		}
	}
	if overTCP {
		size = wire.MaxMsgSize
	}
	switch {
	case q.Opcode != wire.OpcodeQuery:
		reply.Rcode = wire.RcodeNotImplemented
	case len(q.Question) != 1:
		reply.Rcode = wire.RcodeFormatError
	case q.Question[0].Qclass != wire.ClassINET:
		reply.Rcode = wire.RcodeRefused
	default:
		if f := s.fill(reply, key(q.Question[0].Name), q.Question[0].Qtype); !s.misbehave(w, reply, f, overTCP) {
			return
		}
	}
	reply.Compress = true
	reply.Truncate(size)
	_ = w.WriteMsg(reply)
}

// misbehave plays a fault and reports whether there is still an answer to send.
func (s *Server) misbehave(w wire.ResponseWriter, reply *wire.Msg, f Fault, overTCP bool) bool {
	if f == Fine {
		return true
	}
	reply.Answer, reply.Ns, reply.Authoritative = nil, nil, false
	switch f {
	case ServFail:
		reply.Rcode = wire.RcodeServerFailure
	case Refused:
		reply.Rcode = wire.RcodeRefused
	case Timeout:
		if overTCP { // UDP is silent by itself; a TCP connection has to be kept open
			t := time.NewTimer(time.Minute)
			defer t.Stop()
			select {
			case <-s.done:
			case <-t.C:
			}
			_ = w.Close()
		}
		return false
	case Truncated:
		if overTCP {
			_ = w.Close()
			return false
		}
		reply.Rcode, reply.Truncated = wire.RcodeSuccess, true
	}
	return true
}
