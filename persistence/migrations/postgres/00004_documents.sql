-- +goose Up

-- The phone of the last import: a client's own later order is not undone by the next one.
ALTER TABLE profile ADD COLUMN phone text NOT NULL DEFAULT '';
UPDATE profile p SET phone = coalesce(c.state::json ->> 'ph', '') FROM client c WHERE c.client_id = p.client_id;

-- The contact phones as they are now, with a space around each: where an operator finds a client by his phone.
ALTER TABLE profile ADD COLUMN phones text NOT NULL DEFAULT '';
UPDATE profile SET phones = ' ' || phone || ' ' WHERE phone <> '';

-- Non-trading orders, for ever.
CREATE TABLE document (
    client_id   bigint NOT NULL,
    document_id bigint NOT NULL,
    waits       boolean NOT NULL,               -- for a second operator
    payload     text NOT NULL,
    PRIMARY KEY (client_id, document_id)
);
CREATE INDEX document_waits ON document (document_id) WHERE waits;
