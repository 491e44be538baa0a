-- +goose Up

-- Each event carries the hash of the one before it, the client's row that of the last: see chain.go. NULL: from before this
-- migration.
ALTER TABLE event ADD COLUMN prev bytea;
ALTER TABLE client ADD COLUMN head bytea;

-- Operators' acts and refused security decisions: one chain for the installation, never pruned.
CREATE TABLE audit (
    seq       bigint PRIMARY KEY,
    at        bigint NOT NULL,
    client_id bigint,
    operator  text,                             -- login name
    type      text NOT NULL,
    data      text NOT NULL,
    prev      bytea NOT NULL
);

-- The hash of its last row; whoever appends holds this row.
CREATE TABLE audit_head (
    one  integer PRIMARY KEY CHECK (one = 1),
    seq  bigint NOT NULL,
    head bytea NOT NULL
);
INSERT INTO audit_head (one, seq, head) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- The notary's log: an entry has the heads that have changed since the one before, and is pruned with the events. Its hash,
-- and those of the tree above it that it completes, stay.
CREATE TABLE notary_entry (
    number bigint PRIMARY KEY,                  -- from 0
    at     bigint NOT NULL,
    heads  bytea NOT NULL
);
CREATE TABLE notary_hash (
    number bigint PRIMARY KEY,
    hashes bytea NOT NULL
);

-- The signed tree head; whoever appends holds this row.
CREATE TABLE notary (
    one  integer PRIMARY KEY CHECK (one = 1),
    size bigint NOT NULL,
    head text NOT NULL                          -- a signed note, empty: no entry yet
);
INSERT INTO notary (one, size, head) VALUES (1, 0, '');

-- The first signed tree head, and the last one of each day.
CREATE TABLE notary_kept (
    size bigint PRIMARY KEY,
    head text NOT NULL
);

-- Up to which row the notary has seen each chain, as of a quarter of an hour ago: 0 is the audit. It only saves work.
CREATE TABLE notary_seen (
    client_id bigint PRIMARY KEY,
    seq       bigint NOT NULL
);
