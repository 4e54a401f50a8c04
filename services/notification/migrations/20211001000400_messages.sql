-- migrate:up

-- The send queue. Whoever sends holds the row's lock while it does; nothing here says who the person is.
CREATE TABLE messages (
    id         uuid        PRIMARY KEY,
    person_id  uuid        NOT NULL,
    round_id   uuid        NOT NULL,
    kind       text        NOT NULL,
    revision   integer,     -- of the outcome or version it tells; null where every event is a message of its own
    payload    jsonb       NOT NULL DEFAULT '{}',
    state      text        NOT NULL DEFAULT 'queued'
               CHECK (state IN ('queued', 'sent', 'dropped', 'superseded', 'failed', 'bounced')),
    attempts   integer     NOT NULL DEFAULT 0,
    error      text,
    language   text,
    written_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL DEFAULT now(),
    done_at    timestamptz
);
CREATE UNIQUE INDEX one_message_per_revision ON messages (person_id, round_id, kind, revision) WHERE revision IS NOT NULL;
CREATE INDEX messages_queue ON messages (due_at, id) WHERE state = 'queued';
CREATE INDEX messages_person ON messages (person_id, round_id);

-- Whose coordinators may ask how many messages a round has.
CREATE TABLE rounds (
    id     uuid PRIMARY KEY,
    region text NOT NULL
);

-- migrate:down
DROP TABLE rounds;
DROP TABLE messages;
