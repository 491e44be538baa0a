package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/encoding/charmap"

	"vakhta/persistence"
	"vakhta/session"
)

// row is one client of an import file.
type row struct {
	line int // in the file; of JSON the position in the array

	Code          string `json:"code"`
	Kind          string `json:"kind"`
	Name          string `json:"name"`
	Login         string `json:"login"`
	Password      string `json:"password"`
	PasswordHash  string `json:"password_hash"`
	Phone         string `json:"phone"`
	Email         string `json:"email"`
	Language      string `json:"language"`
	VoicePassword string `json:"voice_password"`
	VoiceHash     string `json:"voice_hash"`
}

// columns are the fields of a row by their names in the file.
func (r *row) columns() map[string]*string {
	return map[string]*string{
		"code": &r.Code, "kind": &r.Kind, "name": &r.Name, "login": &r.Login, "password": &r.Password,
		"password_hash": &r.PasswordHash, "phone": &r.Phone, "email": &r.Email, "language": &r.Language,
		"voice_password": &r.VoicePassword, "voice_hash": &r.VoiceHash,
	}
}

// readRows reads an import file: JSON if it begins like it, otherwise CSV with a line of column names, with commas or
// semicolons; UTF-8 or, if it is none, CP1251.
func readRows(file []byte) ([]row, error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if !utf8.Valid(file) {
		decoded, err := charmap.Windows1251.NewDecoder().Bytes(file)
		if err != nil {
			return nil, fmt.Errorf("the file is neither UTF-8 nor CP1251: %w", err)
		}
		file = decoded
	}
	read, begin := readCSV, bytes.TrimLeft(file, " \t\r\n")
	switch {
	case len(begin) == 0:
		return nil, errors.New("the file is empty")
	case begin[0] == '[' || begin[0] == '{':
		read = readJSON
	}
	all, err := read(file)
	if err == nil && len(all) == 0 {
		err = errors.New("the file has no clients")
	}
	return all, err
}

func readJSON(file []byte) ([]row, error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	var all []row
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("the file is no JSON array of clients: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file goes on after the JSON array of clients")
	}
	for i := range all {
		all[i].line = i + 1
		for _, value := range all[i].columns() {
			*value = strings.TrimSpace(*value)
		}
	}
	return all, nil
}

func readCSV(file []byte) ([]row, error) {
	r := csv.NewReader(bytes.NewReader(file))
	header, _, _ := bytes.Cut(file, []byte("\n"))
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		r.Comma = ';'
	}
	r.TrimLeadingSpace = true
	names, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the line of column names cannot be read: %w", err)
	}
	known := new(row).columns()
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		if slices.Contains(names[:i], names[i]) {
			return nil, fmt.Errorf("line 1: the column %q stands there twice", name)
		}
		if known[names[i]] == nil {
			return nil, fmt.Errorf("line 1: the column %q is none of code, kind, name, login, password, password_hash, phone, email, language, voice_password, voice_hash", name)
		}
	}
	var all []row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err // names the line
		}
		var x row
		x.line, _ = r.FieldPos(0)
		for i, value := range fields {
			*x.columns()[names[i]] = strings.TrimSpace(value)
		}
		all = append(all, x)
	}
}

// badRows are the reasons why a file is not imported, by line.
type badRows []string

func (b badRows) Error() string {
	return fmt.Sprintf("nothing was imported: %d bad rows\n  %s", len(b), strings.Join(b, "\n  "))
}

// checkRows names every bad row.
func checkRows(rows []row) error {
	var bad badRows
	seen := map[string]int{}
	for _, r := range rows {
		problems := r.problems()
		for _, key := range []string{"code " + r.Code, "login " + strings.ToLower(r.Login)} {
			if first := seen[key]; first != 0 {
				problems = append(problems, fmt.Sprintf("the %s stands in line %d already", key, first))
			}
			seen[key] = r.line
		}
		if len(problems) > 0 {
			bad = append(bad, fmt.Sprintf("line %d: %s", r.line, strings.Join(problems, "; ")))
		}
	}
	if bad != nil {
		return bad
	}
	return nil
}

// badConflicts names the rows that do not go with the clients who are there.
func badConflicts(rows []row, conflicts []persistence.Conflict) (bad badRows) {
	for _, c := range conflicts {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Code == c.Code })
		bad = append(bad, fmt.Sprintf("line %d: client %s: %s", rows[i].line, c.Code, c.Problem))
	}
	return bad
}

const longestField = 200

func (r *row) problems() (all []string) {
	say := func(wrong bool, what string, args ...any) {
		if wrong {
			all = append(all, fmt.Sprintf(what, args...))
		}
	}
	for name, value := range r.columns() {
		say(len(*value) > longestField, "%s is longer than %d bytes", name, longestField)
		say(strings.ContainsFunc(*value, unicode.IsControl), "%s has a character that cannot be written", name)
	}
	say(r.Code == "" || strings.ContainsAny(r.Code, " \t,;"), "code %q is empty or has spaces", r.Code)
	say(!slices.Contains([]string{"person", "company"}, r.Kind), "kind %q is neither person nor company", r.Kind)
	say(r.Name == "", "name is empty")
	say(r.Login == "", "login is empty")
	say(r.Password != "" && r.PasswordHash != "", "give password or password_hash, not both")
	say(r.PasswordHash != "" && !isHash(r.PasswordHash), "password_hash is no argon2id PHC string like $argon2id$v=19$m=19456,t=2,p=1$…$…, with at most 256 MiB and 64 passes")
	say(r.VoicePassword != "" && r.VoiceHash != "", "give voice_password or voice_hash, not both")
	say(r.VoicePassword != "" && persistence.NameKey(r.VoicePassword) == "", "voice_password has neither letters nor digits")
	say(r.VoiceHash != "" && !isHash(r.VoiceHash), "voice_hash is no argon2id PHC string")
	if r.Email != "" {
		_, err := mail.ParseAddress(r.Email)
		say(err != nil, "email %q is no address", r.Email)
	}
	if r.Phone != "" {
		_, err := phoneNumber(r.Phone)
		say(err != nil, "phone %q: %s", r.Phone, advice(err))
	}
	say(r.Language != "" && r.Language != "ru" && r.Language != "en", "language %q is neither ru nor en", r.Language)
	slices.Sort(all)
	return all
}

// isHash tells whether a password can be compared with that, at a price that a server can pay at each login.
func isHash(phc string) bool {
	p, _, _, err := argon2id.DecodeHash(phc)
	return err == nil && p.Memory <= 256*1024 && p.Iterations >= 1 && p.Iterations <= 64 && p.Parallelism >= 1
}

// client makes a client of a row that was checked. A password that is already the known one keeps its hash.
func (r *row) client(policy session.Policy, known persistence.Client) (persistence.Client, error) {
	c := persistence.Client{
		Code: r.Code, Kind: r.Kind, Name: r.Name, Login: r.Login, Email: r.Email, Language: cmp.Or(r.Language, "ru"),
		PasswordHash: r.PasswordHash, VoiceHash: r.VoiceHash,
	}
	var errs [3]error
	if r.Phone != "" {
		c.Phone, errs[0] = phoneNumber(r.Phone)
	}
	if r.Password != "" {
		c.PasswordHash, errs[1] = rehash(r.Password, known.PasswordHash, policy)
	}
	if r.VoicePassword != "" {
		c.VoiceHash, errs[2] = rehash(persistence.NameKey(r.VoicePassword), known.VoiceHash, policy)
	}
	return c, errors.Join(errs[:]...)
}
