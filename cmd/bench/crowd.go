package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// crowd is many clients, all of them logged in, with an open security session and a terminal.
type crowd []*client

// All clients have this password. Its hash is as cheap as argon2id can be: logging in is not what is measured.
const (
	password     = "benchmark"
	passwordHash = "$argon2id$v=19$m=8,t=1,p=1$iZA4FD49MNTBVMA42aV7Ww$ay/Io+lj9dwYi5R7Vtcd0HEtR7OW0phytAr4lEu1wMM" //nolint:gosec // opens nothing but the databases of this benchmark
)

// newCrowd names n clients; they all have phones of their own.
func newCrowd(n int) crowd {
	all := make(crowd, n)
	for i := range all {
		all[i] = &client{
			code: fmt.Sprintf("B%05d", i), login: fmt.Sprintf("bench%05d", i), phone: fmt.Sprintf("+7903%07d", 1_000_000+i),
		}
	}
	return all
}

// importInto makes the tables of an empty database, and the clients.
func (all crowd) importInto(ctx context.Context, vakhta, dir string, c credentials) error {
	var file bytes.Buffer
	file.WriteString("code,kind,name,login,password_hash,phone,email,language\n")
	for _, x := range all {
		fmt.Fprintf(&file, "%s,person,Client %s,%s,\"%s\",%s,%s@example.com,ru\n", x.code, x.code, x.login, passwordHash, x.phone, x.login)
	}
	path := filepath.Join(dir, "clients.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return err
	}
	imports := exec.CommandContext(ctx, vakhta, append([]string{"clients", "import", path}, c.flags()...)...) //nolint:gosec // the program that is measured
	if text, err := imports.CombinedOutput(); err != nil {
		return fmt.Errorf("import the clients: %w\n%s", err, text)
	}
	return nil
}

// How many do the same at once: below what the server lets wait, and what its development phone shows.
const (
	logins = 8 // the server lets 16 wait from one address
	group  = 256
)

// arrive logs everybody in, connects the terminals and opens the security sessions by SMS.
func (all crowd) arrive(ctx context.Context, s *server) error {
	err := each(all, logins, func(c *client) error {
		if err := c.logIn(ctx, s.url); err != nil {
			return err
		}
		return c.connect(ctx, s.address())
	})
	for part := range slices.Chunk(all, group) {
		if err == nil {
			err = part.open(ctx, s)
		}
	}
	return err
}

func (all crowd) open(ctx context.Context, s *server) error {
	err := each(all, group, func(c *client) error {
		_, err := c.ask("getSecuritySessionCode", "{}")
		return err
	})
	if err != nil {
		return err
	}
	codes, err := s.waitForCodes(ctx, all)
	if err != nil {
		return err
	}
	return each(all, group, func(c *client) error {
		a, err := c.ask("checkSecuritySessionCode", `{"validationKey":"`+codes[c.phone]+`"}`)
		if err == nil && !bytes.Contains(a.frame, []byte(`"success":true`)) {
			err = fmt.Errorf("no session was opened for %s: %.300s", c.login, a.frame)
		}
		if err == nil {
			_, err = c.ask("events", `{"since":0}`) // as a terminal does: from now on it is told everything
		}
		return err
	})
}

func (all crowd) close() {
	for _, c := range all {
		c.close()
	}
}

// filled is how many of the orders the exchange has filled; submitted, how many there are.
func (all crowd) filled() (filled, submitted int) {
	for _, c := range all {
		filled, submitted = filled+int(c.filled.Load()), submitted+c.orders
	}
	return filled, submitted
}

func each(all crowd, atOnce int, do func(*client) error) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, c := range all {
		g.Go(func() error { return do(c) })
	}
	return g.Wait()
}

// logIn gets the client a SID.
func (c *client) logIn(ctx context.Context, server string) error {
	form := url.Values{"login": {c.login}, "password": {password}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/api/check-login-password", strings.NewReader(form))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return err
	}
	var got struct{ SID string }
	if err := json.Unmarshal(text, &got); err != nil || got.SID == "" {
		return fmt.Errorf("%s was not logged in: %s %.300s", c.login, reply.Status, text)
	}
	c.sid = got.SID
	return nil
}
