-- migrate:up

-- When a pair that was introduced is asked next how it goes; empty after the last time, and for all others.
ALTER TABLE pairs ADD COLUMN follow_up_at timestamptz;
UPDATE pairs SET follow_up_at = introduced_at + interval '5 days' WHERE state = 'introduced';
CREATE INDEX pairs_follow_up ON pairs (follow_up_at) WHERE follow_up_at IS NOT NULL;

-- What the two of a pair were asked of how it goes, and what they said: nothing yet, or the answer given last. Whoever said
-- stop is asked no more.
CREATE TABLE follow_ups (
    pair_id   uuid        NOT NULL REFERENCES pairs ON DELETE CASCADE,
    person_id uuid        NOT NULL,
    step      text        NOT NULL CHECK (step IN ('day_5', 'week_4', 'month_3')),
    asked_at  timestamptz NOT NULL,
    answer    text        CHECK (answer IN ('yes', 'no', 'stop')),
    PRIMARY KEY (pair_id, person_id, step)
);
CREATE INDEX follow_ups_person ON follow_ups (person_id);

-- migrate:down

DROP TABLE follow_ups;
ALTER TABLE pairs DROP COLUMN follow_up_at;
