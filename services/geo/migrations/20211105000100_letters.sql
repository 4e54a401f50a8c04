-- migrate:up

-- Counts wrong letters. Trusted, as pg_trgm is.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- migrate:down
DROP EXTENSION fuzzystrmatch;
