package probe

import (
	"context"
	"sync"
)

// Actor is a named identity at a portal: what a check acts as.
type Actor struct {
	Name               string // as the configuration calls it, such as member_a
	Role, Organization string // empty = not said
	Identity           Identity
	Portal             Portal
	// Sessions are shared with the other checks of the process; nil = every
	// call of Session signs in anew.
	Sessions *Sessions
}

// Session returns the actor's session, which is opened once a process.
func (a Actor) Session(ctx context.Context, p Prober) (Session, error) {
	if a.Sessions == nil {
		return a.SignIn(ctx, p)
	}
	return a.Sessions.get(ctx, a.Name, Session{}, func() (Session, error) { return a.SignIn(ctx, p) })
}

// Renew returns a session in the place of one that was seen to be dead. Of many
// that see it, one signs in.
func (a Actor) Renew(ctx context.Context, p Prober, dead Session) (Session, error) {
	if a.Sessions == nil {
		return a.SignIn(ctx, p)
	}
	return a.Sessions.get(ctx, a.Name, dead, func() (Session, error) { return a.SignIn(ctx, p) })
}

// SignIn opens a session that nobody else uses, for what ends or spoils it.
func (a Actor) SignIn(ctx context.Context, p Prober) (Session, error) {
	return SignIn(ctx, p, a.Portal, a.Identity)
}

// Sessions are the sign-ins of a process, one an identity. One that failed is
// not tried again: every attempt counts against the account. The zero value is
// ready.
type Sessions struct {
	mu  sync.Mutex
	all map[string]*kept
}

// kept is the session of one identity.
type kept struct {
	mu      sync.Mutex
	done    bool
	session Session
	err     error
}

func (s *Sessions) of(name string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*kept{}
	}
	if s.all[name] == nil {
		s.all[name] = new(kept)
	}
	return s.all[name]
}

// get signs in the first time, and where the session that is kept is the dead one.
func (s *Sessions) get(ctx context.Context, name string, dead Session, signIn func() (Session, error)) (Session, error) {
	k := s.of(name)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done && (k.err != nil || dead.serial == 0 || k.session.serial != dead.serial) {
		return k.session, k.err
	}
	session, err := signIn()
	if ctx.Err() == nil { // one that was interrupted says nothing of the identity
		k.done, k.session, k.err = true, session, err
	}
	return session, err
}
