-- migrate:up

-- A place (a shelter, an office) whose staff sign up people one after the other; whoever holds its link may, until it ends.
CREATE TABLE helpers (
    id              uuid        PRIMARY KEY,
    region          text        NOT NULL,
    name            text        NOT NULL,
    "group"         text        NOT NULL,
    link_generation integer     NOT NULL DEFAULT 1,
    made_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz
);
CREATE INDEX helpers_region ON helpers (region, made_at);

-- Whoever signed up with a helper has a printed card; it is shown until it was handed over.
ALTER TABLE people
    ADD COLUMN helper         uuid REFERENCES helpers,
    ADD COLUMN card           text,
    ADD COLUMN card_handed_at timestamptz;
CREATE UNIQUE INDEX people_card ON people (region, card);
CREATE INDEX people_helper ON people (helper) WHERE helper IS NOT NULL;

-- Wrong codes of the last hour, so that nobody can try them all.
CREATE TABLE card_guesses (
    region text        NOT NULL,
    card   text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX card_guesses_card ON card_guesses (region, card, at);

-- migrate:down
DROP TABLE card_guesses;
ALTER TABLE people DROP COLUMN helper, DROP COLUMN card, DROP COLUMN card_handed_at;
DROP TABLE helpers;
