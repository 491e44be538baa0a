package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/alexedwards/argon2id"

	"vakhta/cmd/vakhta/load"
	"vakhta/persistence"
	"vakhta/session"
)

// loadSettings are those of a load test.
type loadSettings struct {
	Database  databaseSettings
	URL       string
	Admin     string
	From      string
	Terminals int
	Verify    bool
	HTML      string
	JSON      string
	Profile   string
}

func (s *loadSettings) flags(f *flag.FlagSet) {
	s.Database.flags(f)
	f.Lookup("database-url").DefValue = ""
	s.Database.URL = ""
	f.StringVar(&s.URL, "url", "", "`URL` of the server under load; without it the run starts one of its own, on a new SQLite database or on --database-url")
	f.StringVar(&s.Admin, "admin", "", "`URL` of that server's --admin-listen, for its memory and CPU")
	f.StringVar(&s.From, "from", "", "`ADDRESSES` that terminals connect from, with commas; on loopback eight without it")
	f.IntVar(&s.Terminals, "terminals", 0, "so many, instead of the number in the scenario")
	f.BoolVar(&s.Verify, "verify", false, "compare every acknowledgement with the orders in --database-url; a server of its own always is")
	f.StringVar(&s.HTML, "report", "", "`FILE` for the report with plots, one HTML page")
	f.StringVar(&s.Profile, "profile", "", "`FILE` for a CPU profile of the server, over all steps but the first")
	f.StringVar(&s.JSON, "json", "", "`FILE` for all figures as JSON")
}

// loadCommands work on the database alone.
var loadCommands = inOffice("load", map[string]subcommand{"prepare": {arguments: 1, makes: true, run: (*office).prepareLoad}})

// loadTest carries out «vakhta load …».
func loadTest(ctx context.Context, args []string, std streams) error {
	switch {
	case len(args) == 0, wantsHelp(args):
		_ = help(std, "load")
		for _, name := range load.Scenarios() {
			_, _ = fmt.Fprintf(std.out, "  %-8s %s\n", name, load.About(name))
		}
		return nil
	case args[0] == "prepare":
		return loadCommands(ctx, args, std)
	}
	var s loadSettings
	rest, err := parse("load", args, std, s.flags)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return fmt.Errorf("%w: load takes one scenario, not %d: one of %s, or a file", errUsage, len(rest), strings.Join(load.Scenarios(), ", "))
	case s.URL != "" && s.Verify && s.Database.URL == "":
		return fmt.Errorf("%w: --verify looks into the server's database: name it with --database-url and --master-key-file", errUsage)
	}
	if target, err := url.Parse(s.URL); s.URL != "" && (err != nil || target.Scheme != "http" || target.Host == "" || strings.Trim(target.Path, "/") != "") {
		return fmt.Errorf("%w: --url %s is no address like http://127.0.0.1:8080", errUsage, s.URL)
	}
	scenario, err := load.Open(rest[0], s.Terminals)
	if err != nil {
		return err
	}
	return s.run(ctx, scenario, std)
}

func (s *loadSettings) run(ctx context.Context, scenario *load.Scenario, std streams) (err error) {
	c := load.Config{URL: strings.TrimSuffix(s.URL, "/"), Admin: strings.TrimSuffix(s.Admin, "/"), Progress: std.err}
	if c.From, err = s.sources(); err != nil {
		return err
	}
	files, err := created(s.HTML, s.JSON, s.Profile)
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
	}()
	if err != nil {
		return err
	}
	if s.Profile != "" {
		c.Profile = func(profile []byte) error {
			_, err := files[2].Write(profile)
			return err
		}
	}
	if err := c.Check(scenario); err != nil {
		return err
	}
	if s.URL == "" {
		var dir string
		if dir, err = os.MkdirTemp("", "vakhta-load-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		if err = s.own(ctx, &c, dir, scenario.Terminals, std); err != nil {
			return err
		}
	}
	if s.URL == "" || s.Verify {
		c.Book = func(ctx context.Context) (load.Book, error) {
			journal, _, err := s.Database.use(ctx, std, false)
			return book{journal}, err
		}
	}
	result, err := load.Run(ctx, c, scenario)
	if err != nil {
		return err
	}
	result.WriteTable(std.out)
	if len(result.Failures) > 0 {
		err = errors.New(result.Failures[0])
	}
	return errors.Join(err, result.WriteHTML(files[0]), result.WriteJSON(files[1]))
}

