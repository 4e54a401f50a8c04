-- migrate:up

CREATE TABLE rounds (
    id            uuid        PRIMARY KEY,
    region        text        NOT NULL,
    slug          text        NOT NULL,
    phase         text        NOT NULL DEFAULT 'draft' CHECK (phase IN ('draft', 'open', 'closed', 'ended')),
    progress      text        CHECK (progress IN ('solved', 'published')),  -- told by matching, shown to people
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL CHECK (closes_at > opens_at),
    rules         jsonb       NOT NULL,
    closing       integer     NOT NULL DEFAULT 0,
    roster_count  integer,
    roster_digest text,
    UNIQUE (region, slug)
);
CREATE UNIQUE INDEX one_open_round ON rounds (region) WHERE phase = 'open';

CREATE TABLE people (
    id              uuid        PRIMARY KEY,
    region          text        NOT NULL,
    round_id        uuid        NOT NULL REFERENCES rounds,
    state           text        NOT NULL CHECK (state IN ('unconfirmed', 'confirmed', 'left', 'withdrawn')),
    version         integer     NOT NULL DEFAULT 0,
    language        text        NOT NULL,
    name            text        NOT NULL,
    email           text        NOT NULL,
    phone           text        NOT NULL,
    release_email   boolean     NOT NULL,
    release_phone   boolean     NOT NULL,
    role            text        NOT NULL,
    postcode        text        NOT NULL,
    place_id        text        NOT NULL,
    place_text      text        NOT NULL,  -- what was typed; an open question while postcode and place_id are empty
    birth_year      integer     NOT NULL,
    gender          text        NOT NULL,
    wish            text        NOT NULL,
    languages       jsonb       NOT NULL,
    hobbies         text[]      NOT NULL,
    max_km          integer     NOT NULL,
    max_age_gap     integer,
    capacity        integer     NOT NULL,
    party           uuid,
    "group"         text,
    repeat_key      bytea       NOT NULL,
    link_generation integer     NOT NULL DEFAULT 1,
    consent_version text        NOT NULL,
    consent_at      timestamptz NOT NULL,
    confirmed_at    timestamptz,
    bounced_at      timestamptz,
    UNIQUE (region, repeat_key)
);
CREATE INDEX people_round ON people (round_id, state);

-- Who is in, frozen when the round closes. Attributes go when the person is erased; (id, version) stays until the round ends.
CREATE TABLE roster (
    round_id   uuid    NOT NULL REFERENCES rounds,
    person_id  uuid    NOT NULL,
    version    integer NOT NULL,
    attributes jsonb,
    gone       text    CHECK (gone IN ('withdrawn', 'erased')),
    PRIMARY KEY (round_id, person_id)
);

-- What became of sign-ups that left no row in people: refused, repeated, or taken back before they were confirmed.
CREATE TABLE turned_away (
    round_id uuid NOT NULL REFERENCES rounds,
    attempt  uuid NOT NULL,
    result   text NOT NULL CHECK (result IN ('refused', 'repeated', 'left')),
    reason   text NOT NULL,
    PRIMARY KEY (round_id, attempt)
);

CREATE TABLE erasures (
    person_id uuid        PRIMARY KEY,
    round_id  uuid        NOT NULL REFERENCES rounds,
    version   integer     NOT NULL,
    on_roster boolean     NOT NULL,
    confirmed boolean     NOT NULL,
    erased_at timestamptz NOT NULL
);
CREATE TABLE erasure_receipts (
    person_id uuid        NOT NULL,
    service   text        NOT NULL,
    done_at   timestamptz NOT NULL,
    PRIMARY KEY (person_id, service)
);

-- migrate:down
DROP TABLE erasure_receipts;
DROP TABLE erasures;
DROP TABLE turned_away;
DROP TABLE roster;
DROP TABLE people;
DROP TABLE rounds;
