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
	"strconv"
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
			speaks: product{},
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
	if err := all.askForCodes(ctx, s); err != nil {
		return err
	}
	return each(all, group, func(c *client) error {
		if err := c.openSession(); err != nil {
			return err
		}
		return c.resume()
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

// askForCodes returns when the phones have them.
func (all crowd) askForCodes(ctx context.Context, s *server) error {
	if err := each(all, logins, func(c *client) error { return c.askForCode(ctx, s) }); err != nil {
		return err
	}
	return s.waitForCodes(ctx, all)
}

// each does the same for everybody, so many at once.
func each(all crowd, atOnce int, do func(*client) error) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, c := range all {
		g.Go(func() error { return do(c) })
	}
	return g.Wait()
}

// openSession opens the security session by the passcode that was sent.
func (c *client) openSession() error {
	a, err := c.ask("checkSecuritySessionCode", `{"validationKey":"`+c.passcode+`"}`)
	if err == nil && !bytes.Contains(a.frame, []byte(`"success":true`)) {
		err = fmt.Errorf("no session was opened for %s: %.300s", c.login, a.frame)
	}
	return err
}

// resume has the terminal told what it has missed, and all that comes.
func (c *client) resume() error {
	a, err := c.ask("events", `{"since":`+strconv.Itoa(c.seen)+`}`)
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(a.frame, []byte(`"seq":`))
	number, _, _ := bytes.Cut(rest, []byte("}"))
	if c.seen, err = strconv.Atoi(string(number)); err != nil {
		return fmt.Errorf("%s was not told which event is the last: %.300s", c.login, a.frame)
	}
	return nil
}

// logIn gets the client a SID.
func (c *client) logIn(ctx context.Context, server string) error {
	var got struct{ SID string }
	text, err := post(ctx, server+"/api/check-login-password", url.Values{"login": {c.login}, "password": {password}}, &got)
	if err == nil && got.SID == "" {
		err = fmt.Errorf("%s was not logged in: %.300s", c.login, text)
	}
	c.sid = got.SID
	return err
}

// askForCode has a passcode sent to the client's phone, without a terminal.
func (c *client) askForCode(ctx context.Context, s *server) error {
	var got struct{ Error string }
	q := `{"cmd":"getSecuritySessionCode","SID":"` + c.sid + `"}`
	text, err := post(ctx, s.url+"/api/", url.Values{"q": {q}}, &got)
	if err == nil && got.Error != "" {
		err = fmt.Errorf("%s got no passcode: %.300s", c.login, text)
	}
	return err
}

// post sends a form and reads the answer into a struct; as it was, it is for complaints.
func post(ctx context.Context, address string, form url.Values, into any) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return text, fmt.Errorf("%s answers %s: %.300s", address, reply.Status, text)
	}
	return text, nil
}
