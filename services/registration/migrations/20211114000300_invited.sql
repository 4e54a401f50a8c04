-- migrate:up

-- Who was left over in a round is asked once whether they are in again, when the next round of their region opens.
CREATE TABLE invitations (
    person_id uuid        NOT NULL REFERENCES people ON DELETE CASCADE,
    round_id  uuid        NOT NULL,
    said_at   timestamptz NOT NULL,
    PRIMARY KEY (person_id, round_id)
);

-- migrate:down

DROP TABLE invitations;
