package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

func (b *bench) heading(out io.Writer) {
	how := ""
	if b.Quick {
		how = " quick: figures are rough"
	}
	_, _ = fmt.Fprintf(out, "vakhta bench %s, %d cores, %s; rounds: %d, windows: %v; server, loader and database share the cores.%s\n\n",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version(), b.Rounds, b.Window, how)
}
