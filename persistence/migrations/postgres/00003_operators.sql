-- +goose Up

-- Who works at the operators' desk.
CREATE TABLE operator (
    operator_id   bigint PRIMARY KEY,
    login         text NOT NULL,
    login_key     text NOT NULL UNIQUE,         -- the login name without the difference of case
    name          text NOT NULL,
    password_hash text NOT NULL,                -- PHC string
    secret        bytea NOT NULL,               -- of the one-time-password authenticator, sealed
    version       bigint NOT NULL,              -- every change moves it by one
    state         text NOT NULL                 -- counters, and where he is logged in
) WITH (fillfactor = 70);

-- The name as operators look for it, without the difference of case, of ё and е, and of quotes. Empty: not yet made, which
-- the program does when it opens the database.
ALTER TABLE profile ADD COLUMN name_key text NOT NULL DEFAULT '';
CREATE INDEX profile_name_key ON profile (client_id) WHERE name_key = '';
