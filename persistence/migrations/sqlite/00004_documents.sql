-- +goose Up

-- The phone of the last import: a client's own later order is not undone by the next one.
ALTER TABLE profile ADD COLUMN phone TEXT NOT NULL DEFAULT '';
UPDATE profile SET phone = coalesce((SELECT c.state ->> '$.ph' FROM client c WHERE c.client_id = profile.client_id), '');

-- The contact phones as they are now, with a space around each: where an operator finds a client by his phone.
ALTER TABLE profile ADD COLUMN phones TEXT NOT NULL DEFAULT '';
UPDATE profile SET phones = ' ' || phone || ' ' WHERE phone <> '';

-- Non-trading orders, for ever.
CREATE TABLE document (
    client_id   INTEGER NOT NULL,
    document_id INTEGER NOT NULL,
    waits       INTEGER NOT NULL,               -- for a second operator
    payload     TEXT NOT NULL,
    PRIMARY KEY (client_id, document_id)
) STRICT;
CREATE INDEX document_waits ON document (document_id) WHERE waits;
