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

-- What coordinators looked at and did, each region's lines a chain: every line holds the hash of the one before.
-- Nothing here names a person of a round or says where they live.
CREATE TABLE audit (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region   text        NOT NULL,
    at       timestamptz NOT NULL,
    name     text        NOT NULL,  -- the coordinator's, from their token
    role     text        NOT NULL,
    action   text        NOT NULL,
    person   uuid,
    detail   jsonb       NOT NULL,
    previous text        NOT NULL,
    hash     text        NOT NULL,
    UNIQUE (region, previous)       -- nothing can follow the same line twice
);
CREATE INDEX audit_region ON audit (region, id);

-- The service adds lines and does nothing else with them.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = (SELECT relowner::regrole::name FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'lines of the audit stay as they are' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Lines past their time go, the oldest first; the newest stays whatever its age, so that the next one has a line to follow.
CREATE FUNCTION forget_audit(of_region text, months integer, most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH kept AS (
        SELECT least(min(id) FILTER (WHERE at + make_interval(months => greatest(months, 1)) > clock_now()), max(id)) AS first
        FROM audit WHERE region = of_region
    ), gone AS (
        DELETE FROM audit WHERE id IN (
            SELECT id FROM audit, kept WHERE region = of_region AND id < kept.first ORDER BY id LIMIT most
        ) RETURNING id
    )
    SELECT count(*) FROM gone
$$;

-- migrate:down
DROP TABLE audit;
DROP FUNCTION forget_audit(text, integer, integer);
DROP FUNCTION audit_stays();
DROP INDEX erasures_erased_at;
DELETE FROM turned_away WHERE result = 'unconfirmed';
ALTER TABLE turned_away DROP CONSTRAINT turned_away_result_check;
ALTER TABLE turned_away ADD CONSTRAINT turned_away_result_check CHECK (result IN ('refused', 'repeated', 'left'));
ALTER TABLE rounds DROP COLUMN ended_at;
ALTER TABLE people DROP COLUMN unconfirmed_since;
