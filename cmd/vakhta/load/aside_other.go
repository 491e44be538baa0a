//go:build !linux

package load

import "syscall"

// aside is for a server that is stopped in its turn when the run is interrupted, and not by the Ctrl-C itself.
func aside() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
