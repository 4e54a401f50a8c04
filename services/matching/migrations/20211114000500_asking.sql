-- migrate:up

-- A pair is asked before it is introduced, where the region wants that. What each said stands beside the state, for
-- whoever kept silent is not asked again in this round, and whoever said so never meets this person.
ALTER TABLE pairs DROP CONSTRAINT pairs_state_check;
ALTER TABLE pairs
    ADD CHECK (state IN ('asked', 'newcomer_agreed', 'local_agreed', 'introduced', 'ended')),
    ALTER COLUMN state DROP DEFAULT,
    ADD COLUMN remind_at     timestamptz,
    ADD COLUMN answer_by     timestamptz,
    ADD COLUMN introduced_at timestamptz,
    ADD COLUMN newcomer_said text CHECK (newcomer_said IN ('yes', 'no', 'not_again', 'nothing')),
    ADD COLUMN local_said    text CHECK (local_said IN ('yes', 'no', 'not_again', 'nothing'));
UPDATE pairs SET introduced_at = clock_now();
CREATE INDEX pairs_asked ON pairs (answer_by) WHERE state IN ('asked', 'newcomer_agreed', 'local_agreed');

-- Whose pair fell through is looked for again, and hears `otherwise` where nobody is found. `counted`: this round is
-- among those they waited in.
ALTER TABLE outcomes
    ADD COLUMN otherwise text CHECK (otherwise IN ('not_this_time', 'declined', 'no_answer')),
    ADD COLUMN counted   boolean NOT NULL DEFAULT false;

ALTER TABLE runs DROP CONSTRAINT runs_kind_check;
ALTER TABLE runs ADD CHECK (kind IN ('solve', 'repair', 'again'));

-- migrate:down

DELETE FROM runs WHERE kind = 'again';
ALTER TABLE runs DROP CONSTRAINT runs_kind_check;
ALTER TABLE runs ADD CHECK (kind IN ('solve', 'repair'));
ALTER TABLE outcomes DROP COLUMN otherwise, DROP COLUMN counted;
DELETE FROM pairs WHERE state NOT IN ('introduced', 'ended');
ALTER TABLE pairs DROP CONSTRAINT pairs_state_check;
ALTER TABLE pairs
    ADD CHECK (state IN ('introduced', 'ended')),
    ALTER COLUMN state SET DEFAULT 'introduced',
    DROP COLUMN remind_at, DROP COLUMN answer_by, DROP COLUMN introduced_at,
    DROP COLUMN newcomer_said, DROP COLUMN local_said;
