-- +goose Up

-- What a client is at the moment: the row that every change moves from one version to the next, so it stays small.
-- No update but that of wake or attended touches an index, and wake is coarse: updates stay HOT.
CREATE TABLE client (
    client_id bigint PRIMARY KEY,
    version   bigint NOT NULL,                  -- number of the client's last event
    wake      bigint,                           -- unix µs, the nearest deadline rounded down to a quarter of an hour
    attended  boolean NOT NULL DEFAULT false,   -- a terminal is connected
    state     text NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX client_wake ON client (wake) WHERE wake IS NOT NULL;
CREATE INDEX client_attended ON client (client_id) WHERE attended;

-- What is known about a client beside his state: it changes only by import, and the hash by a new password.
CREATE TABLE profile (
    client_id     bigint PRIMARY KEY,
    code          text NOT NULL UNIQUE,
    kind          text NOT NULL,
    name          text NOT NULL,
    login         text NOT NULL,
    login_key     text NOT NULL UNIQUE,         -- the login name without the difference of case
    email         text NOT NULL,
    language      text NOT NULL,
    password_hash text NOT NULL,                -- PHC string
    voice_hash    text NOT NULL                 -- PHC string, or empty
);

CREATE TABLE event (
    client_id bigint NOT NULL,
    seq       bigint NOT NULL,
    at        bigint NOT NULL,
    type      text NOT NULL,
    data      text NOT NULL,
    PRIMARY KEY (client_id, seq)
);
-- Rows lie in the order of their instants: this finds the old ones and costs an insert next to nothing.
CREATE INDEX event_at ON event USING brin (at) WITH (pages_per_range = 64, autosummarize = on);

-- Room in the pages, so that a change of status stays HOT; only the last one, which ends «open», is not.
CREATE TABLE orders (
    client_id     bigint NOT NULL,
    order_id      bigint NOT NULL,
    user_order_id text,                         -- NULL: no idempotency was asked for
    open          boolean NOT NULL,             -- it may still be filled
    status        text NOT NULL,
    payload       text NOT NULL,
    PRIMARY KEY (client_id, order_id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX orders_user_order_id ON orders (client_id, user_order_id) WHERE user_order_id IS NOT NULL;
CREATE INDEX orders_open ON orders (client_id, order_id) WHERE open;

CREATE TABLE outbox (
    client_id  bigint NOT NULL,
    seq        bigint NOT NULL,                 -- number of the event that it belongs to
    status     text NOT NULL,                   -- pending, sending, sent, failed, unknown
    phone      bytea NOT NULL,                  -- keyed digest, to count by
    at         bigint NOT NULL,
    expires_at bigint NOT NULL,
    claimed_at bigint,                          -- when it was given to the wire
    settled_at bigint,
    body       bytea NOT NULL,                  -- sealed; empty once it is settled
    PRIMARY KEY (client_id, seq)
);
CREATE INDEX outbox_pending ON outbox (at, client_id, seq) WHERE status = 'pending';
CREATE INDEX outbox_sending ON outbox (client_id, seq) WHERE status = 'sending';
CREATE INDEX outbox_phone ON outbox (phone, claimed_at) WHERE claimed_at IS NOT NULL;

-- The development phone.
CREATE TABLE delivered (
    delivered_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone        text NOT NULL,
    body         text NOT NULL,
    at           bigint NOT NULL
);

-- Ids are reserved in blocks.
CREATE TABLE id_block (
    one  integer PRIMARY KEY CHECK (one = 1),
    next bigint NOT NULL
);
INSERT INTO id_block (one, next) VALUES (1, 1001);

-- By these the master keys of the key file are known again; they tell nothing about them.
CREATE TABLE master_key (
    key_id      text PRIMARY KEY,
    check_value bytea NOT NULL
);
