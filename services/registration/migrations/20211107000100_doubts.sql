-- migrate:up

ALTER TABLE people DROP CONSTRAINT people_state_check;
ALTER TABLE people ADD CONSTRAINT people_state_check CHECK (
    state IN ('unconfirmed', 'in_doubt', 'confirmed', 'left', 'withdrawn', 'refused', 'not_checked')
);

-- What a coordinator looks at before somebody counts in a round. `other` is whom a duplicate resembles; they may be gone by now.
CREATE TABLE doubts (
    person_id  uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
    round_id   uuid        NOT NULL REFERENCES rounds,
    kind       text        NOT NULL CHECK (kind IN ('name', 'under_age', 'duplicate')),
    other      uuid,
    found_at   timestamptz NOT NULL,
    decided_at timestamptz,
    decision   text        CHECK (decision IN ('accepted', 'refused')),
    reason     text,
    decided_by text,
    PRIMARY KEY (person_id, round_id, kind),
    CHECK (num_nulls(decided_at, decision, reason, decided_by) IN (0, 4))
);
CREATE INDEX doubts_round ON doubts (round_id);

-- migrate:down
DROP TABLE doubts;
UPDATE people SET state = 'left' WHERE state IN ('in_doubt', 'refused', 'not_checked');
ALTER TABLE people DROP CONSTRAINT people_state_check;
ALTER TABLE people ADD CONSTRAINT people_state_check CHECK (state IN ('unconfirmed', 'confirmed', 'left', 'withdrawn'));
