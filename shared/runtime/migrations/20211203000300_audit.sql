-- migrate:up

-- Services that had this table before others stay as they are.

-- What coordinators looked at and did, each region's lines a chain: every line holds the hash of the one before.
-- Nothing here names a person of a round or says where they live.
CREATE TABLE IF NOT EXISTS audit (
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
CREATE INDEX IF NOT EXISTS audit_region ON audit (region, id);

-- The service adds lines and does nothing else with them.
CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = (SELECT relowner::regrole::name FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'lines of the audit stay as they are' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Lines past their time go, the oldest first; the newest stays whatever its age, so that the next one has a line to follow.
CREATE OR REPLACE FUNCTION forget_audit(of_region text, months integer, most integer) RETURNS bigint
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
