-- migrate:up

-- Whoever had enough mails for a day is sent the next one then, in the installation's time; until then it is not due.
ALTER TABLE messages ADD COLUMN held_until timestamptz;
CREATE INDEX messages_held ON messages (held_until) WHERE held_until IS NOT NULL;

-- migrate:down
DROP INDEX messages_held;
UPDATE messages SET due_at = now() WHERE held_until IS NOT NULL;
ALTER TABLE messages DROP COLUMN held_until;
