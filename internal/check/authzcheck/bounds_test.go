package authzcheck

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// slowListener lets every connection wait before it is served, as a handshake
// over a distance does.
type slowListener struct {
	net.Listener
	delay time.Duration
	open  *atomic.Int64
	most  *atomic.Int64
	all   *atomic.Int64
}

type counted struct {
	net.Conn
	open   *atomic.Int64
	closed atomic.Bool
}

func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

func (l slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	time.Sleep(l.delay)
	l.all.Add(1)
	for n := l.open.Add(1); ; {
		if most := l.most.Load(); n <= most || l.most.CompareAndSwap(most, n) {
			break
		}
	}
	return &counted{Conn: conn, open: l.open}, nil
}

// large is a portal of 40 routes, 30 of them with ids, and 5 identities.
func large() *world {
	people := append([]person{{"eve", "member", "south", "eve@south.test"}}, people...)
	w := &world{latency: 50 * time.Millisecond}
	w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p, parts := who(r), strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		switch {
		case p == nil:
			writeJSON(rw, 401, object{"error": "sign in"})
		case len(parts) == 3 && parts[2] == "4101" && (p.name == "ann" || p.role == "admin"):
			writeJSON(rw, 200, object{"id": parts[2], "text": "Of " + parts[1] + " only ann knows", "number": "INV-" + parts[1] + "-0101"})
		case len(parts) == 2 && parts[0] == "lists":
			writeJSON(rw, 200, object{"items": []object{{"id": "item-" + p.name + "-0001", "of": parts[1]}}})
		default:
			writeJSON(rw, 404, object{"error": "not found"})
		}
	})
	w.spec = func(s *Spec) {
		eve := s.Actors[0]
		eve.Name, eve.Role, eve.Organization = people[0].name, people[0].role, people[0].org
		eve.Identity.BearerToken = "token-of-bob" // another session of the same rights
		s.Actors = append(s.Actors, eve)
		for i := range 30 {
			s.Routes = append(s.Routes, Route{Name: fmt.Sprint("o", i), Path: fmt.Sprintf("/things/kind-%02d/{id}", i), Params: map[string]string{"id": "4101"}, Owner: "ann", Allow: []string{"admin"}})
		}
		for i := range 10 {
			s.Routes = append(s.Routes, Route{Name: fmt.Sprint("l", i), Path: fmt.Sprintf("/lists/kind-%02d", i), Owner: "ann", Deny: []string{"member", "admin"}})
		}
	}
	return w
}

// What a check sends is known beforehand, and bounded.
func TestBounds(t *testing.T) {
	w := large()
	var open, most, all atomic.Int64
	srv := httptest.NewUnstartedServer(w)
	srv.Listener = slowListener{srv.Listener, 50 * time.Millisecond, &open, &most, &all}
	srv.StartTLS()
	defer srv.Close()
	p, spec := w.at(t, srv)
	started := time.Now()
	result, err := Definition.Execute(t.Context(), p, spec)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(started)
	if got := violating(result); len(got) > 0 {
		t.Fatal(explain(result))
	}
	planned, sent := result.Observed["requests planned"], result.Observed["requests sent"]
	t.Logf("%d routes, %d identities: %s; %s requests planned, %s; %d connections in all, %d at once", len(spec.Routes), len(spec.Actors), took.Round(time.Millisecond), planned, sent, all.Load(), most.Load())
	if !regexp.MustCompile(`^` + planned + `, of which 0 `).MatchString(sent) {
		t.Errorf("planned %s, sent %s", planned, sent)
	}
	if n := fmt.Sprint(len(w.requests)); n != planned {
		t.Errorf("the portal saw %s requests, %s were planned", n, planned)
	}
	if n := len(w.requests); n > 1250 {
		t.Errorf("%d requests: at 8 a time and 50 ms each they take more than 8 seconds", n)
	}
	if most.Load() > inFlight || all.Load() > inFlight {
		t.Errorf("%d connections, %d at once", all.Load(), most.Load())
	}
}
