-- migrate:up

-- How a round ended for somebody, as matching said it last. Names and contacts of partners are not in it: they are looked up
-- when the page is shown.
CREATE TABLE outcomes (
    person_id  uuid    NOT NULL REFERENCES people ON DELETE CASCADE,
    round_id   uuid    NOT NULL,
    revision   integer NOT NULL,
    outcome    text    NOT NULL CHECK (outcome IN ('matched', 'unmatched', 'withdrawn')),
    reason     text,
    suggestion jsonb,
    pairs      jsonb   NOT NULL,
    PRIMARY KEY (person_id, round_id)
);

-- migrate:down

DROP TABLE outcomes;
