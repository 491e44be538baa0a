package persistence

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// noteMasterKeys keeps a check value of each key. If any is not the right one, none.
func (j *Journal) noteMasterKeys(ctx context.Context) error {
	return j.in(ctx, func(tx *sqlx.Tx) error {
		for _, key := range j.keys.keys {
			_, err := tx.ExecContext(ctx, tx.Rebind(
				`INSERT INTO master_key (key_id, check_value) VALUES (?, ?) ON CONFLICT DO NOTHING`), key.id, key.check())
			if err != nil {
				return fmt.Errorf("note the master keys: %w", err)
			}
		}
		return j.checkMasterKeys(ctx, tx)
	})
}

// checkMasterKeys refuses keys that are not those which the database was made with: with others no SID would be
// recognised, no text opened, and new secrets would be made under a key that nobody has a copy of.
func (j *Journal) checkMasterKeys(ctx context.Context, db sqlx.QueryerContext) error {
	var known []struct {
		ID    string `db:"key_id"`
		Check []byte `db:"check_value"`
	}
	if err := sqlx.SelectContext(ctx, db, &known, `SELECT key_id, check_value FROM master_key ORDER BY key_id`); err != nil {
		return fmt.Errorf("read the master keys: %w", err)
	}
	for _, k := range known {
		key, ok := j.keys.find(k.ID)
		switch {
		case !ok:
			return fmt.Errorf("the database was written under the master key %q, which is not in %s: add its line from a copy of the "+
				"key file", k.ID, j.keys.path)
		case !key.checks(k.Check):
			return fmt.Errorf("the master key %q in %s is not the one that the database was written under: take the key file "+
				"that belongs to this database", k.ID, j.keys.path)
		}
	}
	return nil
}
