-- migrate:up

-- Since when somebody has been asked to confirm: from then the days count after which the sign-up goes by itself. Who waits
-- at the moment of this migration has all of them once more.
ALTER TABLE people ADD COLUMN unconfirmed_since timestamptz NOT NULL DEFAULT clock_now();
CREATE INDEX people_unconfirmed ON people (region) WHERE state = 'unconfirmed';

-- Since when a round is over: from then the months count that its people are kept.
ALTER TABLE rounds ADD COLUMN ended_at timestamptz;
UPDATE rounds SET ended_at = clock_now() WHERE phase = 'ended';
ALTER TABLE rounds ADD CHECK ((ended_at IS NOT NULL) = (phase = 'ended'));

-- A sign-up that was never confirmed and went by itself is still counted as one that was never confirmed.
ALTER TABLE turned_away DROP CONSTRAINT turned_away_result_check;
ALTER TABLE turned_away ADD CONSTRAINT turned_away_result_check CHECK (result IN ('refused', 'repeated', 'left', 'unconfirmed'));

CREATE INDEX erasures_erased_at ON erasures (erased_at);

-- migrate:down
DROP INDEX erasures_erased_at;
DELETE FROM turned_away WHERE result = 'unconfirmed';
ALTER TABLE turned_away DROP CONSTRAINT turned_away_result_check;
ALTER TABLE turned_away ADD CONSTRAINT turned_away_result_check CHECK (result IN ('refused', 'repeated', 'left'));
ALTER TABLE rounds DROP COLUMN ended_at;
ALTER TABLE people DROP COLUMN unconfirmed_since;
