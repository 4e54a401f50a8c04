-- migrate:up

-- Somebody's buddy ended their pair for safety's sake, and the office has not said yet that they may take part again. It
-- holds neither who said so nor in which round.
CREATE TABLE reported (
    person_id uuid PRIMARY KEY REFERENCES people ON DELETE CASCADE
);
ALTER TABLE doubts DROP CONSTRAINT doubts_kind_check;
ALTER TABLE doubts ADD CONSTRAINT doubts_kind_check CHECK (kind IN ('name', 'under_age', 'duplicate', 'reported'));

-- migrate:down

DELETE FROM doubts WHERE kind = 'reported';
ALTER TABLE doubts DROP CONSTRAINT doubts_kind_check;
ALTER TABLE doubts ADD CONSTRAINT doubts_kind_check CHECK (kind IN ('name', 'under_age', 'duplicate'));
DROP TABLE reported;
