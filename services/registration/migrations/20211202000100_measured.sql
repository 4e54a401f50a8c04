-- migrate:up

-- Since when a round is in the phase that people are shown. Of rounds that have begun before it is as near as is known.
ALTER TABLE rounds ADD COLUMN phase_since timestamptz NOT NULL DEFAULT clock_now();
UPDATE rounds SET phase_since = least(
    clock_now(), CASE phase WHEN 'open' THEN opens_at WHEN 'closed' THEN closes_at ELSE coalesce(ended_at, clock_now()) END
);

-- Counted again and again while the service runs: answered from these indexes alone, whatever else the rows hold.
CREATE INDEX people_counted ON people (round_id, state, role);
DROP INDEX people_round;
CREATE INDEX people_place_open ON people (round_id, state) WHERE postcode = '' AND place_id = '';
CREATE INDEX asked_open ON asked (region, asked_at) WHERE answered_at IS NULL;

-- migrate:down

DROP INDEX asked_open;
DROP INDEX people_place_open;
CREATE INDEX people_round ON people (round_id, state);
DROP INDEX people_counted;
ALTER TABLE rounds DROP COLUMN phase_since;
