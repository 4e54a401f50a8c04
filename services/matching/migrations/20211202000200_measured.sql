-- migrate:up

-- Since when registration's word is known that the round is closed; real time. `waiting_since` begins anew with each asking.
ALTER TABLE rounds ADD COLUMN closed_heard_at timestamptz;
UPDATE rounds SET closed_heard_at = waiting_since;

-- The role of somebody who has coordinates; empty for all others.
ALTER TABLE participants ADD COLUMN located_role text
    GENERATED ALWAYS AS (CASE WHEN attributes ->> 'located' = 'true' THEN attributes ->> 'role' END) STORED;

-- Counted again and again while the service runs: answered from these indexes alone, whatever else the rows hold.
CREATE INDEX participants_located ON participants (round_id, located_role) WHERE NOT has_left;
CREATE INDEX left_over_reason ON left_over (run_id, reason);
CREATE INDEX pairs_round ON pairs (round_id, state);

-- migrate:down

DROP INDEX pairs_round;
DROP INDEX left_over_reason;
DROP INDEX participants_located;
ALTER TABLE participants DROP COLUMN located_role;
ALTER TABLE rounds DROP COLUMN closed_heard_at;
