-- migrate:up

-- What somebody answered of the pairs they were asked about, by pair: so that their page says it at once and nobody answers twice.
-- Goes with the pair.
ALTER TABLE outcomes ADD COLUMN answers jsonb NOT NULL DEFAULT '{}';

-- migrate:down

ALTER TABLE outcomes DROP COLUMN answers;
