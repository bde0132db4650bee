//go:build unix

package port

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// patience is how long a busy machine may take to start a program.
const patience = 5 * time.Second

// Hold keeps a loopback port that was listened on before: nobody listens there, so
// that connections are refused, and the system gives it to nobody else until it is
// released. address is an IPv4 host:port.
func Hold(address string) (release func(), err error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	syscall.ForkLock.RLock() // a program started meanwhile would hold it too
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	release = func() { _ = syscall.Close(socket) }
	// Connections that ended a moment ago are still known to the system.
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		release()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	// A program that is being started has a copy of the listener until it runs.
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := syscall.Bind(socket, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
		switch {
		case err == nil:
			return release, nil
		case !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(end):
			release()
			return nil, os.NewSyscallError("bind", err)
		}
	}
}
