package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"vakhta/session"
)

// operatorRow is an operator as his columns.
type operatorRow struct {
	ID      session.OperatorID `db:"operator_id"`
	Login   string             `db:"login"`
	Name    string             `db:"name"`
	Hash    string             `db:"password_hash"`
	Secret  []byte             `db:"secret"`
	Version int64              `db:"version"`
	State   string             `db:"state"`
}

const operatorQuery = `SELECT operator_id, login, name, password_hash, secret, version, state FROM operator `

// NewOperator is an operator who is added.
type NewOperator struct {
	Login  string
	Name   string
	Hash   string // PHC string of the password
	Secret []byte // of the one-time-password authenticator
}

// ErrOperatorExists: an operator has this login name.
var ErrOperatorExists = errors.New("there is an operator of this login name: «vakhta operator reset» gives him a new password")

// AddOperator enters an account. ErrOperatorExists if its login name is taken.
func (j *Journal) AddOperator(ctx context.Context, n NewOperator) (session.Operator, error) {
	id, err := j.NextIDs(ctx, 1)
	if err != nil {
		return session.Operator{}, err
	}
	o := session.Operator{ID: session.OperatorID(id), Login: n.Login, Name: n.Name}
	state, err := encodeOperator(o)
	if err != nil {
		return session.Operator{}, err
	}
	result, err := j.write.ExecContext(ctx, j.write.Rebind(`INSERT INTO operator
		(operator_id, login, login_key, name, password_hash, secret, version, state) VALUES (?, ?, ?, ?, ?, ?, 1, ?)
		ON CONFLICT (login_key) DO NOTHING`), o.ID, o.Login, LoginKey(o.Login), o.Name, n.Hash, j.keys.Seal(n.Secret, operatorAAD(o.ID)), state)
	if err != nil {
		return session.Operator{}, fmt.Errorf("add an operator: %w", err)
	}
	if added, err := result.RowsAffected(); err != nil || added == 0 {
		return session.Operator{}, errors.Join(ErrOperatorExists, err)
	}
	return o, nil
}

// operatorAAD binds a sealed secret to its row.
func operatorAAD(id session.OperatorID) []byte {
	return []byte("operator " + strconv.FormatInt(int64(id), 10))
}

// OperatorAccount finds an operator by login name, with what proves him. Case makes no difference.
// session.ErrUnknownOperator if there is none.
func (j *Journal) OperatorAccount(ctx context.Context, login string) (session.OperatorAccount, error) {
	row, err := j.operatorRow(ctx, `WHERE login_key = ?`, LoginKey(login))
	if err != nil {
		return session.OperatorAccount{}, err
	}
	o, err := row.decode()
	if err != nil {
		return session.OperatorAccount{}, err
	}
	secret, err := j.keys.Open(row.Secret, operatorAAD(row.ID))
	if err != nil {
		return session.OperatorAccount{}, fmt.Errorf("the authenticator of operator %s: %w", o.Login, err)
	}
	return session.OperatorAccount{Operator: o, Hash: row.Hash, Secret: secret}, nil
}

// Operator finds an operator by his id. session.ErrUnknownOperator if there is none.
func (j *Journal) Operator(ctx context.Context, id session.OperatorID) (session.Operator, error) {
	row, err := j.operatorRow(ctx, `WHERE operator_id = ?`, id)
	if err != nil {
		return session.Operator{}, err
	}
	return row.decode()
}

func (j *Journal) operatorRow(ctx context.Context, where string, arg any) (row operatorRow, err error) {
	err = j.read.GetContext(ctx, &row, j.read.Rebind(operatorQuery+where), arg)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return row, session.ErrUnknownOperator
	case err != nil:
		return row, fmt.Errorf("find an operator: %w", err)
	}
	return row, nil
}

// Operators lists them by login name.
func (j *Journal) Operators(ctx context.Context) ([]session.Operator, error) {
	var rows []operatorRow
	if err := j.read.SelectContext(ctx, &rows, operatorQuery+`ORDER BY login_key`); err != nil {
		return nil, fmt.Errorf("list the operators: %w", err)
	}
	all := make([]session.Operator, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = row.decode(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// UpdateOperator replaces an operator by what change makes of him. Whoever else changes him at the same time is not lost:
// then change is asked again. Its error is returned, and nothing is changed.
func (j *Journal) UpdateOperator(ctx context.Context, id session.OperatorID, change func(session.Operator) (session.Operator, error),
) (session.Operator, error) {
	return j.replaceOperator(ctx, id, change, "", nil)
}

// ResetOperator gives an operator another password and another authenticator, and ends his logins.
func (j *Journal) ResetOperator(ctx context.Context, id session.OperatorID, hash string, secret []byte) (session.Operator, error) {
	renew := func(o session.Operator) (session.Operator, error) { return o.Renew(), nil }
	return j.replaceOperator(ctx, id, renew, hash, j.keys.Seal(secret, operatorAAD(id)))
}

// replaceOperator takes turns until nobody was faster: of those who are at it at the same time one always comes through.
func (j *Journal) replaceOperator(ctx context.Context, id session.OperatorID, change func(session.Operator) (session.Operator, error),
	hash string, sealed []byte,
) (session.Operator, error) {
	for {
		row, err := j.operatorRow(ctx, `WHERE operator_id = ?`, id)
		if err != nil {
			return session.Operator{}, err
		}
		was, err := row.decode()
		if err != nil {
			return session.Operator{}, err
		}
		o, err := change(was)
		if err != nil {
			return session.Operator{}, err
		}
		if hash != "" {
			row.Hash, row.Secret = hash, sealed
		}
		moved, err := j.moveOperator(ctx, row, o)
		if moved || err != nil {
			return o, err
		}
	}
}

// moveOperator writes an operator if his row is still the one that was read. What changes nothing is not written.
func (j *Journal) moveOperator(ctx context.Context, row operatorRow, o session.Operator) (moved bool, err error) {
	state, err := encodeOperator(o)
	if err != nil {
		return false, err
	}
	if state == row.State {
		return true, nil
	}
	result, err := j.write.ExecContext(ctx, j.write.Rebind(`UPDATE operator SET password_hash = ?, secret = ?, state = ?, version = version + 1
		WHERE operator_id = ? AND version = ?`), row.Hash, row.Secret, state, row.ID, row.Version)
	if err != nil {
		return false, fmt.Errorf("change an operator: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
