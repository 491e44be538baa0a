// Command gen writes the terminal's copy of the wire: go generate ./wsapi.
package main

import (
	"bytes"
	"fmt"
	"os"

	"vakhta/wsapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("want the file to write as the only argument")
	}
	var out bytes.Buffer
	if err := wsapi.TypeScript(&out); err != nil {
		return err
	}
	return os.WriteFile(os.Args[1], out.Bytes(), 0o600) //nolint:gosec // whoever runs it names the file
}
