// Command vakhta is the security-session server and the tools of its operator: see usage below, and README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Put in by the linker: see the Makefile.
var (
	version = "dev"
	commit  = "unknown"
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

const usage = `vakhta is a security-session server for trading terminals.

  vakhta serve                       serve terminals and the API
  vakhta clients import FILE         import clients from CSV or JSON
  vakhta clients list | show CODE | unblock CODE | set-password CODE | close-sessions CODE
  vakhta operator add LOGIN --name NAME | list | disable LOGIN | enable LOGIN | reset LOGIN
  vakhta audit verify | export FILE  look for what was changed, removed or cut off; copy it for an archive
  vakhta webtoken revoke CODE --reason WHY | revoke-all --reason restored
  vakhta orders verify CODE          check every signature by WEB-token
  vakhta backup FILE                 copy an SQLite database while it is in use
  vakhta load SCENARIO               simulate thousands of terminals, measure, and look for what is lost; lists its scenarios with -h
  vakhta load prepare N              make N clients for load tests, in a database of their own
  vakhta health --url URL            exit with 0 if the server there is ready
  vakhta version

Each command lists its flags with -h. Every flag is also a variable: --session-lifetime is VAKHTA_SESSION_LIFETIME.
`

// commands by name.
var commands = map[string]func(ctx context.Context, args []string, io streams) error{
	"serve":    serve,
	"clients":  inOffice("clients", clientCommands),
	"operator": inOffice("operator", operatorCommands),
	"audit":    inOffice("audit", auditCommands),
	"webtoken": inOffice("webtoken", tokenCommands),
	"orders":   inOffice("orders", orderCommands),
	"backup":   backup,
	"load":     loadTest,
	"health":   health,
	"version": func(_ context.Context, _ []string, io streams) error {
		_, err := fmt.Fprintf(io.out, "vakhta %s, commit %s\n", version, commit)
		return err
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit status: 0, 1 on failure, 2 if the line makes no sense.
func run(ctx context.Context, args []string, io streams) int {
	if wantsHelp(args) {
		_, _ = fmt.Fprint(io.out, usage)
		return 0
	}
	if len(args) == 0 || commands[args[0]] == nil {
		_, _ = fmt.Fprint(io.err, usage)
		return 2
	}
	err := commands[args[0]](ctx, args[1:], io)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintf(io.err, "vakhta %s: %v\n", args[0], err)
		return 2
	default:
		_, _ = fmt.Fprintf(io.err, "vakhta %s: %v\n", args[0], err)
		return 1
	}
}

func wantsHelp(args []string) bool {
	return len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0])
}

// help prints what the usage says about a command.
func help(io streams, command string) error {
	_, flags, _ := strings.Cut(usage, "vakhta version\n")
	for line := range strings.Lines(usage) {
		if strings.HasPrefix(line, "  vakhta "+command+" ") {
			_, _ = fmt.Fprint(io.out, line)
		}
	}
	_, err := fmt.Fprint(io.out, flags)
	return err
}

// synopsis is what the usage says about a command.
func synopsis(command string) (lines []string) {
	for line := range strings.Lines(usage) {
		if said, ok := strings.CutPrefix(line, "  vakhta "); ok && strings.HasPrefix(said, command+" ") {
			said, _, _ = strings.Cut(said, "  ") // what it is for
			lines = append(lines, strings.TrimSpace(said))
		}
	}
	return lines
}

// errUsage marks an error in the command line itself.
var errUsage = errors.New("see «vakhta» and «-h»")
