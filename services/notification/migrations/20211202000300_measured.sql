-- migrate:up

-- Since when a message could go, in real time: it was written, or its last hold was over. What it waits from then on is ours.
ALTER TABLE messages ADD COLUMN ready_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX messages_undelivered ON messages (state) WHERE state IN ('failed', 'bounced');

-- With the state: whoever is dropped while held is not counted, and no row is looked at for it.
DROP INDEX messages_held;
CREATE INDEX messages_held ON messages (held_until, state) WHERE held_until IS NOT NULL;

-- migrate:down

DROP INDEX messages_held;
CREATE INDEX messages_held ON messages (held_until) WHERE held_until IS NOT NULL;
DROP INDEX messages_undelivered;
ALTER TABLE messages DROP COLUMN ready_at;
