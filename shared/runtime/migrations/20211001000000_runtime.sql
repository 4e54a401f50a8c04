-- migrate:up

-- Now = the database's time + shift. The shift is 0 unless a demo or a test moves all services together.
CREATE TABLE clock (
    id    integer  PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    shift interval NOT NULL DEFAULT interval '0'
);
INSERT INTO clock DEFAULT VALUES;

CREATE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN now() + (SELECT shift FROM clock);

-- An event is handled once per consumer: the row is written in the transaction of its effects.
CREATE TABLE inbox (
    consumer   text        NOT NULL,
    event_id   uuid        NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_handled_at ON inbox (handled_at);

-- What this service has to say. Blanked (payload null) when the person it is about is erased.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text        NOT NULL,
    key          text        NOT NULL,
    payload      bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_key ON outbox (key);

-- What can never be handled, kept as it came, with the reason.
CREATE TABLE dead_letters (
    consumer  text        NOT NULL,
    topic     text        NOT NULL,
    partition integer     NOT NULL,
    "offset"  bigint      NOT NULL,
    key       bytea,
    value     bytea,
    reason    text        NOT NULL,
    died_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition, "offset")
);

-- migrate:down
DROP TABLE dead_letters;
DROP TABLE outbox;
DROP TABLE inbox;
DROP FUNCTION clock_now();
DROP TABLE clock;
