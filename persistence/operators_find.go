package persistence

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"vakhta/session"
)

// NameKey is a name as it sounds: without the difference of case, of ё and е, of spaces, quotes and dashes.
func NameKey(name string) string {
	folded := strings.ReplaceAll(cases.Fold().String(norm.NFKC.String(name)), "ё", "е")
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }), " ")
}

// foldNames makes the keys of names that were imported by a program which had none.
func (j *Journal) foldNames(ctx context.Context) error {
	for {
		var rows []profileRow
		err := j.write.SelectContext(ctx, &rows, j.write.Rebind(`SELECT `+profileColumns+` FROM profile p WHERE p.name_key = '' LIMIT ?`), namesAtOnce)
		if err != nil {
			return fmt.Errorf("look for names without a key: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		err = j.in(ctx, func(tx *sqlx.Tx) error {
			for _, r := range rows {
				// A name without any letter would be found again and again.
				if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE profile SET name_key = ? WHERE client_id = ? AND name = ?`),
					nameKeyOr(r.Name), r.Client, r.Name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("make the keys of names: %w", err)
		}
	}
}

const namesAtOnce = 1000

func nameKeyOr(name string) string {
	if key := NameKey(name); key != "" {
		return key
	}
	return " "
}

// FindClients finds those whom somebody may mean: by code or its beginning, login name, words of the name, or phone. Who
// is meant exactly comes first, the others by code.
func (j *Journal) FindClients(ctx context.Context, text string, limit int) ([]session.FoundClient, error) {
	text = strings.TrimSpace(text)
	where := []string{`p.code = ?`, `p.code LIKE ? ESCAPE '\'`, `p.login_key = ?`}
	args := []any{text, literally(text) + "%", LoginKey(text)}
	if words := strings.Fields(NameKey(text)); len(words) > 0 {
		words = words[:min(len(words), mostWords)]
		where = append(where, strings.Repeat(`p.name_key LIKE ? ESCAPE '\' AND `, len(words))+`true`)
		for _, w := range words {
			args = append(args, "%"+literally(w)+"%")
		}
	}
	if phone, is := phonePattern(text); is {
		where, args = append(where, `p.phones LIKE ?`), append(args, phone)
	}
	var rows []struct {
		profileRow

		State string `db:"state"`
	}
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT `+profileColumns+`, c.state FROM profile p JOIN client c ON c.client_id = p.client_id
		WHERE `+strings.Join(where, " OR ")+` ORDER BY CASE WHEN p.code = ? OR p.login_key = ? THEN 0 ELSE 1 END, p.code LIMIT ?`),
		append(args, text, LoginKey(text), limit)...)
	if err != nil {
		return nil, fmt.Errorf("find clients: %w", err)
	}
	found := make([]session.FoundClient, len(rows))
	for i, r := range rows {
		s, err := decodeState(r.Client, r.State)
		if err != nil {
			return nil, fmt.Errorf("client %d: %w", r.Client, err)
		}
		found[i] = session.FoundClient{Profile: r.profile(), Phone: s.Phone()}
	}
	return found, nil
}

// mostWords of a name are looked for.
const mostWords = 6

// literally is a text in a pattern of LIKE, where some characters mean more than themselves.
func literally(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// phonePattern finds a phone in profile.phones. With a + it is the whole number; without one its last ten digits do, for
// people begin a number with 8, with 7 or with neither.
func phonePattern(text string) (pattern string, ok bool) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return "", false
	}
	if strings.HasPrefix(text, "+") && len(digits) >= 8 {
		return "% +" + digits + " %", true
	}
	const national = 10
	if len(digits) < national {
		return "", false
	}
	return "%" + digits[len(digits)-national:] + " %", true
}

// VoiceHash reads what a client's voice password is compared with; empty: he has none.
func (j *Journal) VoiceHash(ctx context.Context, client session.ClientID) (string, error) {
	var hash string
	err := j.read.GetContext(ctx, &hash, j.read.Rebind(`SELECT voice_hash FROM profile WHERE client_id = ?`), client)
	return hash, unknown(err, "find a voice password")
}
