package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of /proc/*/stat: a hundredth of a second on every Linux.
const tick = 10 * time.Millisecond

// spent is the CPU time that a process has used. It is zero for one that is gone.
func spent(pid int) time.Duration {
	_, cpu := stat(strconv.Itoa(pid))
	return cpu
}

// spentByChildren is what the children of a process have used: the backends of a PostgreSQL, and the process itself.
func spentByChildren(pid int) time.Duration {
	all := spent(pid)
	files, _ := filepath.Glob("/proc/[0-9]*")
	for _, file := range files {
		if parent, cpu := stat(filepath.Base(file)); parent == pid {
			all += cpu
		}
	}
	return all
}

func stat(pid string) (parent int, cpu time.Duration) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	const ppid, utime, stime = 1, 11, 12
	if len(fields) <= stime {
		return 0, 0
	}
	parent, _ = strconv.Atoi(fields[ppid])
	user, _ := strconv.Atoi(fields[utime])
	system, _ := strconv.Atoi(fields[stime])
	return parent, time.Duration(user+system) * tick
}

// spentHere is the CPU time of this process.
func spentHere() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for wrong arguments only
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
