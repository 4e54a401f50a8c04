-- migrate:up

-- People who could not be placed, until a coordinator answers. The typed words are not here: they stay in registration.
CREATE TABLE questions (
    person_id uuid        PRIMARY KEY,
    region    text        NOT NULL,
    round_id  uuid        NOT NULL,
    version   integer     NOT NULL,
    postcode  text        NOT NULL,
    reason    text        NOT NULL,
    asked_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX questions_region ON questions (region);

-- migrate:down
DROP TABLE questions;
