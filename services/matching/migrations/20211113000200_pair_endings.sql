-- migrate:up

-- Why a pair ended and which of the two said so; empty where somebody left the round or was erased.
ALTER TABLE pairs
    ADD COLUMN ended_reason text,
    ADD COLUMN ended_by     uuid,
    ADD COLUMN ended_at     timestamptz;

-- migrate:down

ALTER TABLE pairs DROP COLUMN ended_reason, DROP COLUMN ended_by, DROP COLUMN ended_at;
