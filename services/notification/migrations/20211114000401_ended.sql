-- migrate:up

-- Since when a round is over: what was sent for it goes once nothing counts it any more.
ALTER TABLE rounds ADD COLUMN ended_at timestamptz;

-- migrate:down
ALTER TABLE rounds DROP COLUMN ended_at;
