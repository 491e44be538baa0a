package load

import "syscall"

// aside is for a server that is stopped in its turn when the run is interrupted, and not by the Ctrl-C itself, and that ends when
// this process is killed: or rather the thread that has started it, but Go's threads stay.
func aside() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
