-- migrate:up

-- An address that somebody asked for instead of theirs waits here until it is proved; empty where none does. The id is that of
-- the asking, and stays when the address has become theirs.
ALTER TABLE people
    ADD COLUMN new_email    text NOT NULL DEFAULT '',
    ADD COLUMN new_email_id uuid;
CREATE INDEX people_new_email_id ON people (new_email_id) WHERE new_email_id IS NOT NULL;

-- Each time that somebody gave another address. `old_email` is the one that is told of it, also when it is theirs no more by
-- then; empty where there is none, or nobody had proved it.
CREATE TABLE addresses_asked (
    id        uuid        PRIMARY KEY,
    person_id uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
    old_email text        NOT NULL,
    asked_at  timestamptz NOT NULL
);
CREATE INDEX addresses_asked_person ON addresses_asked (person_id, asked_at);

-- migrate:down
DROP TABLE addresses_asked;
ALTER TABLE people DROP COLUMN new_email, DROP COLUMN new_email_id;
