package main

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts this test binary into the PATH as «vakhta»: tests that need a real process start it, with -race on.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vakhta": func() {
		if os.Getenv(fullDisk) != "" {
			signal.Ignore(syscall.SIGXFSZ)
		}
		main()
	}})
}
