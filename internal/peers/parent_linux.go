package peers

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends a server when the test process dies without cleaning up,
// such as by a time-out of go test.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
