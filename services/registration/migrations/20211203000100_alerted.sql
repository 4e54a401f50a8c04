-- migrate:up

-- The pairs that this person ended because they do not feel safe: the mail that tells them of the end has other words for them.
ALTER TABLE outcomes ADD COLUMN alerted uuid[] NOT NULL DEFAULT '{}';

-- migrate:down

ALTER TABLE outcomes DROP COLUMN alerted;
