package dns

import (
	wire "github.com/miekg/dns"
)

// Fault is a way in which the servers misbehave at a name.
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

// ClearFaults ends every fault of a name.
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

// HostFault is a way in which one of the authoritative servers misbehaves.
type HostFault string

// The faults of a host.
const (
	Lame         HostFault = "lame"          // refuses everything
	WithoutTCP   HostFault = "without_tcp"   // connections are closed unanswered
	Silent       HostFault = "silent"        // neither UDP nor TCP is answered
	Stale        HostFault = "stale"         // serves an old serial
	OpenTransfer HostFault = "open_transfer" // hands its zones to anyone
)

// ZoneFault is something wrong with a zone, which no record of it says.
type ZoneFault string

// The faults of a zone.
const (
	SignatureExpired ZoneFault = "signature_expired" // five days ago
	SignatureBogus   ZoneFault = "signature_bogus"   // made of other data
	ForeignDS        ZoneFault = "foreign_ds"        // the parent has the DS record of another key
	ExtraServer      ZoneFault = "extra_server"      // the parent lists one name server more
	ApexAlias        ZoneFault = "apex_alias"        // a CNAME record is served at the apex
)

// staleBy is how many changes a stale server has missed.
const staleBy = 3

// apexTarget is what the CNAME record of ApexAlias points at.
const apexTarget = "cdn.partner.example"

type hostFault struct {
	host  Host
	fault HostFault
}

type zoneFault struct {
	zone  string
	fault ZoneFault
}

// SetHostFault lets a host misbehave, or no more.
func (s *Server) SetHostFault(host Host, f HostFault, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hostFaults[hostFault{host, f}] = on
}

// Hide lets a host know nothing of a name, with "" of none.
func (s *Server) Hide(host Host, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden[host] = key(name)
}

// SetZoneFault lets a zone be broken, or no more.
func (s *Server) SetZoneFault(name string, f ZoneFault, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zoneFaults[zoneFault{key(name), f}] = on
}

func (s *Server) hostFault(host Host, f HostFault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hostFaults[hostFault{host, f}]
}

func (s *Server) zoneFault(name string, f ZoneFault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.zoneFaults[zoneFault{name, f}]
}

// hides tells whether a host has lost a name.
func (s *Server) hides(host Host, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hidden[host] != "" && s.hidden[host] == name
}

// signatureFault is what is wrong with the signatures of a zone.
func (s *Server) signatureFault(name string) ZoneFault {
	for _, f := range []ZoneFault{SignatureExpired, SignatureBogus} {
		if s.zoneFault(name, f) {
			return f
		}
	}
	return ""
}

// asServed is a set as the host serves it: one that is stale has an old serial.
func (s *Server) asServed(v view, set []wire.RR) []wire.RR {
	if len(set) == 0 || set[0].Header().Rrtype != wire.TypeSOA || !s.hostFault(v.host, Stale) {
		return set
	}
	old := wire.Copy(set[0]).(*wire.SOA)
	old.Serial -= staleBy
	return []wire.RR{old}
}
