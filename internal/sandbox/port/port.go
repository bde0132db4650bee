// Package port is a free loopback port whose connections end with it. The
// mail libraries' servers leave connections behind that came while they
// closed; here none is.
package port

import (
	"errors"
	"net"
	"sync"
)

// Listener is a listener that knows its connections.
type Listener struct {
	net.Listener
	running sync.WaitGroup // connections that have not been closed by those who accepted them

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// Listen takes a free port of 127.0.0.1.
func Listen() (*Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Listener{Listener: l, open: map[net.Conn]struct{}{}}, nil
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errors.Join(net.ErrClosed, c.Close())
	}
	l.open[c] = struct{}{}
	l.running.Add(1)
	return &conn{Conn: c, listener: l}, nil
}

// Close ends the port and every connection, and waits until those who serve
// them have noticed. It may be called more than once.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	err := l.Listener.Close()
	for c := range l.open {
		_ = c.Close() // the one who serves it sees the error
	}
	l.mu.Unlock()
	l.running.Wait()
	return err
}

type conn struct {
	net.Conn
	listener *Listener
	once     sync.Once
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		c.listener.mu.Lock()
		delete(c.listener.open, c.Conn)
		c.listener.mu.Unlock()
		c.listener.running.Done()
	})
	return err
}
