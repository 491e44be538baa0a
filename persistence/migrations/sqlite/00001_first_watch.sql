-- +goose Up

-- What a client is at the moment: the row that every change moves from one version to the next, so it stays small.
CREATE TABLE client (
    client_id INTEGER PRIMARY KEY,
    version   INTEGER NOT NULL,              -- number of the client's last event
    wake      INTEGER,                       -- unix µs, the nearest deadline rounded down to a quarter of an hour
    attended  INTEGER NOT NULL DEFAULT 0,    -- a terminal is connected
    state     TEXT NOT NULL
) STRICT;
CREATE INDEX client_wake ON client (wake) WHERE wake IS NOT NULL;
CREATE INDEX client_attended ON client (client_id) WHERE attended;

-- What is known about a client beside his state: it changes only by import, and the hash by a new password.
CREATE TABLE profile (
    client_id     INTEGER PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    name          TEXT NOT NULL,
    login         TEXT NOT NULL,
    login_key     TEXT NOT NULL UNIQUE,      -- the login name without the difference of case
    email         TEXT NOT NULL,
    language      TEXT NOT NULL,
    password_hash TEXT NOT NULL,             -- PHC string
    voice_hash    TEXT NOT NULL              -- PHC string, or empty
) STRICT;

-- In the order of the rowids, which is that of the instants, old ones are pruned.
CREATE TABLE event (
    client_id INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    type      TEXT NOT NULL,
    data      TEXT NOT NULL,
    PRIMARY KEY (client_id, seq)
) STRICT;

CREATE TABLE orders (
    client_id     INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    user_order_id TEXT,                      -- NULL: no idempotency was asked for
    open          INTEGER NOT NULL,          -- it may still be filled
    status        TEXT NOT NULL,
    payload       TEXT NOT NULL,
    PRIMARY KEY (client_id, order_id)
) STRICT;
CREATE UNIQUE INDEX orders_user_order_id ON orders (client_id, user_order_id) WHERE user_order_id IS NOT NULL;
CREATE INDEX orders_open ON orders (client_id, order_id) WHERE open;

CREATE TABLE outbox (
    client_id  INTEGER NOT NULL,
    seq        INTEGER NOT NULL,             -- number of the event that it belongs to
    status     TEXT NOT NULL,                -- pending, sending, sent, failed, unknown
    phone      BLOB NOT NULL,                -- keyed digest, to count by
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    claimed_at INTEGER,                      -- when it was given to the wire
    settled_at INTEGER,
    body       BLOB NOT NULL,                -- sealed; empty once it is settled
    PRIMARY KEY (client_id, seq)
) STRICT;
CREATE INDEX outbox_pending ON outbox (at, client_id, seq) WHERE status = 'pending';
CREATE INDEX outbox_sending ON outbox (client_id, seq) WHERE status = 'sending';
CREATE INDEX outbox_phone ON outbox (phone, claimed_at) WHERE claimed_at IS NOT NULL;

-- The development phone.
CREATE TABLE delivered (
    delivered_id INTEGER PRIMARY KEY AUTOINCREMENT,
    phone        TEXT NOT NULL,
    body         TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

-- Ids are reserved in blocks.
CREATE TABLE id_block (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    next INTEGER NOT NULL
) STRICT;
INSERT INTO id_block (one, next) VALUES (1, 1001);

-- By these the master keys of the key file are known again; they tell nothing about them.
CREATE TABLE master_key (
    key_id      TEXT PRIMARY KEY,
    check_value BLOB NOT NULL
) STRICT;
