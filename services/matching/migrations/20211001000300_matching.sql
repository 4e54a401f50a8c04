-- migrate:up

-- What is known of a round. Facts come from several topics in any order, so rows exist before all their columns do,
-- and nothing here has a foreign key.
CREATE TABLE rounds (
    id         uuid        PRIMARY KEY,
    region     text,
    slug       text,
    rules      jsonb,
    phase      text        NOT NULL DEFAULT 'open' CHECK (phase IN ('open', 'closed', 'solving', 'solved', 'published', 'ended')),
    closing    integer     NOT NULL DEFAULT 0,
    count      integer,
    digest     text,
    waiting_since timestamptz  -- real time, since when the set has been awaited or was last asked for
);

-- Per person the version that a round's roster may hold: the highest that carries the round. Attributes are null for
-- a person of whom only going or erasure was heard.
CREATE TABLE participants (
    round_id   uuid    NOT NULL,
    person_id  uuid    NOT NULL,
    version    integer NOT NULL,
    has_left   boolean NOT NULL DEFAULT false,
    attributes jsonb,
    PRIMARY KEY (round_id, person_id)
);

-- Gone with the version that stands on the roster: who comes back in a reopened round has a higher one and counts again.
CREATE TABLE gone (
    round_id  uuid    NOT NULL,
    person_id uuid    NOT NULL,
    version   integer NOT NULL,
    how       text    NOT NULL CHECK (how IN ('withdrawn', 'erased')),
    PRIMARY KEY (round_id, person_id)
);

CREATE TABLE roster_pages (
    round_id uuid    NOT NULL,
    closing  integer NOT NULL,
    page     integer NOT NULL,
    pages    integer NOT NULL,
    lines    text[]  NOT NULL,
    PRIMARY KEY (round_id, closing, page)
);

CREATE TABLE runs (
    id           uuid        PRIMARY KEY,
    round_id     uuid        NOT NULL,
    number       integer     NOT NULL,
    closing      integer     NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('solve', 'repair')),
    state        text        NOT NULL DEFAULT 'queued'
                 CHECK (state IN ('queued', 'running', 'solved', 'infeasible', 'failed', 'dropped')),
    attempts     integer     NOT NULL DEFAULT 0,
    heartbeat_at timestamptz,
    input_digest text,
    proof        jsonb,
    error        text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (round_id, number)
);
CREATE UNIQUE INDEX one_run_at_a_time ON runs (round_id) WHERE state IN ('queued', 'running');

-- A run's plan, before anything is published.
CREATE TABLE proposals (
    run_id   uuid    NOT NULL,
    newcomer uuid    NOT NULL,
    local    uuid    NOT NULL,
    slot     integer NOT NULL,
    fit      integer NOT NULL,
    why      jsonb   NOT NULL,
    PRIMARY KEY (run_id, newcomer),
    UNIQUE (run_id, local, slot)
);
CREATE TABLE left_over (
    run_id     uuid  NOT NULL,
    person_id  uuid  NOT NULL,
    reason     text  NOT NULL,
    suggestion jsonb,
    PRIMARY KEY (run_id, person_id)
);

-- What was published.
CREATE TABLE pairs (
    id       uuid    PRIMARY KEY,
    round_id uuid    NOT NULL,
    newcomer uuid    NOT NULL,
    local    uuid    NOT NULL,
    slot     integer NOT NULL,
    why      jsonb   NOT NULL,
    state    text    NOT NULL DEFAULT 'introduced' CHECK (state IN ('introduced', 'ended'))
);
CREATE UNIQUE INDEX one_live_pair_per_newcomer ON pairs (round_id, newcomer) WHERE state <> 'ended';
CREATE UNIQUE INDEX one_live_pair_per_slot ON pairs (round_id, local, slot) WHERE state <> 'ended';
CREATE INDEX pairs_local ON pairs (local);
CREATE INDEX pairs_newcomer ON pairs (newcomer);

CREATE TABLE outcomes (
    round_id   uuid    NOT NULL,
    person_id  uuid    NOT NULL,
    revision   integer NOT NULL DEFAULT 1,
    outcome    text    NOT NULL CHECK (outcome IN ('matched', 'unmatched', 'withdrawn')),
    reason     text    CHECK ((reason IS NULL) = (outcome <> 'unmatched')),
    suggestion jsonb,
    PRIMARY KEY (round_id, person_id)
);

-- How often somebody went without: they come first next time.
CREATE TABLE waiting (
    person_id uuid    PRIMARY KEY,
    rounds    integer NOT NULL
);

-- migrate:down
DROP TABLE waiting, outcomes, pairs, left_over, proposals, runs, roster_pages, gone, participants, rounds;
