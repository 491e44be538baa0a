-- +goose Up

-- Each event carries the hash of the one before it, the client's row that of the last: see chain.go. NULL: from before this
-- migration.
ALTER TABLE event ADD COLUMN prev BLOB;
ALTER TABLE client ADD COLUMN head BLOB;

-- Operators' acts and refused security decisions: one chain for the installation, never pruned.
CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    client_id INTEGER,
    operator  TEXT,                          -- login name
    type      TEXT NOT NULL,
    data      TEXT NOT NULL,
    prev      BLOB NOT NULL
) STRICT;

-- The hash of its last row; whoever appends holds this row.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    head BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (one, seq, head) VALUES (1, 0, zeroblob(32));

-- The notary's log: an entry has the heads that have changed since the one before, and is pruned with the events. Its hash,
-- and those of the tree above it that it completes, stay.
CREATE TABLE notary_entry (
    number INTEGER PRIMARY KEY,              -- from 0
    at     INTEGER NOT NULL,
    heads  BLOB NOT NULL
) STRICT;
CREATE TABLE notary_hash (
    number INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
) STRICT;

-- The signed tree head; whoever appends holds this row.
CREATE TABLE notary (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    head TEXT NOT NULL                       -- a signed note, empty: no entry yet
) STRICT;
INSERT INTO notary (one, size, head) VALUES (1, 0, '');

-- The first signed tree head, and the last one of each day.
CREATE TABLE notary_kept (
    size INTEGER PRIMARY KEY,
    head TEXT NOT NULL
) STRICT;

-- Up to which row the notary has seen each chain, as of a quarter of an hour ago: 0 is the audit. It only saves work.
CREATE TABLE notary_seen (
    client_id INTEGER PRIMARY KEY,
    seq       INTEGER NOT NULL
) STRICT;
