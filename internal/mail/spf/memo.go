package spf

import (
	"context"
	"net"
	"net/netip"
)

// memo asks each question once. A tree repeats names; what is counted is not
// what is asked.
type memo struct {
	r    Resolver
	txt  map[string]answer[[][]string]
	mx   map[string]answer[[]*net.MX]
	ip   map[[2]string]answer[[]netip.Addr]
	addr map[string]answer[[]string]
}

type answer[T any] struct {
	value T
	err   error
}

func memoize(r Resolver) *memo {
	return &memo{
		r: r, txt: map[string]answer[[][]string]{}, mx: map[string]answer[[]*net.MX]{},
		ip: map[[2]string]answer[[]netip.Addr]{}, addr: map[string]answer[[]string]{},
	}
}

func once[K comparable, T any](m map[K]answer[T], key K, ask func() (T, error)) (T, error) {
	a, ok := m[key]
	if !ok {
		a.value, a.err = ask()
		m[key] = a
	}
	return a.value, a.err
}

func (m *memo) LookupTXT(ctx context.Context, name string) ([][]string, error) {
	return once(m.txt, name, func() ([][]string, error) { return m.r.LookupTXT(ctx, name) })
}

func (m *memo) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return once(m.mx, name, func() ([]*net.MX, error) { return m.r.LookupMX(ctx, name) })
}

func (m *memo) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return once(m.ip, [2]string{network, host}, func() ([]netip.Addr, error) { return m.r.LookupNetIP(ctx, network, host) })
}

func (m *memo) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return once(m.addr, addr, func() ([]string, error) { return m.r.LookupAddr(ctx, addr) })
}
