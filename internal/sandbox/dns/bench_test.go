package dns

import (
	"fmt"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// BenchmarkQuery is the cost of a question without the network, in a zone of
// 5,000 records, and of the first one after a change.
func BenchmarkQuery(b *testing.B) {
	z := zone.New("z1", "acme.example", "a1", "free")
	for i := range 5000 {
		put(z, zone.Record{Type: "TXT", Name: fmt.Sprintf("r%d.acme.example", i), Content: "x"})
	}
	s, err := newServer(Options{Zones: func() []*zone.Zone { return []*zone.Zone{z} }})
	if err != nil {
		b.Fatal(err)
	}
	ask := func() {
		m := new(wire.Msg)
		if s.fill(m, s.view(""), "r77.acme.example", wire.TypeTXT); len(m.Answer) != 1 {
			b.Fatal(m)
		}
	}
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			ask()
		}
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			_ = z.Update(func(map[string]zone.Record) error { return nil })
			ask()
		}
	})
}

// BenchmarkStart is the price that each test with a name server pays.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
