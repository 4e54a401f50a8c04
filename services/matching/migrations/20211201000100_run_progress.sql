-- migrate:up

-- How far the solver is, as it said last: a large round takes minutes, and somebody waits for it.
ALTER TABLE runs ADD COLUMN progress jsonb;

-- migrate:down

ALTER TABLE runs DROP COLUMN progress;
