-- migrate:up

ALTER TABLE people
    ADD COLUMN messenger         text    NOT NULL DEFAULT '',
    ADD COLUMN release_messenger boolean NOT NULL DEFAULT false;

ALTER TABLE people DROP CONSTRAINT people_state_check;
ALTER TABLE people ADD CONSTRAINT people_state_check
    CHECK (state IN ('unconfirmed', 'in_doubt', 'confirmed', 'paused', 'left', 'withdrawn', 'refused', 'not_checked'));
CREATE INDEX people_email ON people (region, lower(email));

-- What people agreed to, word for word; `version` stands with each person.
CREATE TABLE consent_texts (
    version  text        PRIMARY KEY,
    region   text        NOT NULL,
    language text        NOT NULL,
    said     text        NOT NULL,
    since    timestamptz NOT NULL
);

-- Who wants to be told, once, when the next round opens.
CREATE TABLE notices (
    id       uuid        PRIMARY KEY,
    region   text        NOT NULL,
    language text        NOT NULL,
    email    text        NOT NULL,
    asked_at timestamptz NOT NULL,
    said_at  timestamptz
);

-- migrate:down
DROP TABLE notices;
DROP TABLE consent_texts;
DROP INDEX people_email;
ALTER TABLE people DROP COLUMN messenger, DROP COLUMN release_messenger;
