-- +goose Up

-- Who works at the operators' desk.
CREATE TABLE operator (
    operator_id   INTEGER PRIMARY KEY,
    login         TEXT NOT NULL,
    login_key     TEXT NOT NULL UNIQUE,      -- the login name without the difference of case
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,             -- PHC string
    secret        BLOB NOT NULL,             -- of the one-time-password authenticator, sealed
    version       INTEGER NOT NULL,          -- every change moves it by one
    state         TEXT NOT NULL              -- counters, and where he is logged in
) STRICT;

-- The name as operators look for it, without the difference of case, of ё and е, and of quotes. Empty: not yet made, which
-- the program does when it opens the database.
ALTER TABLE profile ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX profile_name_key ON profile (client_id) WHERE name_key = '';
