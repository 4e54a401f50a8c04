-- migrate:up

ALTER TABLE people
    ADD COLUMN messenger         text    NOT NULL DEFAULT '',
    ADD COLUMN release_messenger boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE people DROP COLUMN messenger, DROP COLUMN release_messenger;
