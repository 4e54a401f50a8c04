-- migrate:up

-- Trusted: the owner of the database may create it, and where it exists already nothing happens.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The map. It is replaced as a whole by one program that builds it whole, so the tables carry no foreign keys: checking
-- sixty thousand rows would only make that slow.

-- Towns and villages of Germany. Ids are ASCII, of postcode and name, and go on the event log.
CREATE TABLE places (
    place_id     text             PRIMARY KEY CHECK (place_id ~ '^[a-z0-9][a-z0-9-]{0,79}$'),
    name         text             NOT NULL,
    state        text             NOT NULL,
    region       text,                       -- slug of the region whose municipality this is
    municipality text             CHECK (municipality ~ '^[0-9]{8}$'),  -- official key (AGS), where it has a region
    postcode     text,                       -- null where the place has several
    postcodes    integer          NOT NULL,  -- how many: stands for its size
    lat          double precision NOT NULL,
    lon          double precision NOT NULL
);

-- The centre of every postcode, and the place one thinks of first.
CREATE TABLE postcodes (
    postcode text             PRIMARY KEY CHECK (postcode ~ '^[0-9]{5}$'),
    place_id text             NOT NULL,
    lat      double precision NOT NULL,
    lon      double precision NOT NULL
);

CREATE TABLE place_postcodes (
    postcode text NOT NULL,
    place_id text NOT NULL,
    own      boolean NOT NULL,               -- false: it reaches a few streets only
    PRIMARY KEY (postcode, place_id)
);

-- What places are called, folded: kind 0 own name, 1 alias, 2 own name without what tells it from its namesakes.
CREATE TABLE place_names (
    key      text     COLLATE "C" NOT NULL,
    place_id text     NOT NULL,
    kind     smallint NOT NULL,
    region   text,
    PRIMARY KEY (key, place_id, kind)
);
CREATE INDEX place_names_region ON place_names (region) WHERE region IS NOT NULL;
-- No pending list: it would make the first searches after a load slow.
CREATE INDEX place_names_similar ON place_names USING gin (key gin_trgm_ops) WITH (fastupdate = off);

-- What is loaded: the same digest is not loaded again.
CREATE TABLE gazetteer_load (
    id        integer     PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    digest    text        NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE gazetteer_load;
DROP TABLE place_names;
DROP TABLE place_postcodes;
DROP TABLE postcodes;
DROP TABLE places;
