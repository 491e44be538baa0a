package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// spent is the CPU time that a process has used, to the nanosecond. It is zero for one that is gone.
func spent(pid int) time.Duration {
	const scheduled = 2 // the kind of clock, in its lowest bits
	var t unix.Timespec
	_ = unix.ClockGettime(int32(^pid<<3|scheduled), &t) // as clock_getcpuclockid makes it
	return time.Duration(t.Nano())
}

// spentByChildren is what the children of a process have used: the backends of a PostgreSQL, and the process itself.
func spentByChildren(pid int) time.Duration {
	all := spent(pid)
	files, _ := filepath.Glob("/proc/[0-9]*")
	for _, file := range files {
		if child, err := strconv.Atoi(filepath.Base(file)); err == nil && parent(child) == pid {
			all += spent(child)
		}
	}
	return all
}

func parent(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}

// spentHere is the CPU time of this process: of the clients.
func spentHere() time.Duration { return spent(os.Getpid()) }
