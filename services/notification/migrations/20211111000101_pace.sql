-- migrate:up

-- How far ahead of its pace the sending is, in all ("*") and to each domain that is written to right now. A row goes as soon
-- as its pace is free again. It may be lost at any time (after a crash of the server it is), so it need not be in the log.
CREATE UNLOGGED TABLE paces (
    name        text        PRIMARY KEY,
    taken       integer     NOT NULL,  -- by whoever took last
    spent_until timestamptz NOT NULL
);

-- Whoever waited for the pace of a domain has a slot in it, and need not take another one until then.
ALTER TABLE messages ADD COLUMN slot_until timestamptz;

-- migrate:down
ALTER TABLE messages DROP COLUMN slot_until;
DROP TABLE paces;
