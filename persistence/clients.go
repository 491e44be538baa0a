package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"vakhta/session"
)

// profileRow is a session.Profile as its columns.
type profileRow struct {
	Client   session.ClientID `db:"client_id"`
	Code     string           `db:"code"`
	Kind     string           `db:"kind"`
	Name     string           `db:"name"`
	Login    string           `db:"login"`
	Email    string           `db:"email"`
	Language string           `db:"language"`
}

func (r profileRow) profile() session.Profile { return session.Profile(r) }

// clientRow is a client's row with the profile joined in.
type clientRow struct {
	profileRow
	Version int64  `db:"version"`
	State   string `db:"state"`
	Head    []byte `db:"head"`
}

const (
	profileColumns = `p.client_id, p.code, p.kind, p.name, p.login, p.email, p.language`
	clientQuery    = `SELECT ` + profileColumns + `, c.version, c.state, c.head FROM client c JOIN profile p ON p.client_id = c.client_id `
)

func (r clientRow) decode() (session.State, error) {
	s, err := decodeState(r.Client, r.State)
	if err != nil {
		return session.State{}, fmt.Errorf("client %d: %w", r.Client, err)
	}
	profile := r.profile()
	s.Profile, s.Version, s.Head = &profile, r.Version, toHash(r.Head)
	return s, nil
}

// Load reads a client's state, with his profile. session.ErrUnknownClient if there is none.
func (j *Journal) Load(ctx context.Context, id session.ClientID) (session.State, error) {
	var row clientRow
	err := j.read.GetContext(ctx, &row, j.read.Rebind(clientQuery+`WHERE c.client_id = ?`), id)
	if err != nil {
		return session.State{}, unknown(err, "load a client")
	}
	return row.decode()
}

// Credential finds by the login name what a password is compared with. Case makes no difference: keyboards of phones
// begin with a capital.
func (j *Journal) Credential(ctx context.Context, login string) (session.Credential, error) {
	var row struct {
		Client session.ClientID `db:"client_id"`
		Hash   string           `db:"password_hash"`
	}
	err := j.read.GetContext(ctx, &row, j.read.Rebind(`SELECT client_id, password_hash FROM profile WHERE login_key = ?`), LoginKey(login))
	return session.Credential(row), unknown(err, "find a login name")
}

// FindClient finds a client by his code, else by his login name. session.ErrUnknownClient if there is none.
func (j *Journal) FindClient(ctx context.Context, codeOrLogin string) (session.Profile, error) {
	var row profileRow
	err := j.read.GetContext(ctx, &row, j.read.Rebind(`SELECT `+profileColumns+` FROM profile p WHERE p.code = ? OR p.login_key = ?
		ORDER BY CASE WHEN p.code = ? THEN 0 ELSE 1 END LIMIT 1`), codeOrLogin, LoginKey(codeOrLogin), codeOrLogin)
	return row.profile(), unknown(err, "find a client")
}

// ClientRow is a client in a list.
type ClientRow struct {
	session.Profile
	Phone           string // E.164; empty: no SMS means
	Logins          int    // live ones
	Sessions        int    // open ones
	Attended        bool   // a terminal is connected, as far as the journal knows
	SMSLocked       bool
	SMSBlockedUntil time.Time
	PasswordBlocked time.Time // until then
}

// Clients lists them by code, after the one named.
func (j *Journal) Clients(ctx context.Context, afterCode string, limit int) ([]ClientRow, error) {
	var rows []clientRow
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(clientQuery+`WHERE p.code > ? ORDER BY p.code LIMIT ?`), afterCode, limit)
	if err != nil {
		return nil, fmt.Errorf("list the clients: %w", err)
	}
	list := make([]ClientRow, 0, len(rows))
	for _, row := range rows {
		s, err := row.decode()
		if err != nil {
			return nil, err
		}
		c := ClientRow{
			Profile: *s.Profile, Phone: s.Phone(), Logins: len(s.Logins), Attended: s.Attended(),
			SMSLocked: s.SMS.Locked, SMSBlockedUntil: s.SMS.BlockedUntil, PasswordBlocked: s.Password.BlockedUntil,
		}
		for _, l := range s.Logins {
			if l.Session != nil {
				c.Sessions++
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// LoginKey is a login name without what people do not see or do not mean: all its spellings have one.
func LoginKey(login string) string {
	return cases.Fold().String(norm.NFKC.String(strings.TrimSpace(login)))
}

func unknown(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return session.ErrUnknownClient
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}
