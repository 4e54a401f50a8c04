-- migrate:up

-- What somebody who was introduced is asked of how it goes, by pair the question asked last: open until it is answered.
CREATE TABLE follow_ups (
    person_id uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
    pair_id   uuid        NOT NULL,
    round_id  uuid        NOT NULL,
    step      text        NOT NULL CHECK (step IN ('day_5', 'week_4', 'month_3')),
    asked_at  timestamptz NOT NULL,
    answer    text        CHECK (answer IN ('yes', 'no', 'stop')),
    PRIMARY KEY (person_id, pair_id)
);
CREATE INDEX follow_ups_round ON follow_ups (round_id);

-- migrate:down

DROP TABLE follow_ups;
