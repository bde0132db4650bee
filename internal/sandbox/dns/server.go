// Package dns is the sandbox's name servers: the recursive resolver of a small
// outside world and of the account's zones, as the API holds them at the moment
// of each question, so that a client that is pointed at it needs no other; and
// the servers that such a resolver would ask, each on a port of its own: the two
// that are authoritative for the zones, and their parent's.
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
	// Addr is where the resolver listens; default a free port of 127.0.0.1.
	Addr string
}

// Server is the running name servers. Its methods are safe for concurrent use.
type Server struct {
	zones   func() []*zone.Zone
	world   []*tree
	addr    string          // of the resolver
	hosts   map[Host]string // where the others listen
	servers []*wire.Server
	done    chan struct{} // closed by Close: ends those that are kept waiting
	running sync.WaitGroup
	close   sync.Once
	err     error

	mu          sync.Mutex
	faults      map[string]Fault
	hostFaults  map[hostFault]bool
	zoneFaults  map[zoneFault]bool
	hidden      map[Host]string      // a name that the host has lost
	foreignKeys map[string]*zone.Key // by zone
	cache       map[*zone.Zone]compiled
}

// maxUDP is the largest answer over UDP, whatever the client can take; the DNS
// flag day's size, which Cloudflare keeps.
const maxUDP = 1232

// Start starts the resolver and the authoritative servers, each on one port of
// UDP and TCP.
func Start(o Options) (*Server, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	s.addr, err = s.serve("", o.Addr)
	for _, host := range []Host{Parent, Primary, Secondary} {
		if err == nil {
			s.hosts[host], err = s.serve(host, "127.0.0.1:0")
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newServer(o Options) (*Server, error) {
	read := embedded
	if o.World != "" {
		read = func() ([]*tree, error) { return parseWorld(o.World) }
	}
	world, err := read()
	if err != nil {
		return nil, err
	}
	if o.Zones == nil {
		o.Zones = func() []*zone.Zone { return nil }
	}
	return &Server{
		zones: o.Zones, world: world, hosts: map[Host]string{}, done: make(chan struct{}), faults: map[string]Fault{},
		hostFaults: map[hostFault]bool{}, zoneFaults: map[zoneFault]bool{}, hidden: map[Host]string{},
		foreignKeys: map[string]*zone.Key{}, cache: map[*zone.Zone]compiled{},
	}, nil
}

// serve starts one server and returns where it listens.
func (s *Server) serve(host Host, addr string) (string, error) {
	packets, listener, err := listen(addr)
	if err != nil {
		return "", err
	}
	handler := wire.HandlerFunc(func(w wire.ResponseWriter, q *wire.Msg) { s.answer(w, q, host) })
	for _, server := range []*wire.Server{
		{PacketConn: packets, Handler: handler},
		{Listener: listener, Handler: handler},
	} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		s.servers = append(s.servers, server)
		s.running.Go(func() { _ = server.ActivateAndServe() }) // ends with Shutdown
		<-started                                              // Shutdown of one that has not started would leave it running
	}
	return listener.Addr().String(), nil
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

// Addr returns host:port of the resolver, the same for UDP and TCP.
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

// key is a name as the trees have it: lower case, no final dot; "" is the root.
func key(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// answer answers one query to a host; "" is the resolver.
func (s *Server) answer(w wire.ResponseWriter, q *wire.Msg, host Host) {
	tcp := overTCP(w)
	reply := new(wire.Msg)
	reply.SetReply(q)
	reply.RecursionAvailable = host == ""
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
	if tcp {
		size = wire.MaxMsgSize
	}
	f := s.ofHost(host, tcp)
	if f == Fine {
		if tcp && len(q.Question) == 1 && q.Question[0].Qtype == wire.TypeAXFR && s.transfer(w, q, host) {
			return
		}
		f = s.query(reply, q, host)
	}
	if !s.misbehave(w, reply, f, tcp) {
		return
	}
	reply.Compress = true
	reply.Truncate(size)
	_ = w.WriteMsg(reply)
}

// query fills in what a host that is well has to say.
func (s *Server) query(reply, q *wire.Msg, host Host) Fault {
	switch {
	case q.Opcode != wire.OpcodeQuery:
		reply.Rcode = wire.RcodeNotImplemented
		return Fine
	case len(q.Question) != 1:
		reply.Rcode = wire.RcodeFormatError
		return Fine
	}
	switch one := q.Question[0]; {
	case one.Qclass != wire.ClassINET, one.Qtype == wire.TypeAXFR, one.Qtype == wire.TypeIXFR:
		reply.Rcode = wire.RcodeRefused
		return Fine
	default:
		v := s.view(host)
		if opt := q.IsEdns0(); opt != nil {
			v.do, v.co = opt.Do(), opt.Co()
		}
		return s.fill(reply, v, key(one.Name), one.Qtype)
	}
}

// ofHost is what is wrong with a host whatever it is asked.
func (s *Server) ofHost(host Host, tcp bool) Fault {
	switch {
	case s.hostFault(host, Silent):
		return Timeout
	case s.hostFault(host, Lame):
		return Refused
	case tcp && s.hostFault(host, WithoutTCP):
		return Truncated
	default:
		return Fine
	}
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
