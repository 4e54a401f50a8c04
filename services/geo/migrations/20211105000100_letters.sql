-- migrate:up

-- Counts wrong letters. Trusted, as pg_trgm is.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
-- All postcodes of a place are shown with it.
CREATE INDEX place_postcodes_place ON place_postcodes (place_id);

-- migrate:down
DROP INDEX place_postcodes_place;
DROP EXTENSION fuzzystrmatch;
