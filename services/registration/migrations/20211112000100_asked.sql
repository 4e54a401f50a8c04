-- migrate:up

-- What people asked the office on their own page, and what it answered. Nobody else is told the words.
CREATE TABLE asked (
    id          uuid        PRIMARY KEY,
    person_id   uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
    region      text        NOT NULL,
    office      uuid        NOT NULL, -- the mailbox that is told of it: the region's, or that of the municipality's contact
    language    text        NOT NULL, -- of the page on which it was typed
    text        text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    told_at     timestamptz,          -- when the office was told that there is something to read
    answer      text,
    answered_at timestamptz,
    answered_by text,
    CHECK (num_nulls(answer, answered_at, answered_by) IN (0, 3))
);
CREATE INDEX asked_person ON asked (person_id);
CREATE INDEX asked_region ON asked (region, asked_at);
CREATE INDEX asked_office ON asked (office, told_at);
CREATE INDEX asked_untold ON asked (office) WHERE told_at IS NULL AND answered_at IS NULL;

-- migrate:down
DROP TABLE asked;
