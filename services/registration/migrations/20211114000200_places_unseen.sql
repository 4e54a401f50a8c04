-- migrate:up

-- Taken while geo did not answer: looked up once more as soon as it does (settling.py).
ALTER TABLE people ADD COLUMN place_unseen boolean NOT NULL DEFAULT false;
CREATE INDEX people_place_unseen ON people (id) WHERE place_unseen;

-- migrate:down

ALTER TABLE people DROP COLUMN place_unseen;
