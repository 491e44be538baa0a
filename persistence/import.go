package persistence

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"vakhta/session"
)

// Client is one row of an import. Checking its fields is the importer's task: here only the codes and login names
// of different clients must differ.
type Client struct {
	Code         string
	Kind         string // "person" or "company"
	Name         string
	Login        string
	Phone        string // E.164; empty: no SMS means
	Email        string
	Language     string // "ru" or "en"
	PasswordHash string // PHC string; empty in an update: as it is
	VoiceHash    string // PHC string; empty: none, in an update: as it is
}

// Report counts what an import did.
type Report struct{ Added, Updated, Unchanged int }

// ConflictError names the clients that stand in the way of an import.
type ConflictError struct{ Conflicts []Conflict }

// Conflict says what is wrong with the client of that code.
type Conflict struct{ Code, Problem string }

func (e *ConflictError) Error() string {
	var lines []string
	for _, c := range e.Conflicts {
		lines = append(lines, fmt.Sprintf("client %s: %s", c.Code, c.Problem))
	}
	return "nothing was imported: " + strings.Join(lines, "; ")
}

var errMoved = errors.New("clients were changed by the running server during the import, again and again: repeat it")

// Import adds clients and, if update says so, changes those whose code is known. All or nothing: clients that cannot be
// imported are named by a *ConflictError. A client who is there already, just so, is no conflict. A changed phone is the
// client's state: a running server finds its own state overtaken and loads it again.
func (j *Journal) Import(ctx context.Context, clients []Client, update bool) (Report, error) {
	if len(clients) == 0 {
		return Report{}, nil
	}
	ids, err := j.NextIDs(ctx, int64(len(clients)))
	if err != nil {
		return Report{}, err
	}
	for range 10 {
		i := importing{update: update, id: ids}
		err = j.in(ctx, func(tx *sqlx.Tx) error { return i.run(ctx, tx, clients) })
		if !errors.Is(err, errMoved) {
			return i.report, err
		}
	}
	return Report{}, err
}

// Preview tells what Import would do, or which conflicts would stop it, and changes nothing.
func (j *Journal) Preview(ctx context.Context, clients []Client, update bool) (Report, error) {
	i := importing{update: update, preview: true}
	err := j.in(ctx, func(tx *sqlx.Tx) error { return i.run(ctx, tx, clients) })
	return i.report, err
}

type importing struct {
	update    bool
	preview   bool
	id        int64 // the next free one
	report    Report
	conflicts []Conflict
	moves     []importMove
	add, set  []importRow
}

type importRow struct {
	Client

	ID  session.ClientID `db:"client_id"`
	Key string           `db:"login_key"`
}

// importMove is a client whose phone in the questionnaire has changed.
type importMove struct {
	id         session.ClientID
	was, phone string
	fresh      session.PhoneID
}

func (i *importing) conflict(c Client, problem string, args ...any) {
	i.conflicts = append(i.conflicts, Conflict{Code: c.Code, Problem: fmt.Sprintf(problem, args...)})
}

func (i *importing) run(ctx context.Context, tx *sqlx.Tx, clients []Client) error {
	i.twice(clients)
	for _, c := range clients {
		if err := i.look(ctx, tx, c); err != nil {
			return err
		}
	}
	if len(i.conflicts) > 0 {
		i.report = Report{}
		return &ConflictError{Conflicts: i.conflicts}
	}
	if i.preview {
		return nil
	}
	return i.write(ctx, tx)
}

// twice finds what is wrong with the file by itself.
func (i *importing) twice(clients []Client) {
	codes, logins := map[string]bool{}, map[string]string{}
	for _, c := range clients {
		key := LoginKey(c.Login)
		other, taken := logins[key]
		switch {
		case codes[c.Code]:
			i.conflict(c, "the code stands twice in the import")
		case taken:
			i.conflict(c, "the login name %s is also that of client %s in the import", c.Login, other)
		}
		codes[c.Code], logins[key] = true, c.Code
	}
}

// look compares one client with what is there.
func (i *importing) look(ctx context.Context, tx *sqlx.Tx, c Client) error {
	row := importRow{Client: c, Key: LoginKey(c.Login)}
	var taken string
	err := tx.GetContext(ctx, &taken, tx.Rebind(`SELECT code FROM profile WHERE login_key = ? AND code <> ?`), row.Key, c.Code)
	switch {
	case err == nil:
		i.conflict(c, "the login name %s is that of client %s", c.Login, taken)
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("import: %w", err)
	}
	stored, err := findImported(ctx, tx, c.Code)
	if errors.Is(err, session.ErrUnknownClient) {
		if c.PasswordHash == "" {
			i.conflict(c, "a new client needs a password or its hash")
		}
		row.ID = session.ClientID(i.id)
		i.id++
		i.add = append(i.add, row)
		i.report.Added++
		return nil
	} else if err != nil {
		return err
	}
	row.ID = stored.ID
	row.PasswordHash = cmp.Or(c.PasswordHash, stored.PasswordHash)
	row.VoiceHash = cmp.Or(c.VoiceHash, stored.VoiceHash)
	switch {
	case row.Client == stored.Client:
		i.report.Unchanged++
	case !i.update:
		i.conflict(c, "the code is known already; --update changes known clients")
	default:
		i.report.Updated++
		if row.Phone != stored.Phone {
			i.moves = append(i.moves, importMove{id: row.ID, was: stored.Phone, phone: row.Phone, fresh: session.PhoneID(i.id)})
			i.id++
		}
		i.set = append(i.set, row)
	}
	return nil
}

// Imported reads a client, by code, as an import would write him: to compare a plain password with the hash that is
// there, instead of making a new hash of the same. session.ErrUnknownClient if there is none.
func (j *Journal) Imported(ctx context.Context, code string) (Client, error) {
	row, err := findImported(ctx, j.read, code)
	return row.Client, err
}

func findImported(ctx context.Context, db sqlx.ExtContext, code string) (importRow, error) {
	var found struct {
		clientRow

		PasswordHash string `db:"password_hash"`
		VoiceHash    string `db:"voice_hash"`
		Phone        string `db:"phone"`
	}
	err := sqlx.GetContext(ctx, db, &found, db.Rebind(`SELECT `+profileColumns+`, c.version, c.state, c.head, p.password_hash, p.voice_hash, p.phone
		FROM client c JOIN profile p ON p.client_id = c.client_id WHERE p.code = ?`), code)
	if err != nil {
		return importRow{}, unknown(err, "find a client")
	}
	s, err := found.decode()
	if err != nil {
		return importRow{}, err
	}
	p := s.Profile
	return importRow{ID: p.Client, Key: LoginKey(p.Login), Client: Client{
		Code: p.Code, Kind: p.Kind, Name: p.Name, Login: p.Login, Phone: found.Phone, Email: p.Email, Language: p.Language,
		PasswordHash: found.PasswordHash, VoiceHash: found.VoiceHash,
	}}, nil
}
