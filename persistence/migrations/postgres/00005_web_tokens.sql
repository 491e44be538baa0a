-- +goose Up

-- WEB-tokens, for ever: by its public key everything is verified that a token has signed. Nothing of it is secret, and nothing
-- is read by who decides: seed, ratchet and challenges stand in the client's state. What the protocol promises is held here
-- once more, against mistakes and hands: one token per client, and no more PINs than it allows.
CREATE TABLE web_token (
    client_id         bigint NOT NULL,
    token_id          bigint NOT NULL,
    state             text NOT NULL CHECK (state IN ('pending', 'active', 'locked', 'revoked', 'clone_suspected')),
    s_pub             bytea NOT NULL CHECK (octet_length(s_pub) = 65),
    attempts_left     integer NOT NULL CHECK (attempts_left BETWEEN 0 AND 5),          -- PINs before an opening
    lifetime_failures integer NOT NULL CHECK (lifetime_failures BETWEEN 0 AND 50),     -- PINs that no opening has followed
    day_evaluations   integer NOT NULL CHECK (day_evaluations BETWEEN 0 AND 30),       -- PINs in 24 h
    created           bigint NOT NULL,
    changed           bigint NOT NULL,          -- when it came into its state
    payload           text NOT NULL,
    PRIMARY KEY (client_id, token_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX web_token_active ON web_token (client_id) WHERE state = 'active';
CREATE UNIQUE INDEX web_token_pending ON web_token (client_id) WHERE state = 'pending';