// own prepares for a server that the run starts itself: a database with the clients, on the disk that temporary files are on.
func (s *loadSettings) own(ctx context.Context, c *load.Config, dir string, clients int, std streams) (err error) {
	if c.Program, err = os.Executable(); err != nil {
		return err
	}
	if s.Database.URL == "" {
		s.Database.URL = "sqlite:" + filepath.Join(dir, "load.db")
	}
	keys, err := s.Database.keys(true, operatorLog(std))
	if err != nil {
		return err
	}
	journal, err := s.Database.open(ctx, keys)
	if err != nil {
		return err
	}
	err = errors.Join(importLoadClients(ctx, journal, clients), journal.Close())
	file, _ := s.Database.keyFile() // it was found a moment ago
	c.Flags = []string{"--database-url", s.Database.URL, "--database-password-file", s.Database.PasswordFile, "--master-key-file", file}
	c.Store = "postgres"
	if _, sqlite := s.Database.sqliteFile(); sqlite {
		c.Store = "sqlite"
	}
	return err
}

// ownAddresses is how many a run uses on loopback: the server lets only so many logins of one address wait.
const ownAddresses = 8

func (s *loadSettings) sources() (all []net.IP, err error) {
	if s.From == "" {
		if target, _ := url.Parse(s.URL); target.Hostname() == "" || net.ParseIP(target.Hostname()).IsLoopback() {
			for i := range ownAddresses {
				all = append(all, net.IPv4(127, 0, 0, byte(i+1)))
			}
		}
		return all, nil
	}
	for text := range strings.SplitSeq(s.From, ",") {
		ip := net.ParseIP(strings.TrimSpace(text))
		if ip == nil {
			return nil, fmt.Errorf("%w: --from: %q is no address", errUsage, text)
		}
		all = append(all, ip)
	}
	return all, nil
}

// book is the journal as the load tester compares with it.
type book struct{ *persistence.Journal }

func (b book) Orders(ctx context.Context, login string, yield func(userOrderID string, id int64)) error {
	c, err := b.Credential(ctx, login)
	if err != nil {
		return err
	}
	return b.OrderIDs(ctx, c.Client, func(userOrderID string, id session.OrderID) { yield(userOrderID, int64(id)) })
}

// created opens files for what comes at the end: whoever cannot write them learns it at the beginning.
func created(names ...string) (all []io.WriteCloser, err error) {
	for _, name := range names {
		file := io.WriteCloser(nothing{io.Discard})
		if name != "" {
			if file, err = os.Create(name); err != nil {
				return all, err
			}
		}
		all = append(all, file)
	}
	return all, nil
}

type nothing struct{ io.Writer }

func (nothing) Close() error { return nil }

// prepareLoad imports the clients that a load test of that many terminals logs in.
func (o *office) prepareLoad(ctx context.Context, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 || n > load.MostClients {
		return fmt.Errorf("%w: load prepare takes a number of clients up to %d, not %q", errUsage, load.MostClients, args[0])
	}
	if err := importLoadClients(ctx, o.journal, n); err != nil {
		return err
	}
	o.printf("%d clients are ready: vakhta load SCENARIO --url URL, while the server runs with --dev-phone\n", n)
	return nil
}

// importLoadClients makes clients whose password is published, and whose hashes are as cheap as argon2id can be: logging in is
// not what is tested. So it refuses a database in which there is anybody else.
func importLoadClients(ctx context.Context, journal *persistence.Journal, n int) error {
	if err := onlyLoadClients(ctx, journal); err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(load.Password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return err
	}
	policy, all := session.DefaultPolicy(), make([]persistence.Client, n)
	for i := range all {
		c := load.ClientNumber(i)
		r := row{Code: c.Code, Kind: "person", Name: c.Name, Login: c.Login, PasswordHash: hash, Phone: c.Phone, Email: c.Login + "@example.com", Language: "ru"}
		if all[i], err = r.client(policy, persistence.Client{}); err != nil {
			return err
		}
	}
	_, err = journal.Import(ctx, all, true)
	return err
}

func onlyLoadClients(ctx context.Context, journal *persistence.Journal) error {
	for after := ""; ; {
		page, err := journal.Clients(ctx, after, listPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, c := range page {
			if !load.IsClient(c.Code) {
				return fmt.Errorf("the database has the client %s, who is none of a load test: anybody can log in as those, so they need a database of their own", c.Code)
			}
			after = c.Code
		}
	}
}
