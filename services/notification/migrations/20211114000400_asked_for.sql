-- migrate:up

-- What somebody asked for at that moment is sent before all else, however much else is due.
CREATE INDEX messages_asked_for ON messages (due_at, id) WHERE state = 'queued' AND kind IN ('confirm', 'link', 'welcome');

-- migrate:down
DROP INDEX messages_asked_for;
