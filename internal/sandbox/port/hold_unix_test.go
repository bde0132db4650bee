//go:build unix

package port

import (
	"errors"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// A port that is held refuses connections and is nobody else's.
func TestHold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	address := listener.Addr()
	c, err := net.Dial("tcp", address.String()) // leaves a trace of the port behind
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	// Programs that are started meanwhile have a copy of the listener for a moment.
	stop, started := make(chan struct{}), sync.WaitGroup{}
	for range 4 {
		started.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = exec.Command("true").Run()
				}
			}
		})
	}
	defer started.Wait()
	defer close(stop)
	listener.Close()
	release, err := Hold(address.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", address.String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a connection: %v", err)
	}
	taken := net.Dialer{LocalAddr: address}
	if c, err := taken.Dial("tcp", other.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("somebody else at the port: %v, %v", c, err)
	}
	release()
	again, err := net.Listen("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
