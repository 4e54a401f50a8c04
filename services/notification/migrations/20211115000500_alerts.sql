-- migrate:up

-- What is urgent is looked for first, each time.
CREATE INDEX messages_urgent ON messages (due_at, id) WHERE state = 'queued' AND kind = 'office_alerted';

-- migrate:down

DROP INDEX messages_urgent;
