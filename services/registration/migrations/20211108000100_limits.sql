-- migrate:up

-- How far ahead of its allowance each network and region is, by names that are no addresses. It may be lost at any time
-- (after a crash of the server it is): then everyone starts anew. So it need not be written to the log.
CREATE UNLOGGED TABLE limits (
    key         text        PRIMARY KEY,
    spent_until timestamptz NOT NULL
);

-- Mails of the last day to people who had not confirmed, by the keyed hash of their mailbox.
CREATE TABLE unconfirmed_mails (
    message_id uuid        PRIMARY KEY,
    mailbox    bytea       NOT NULL,
    person_id  uuid        NOT NULL,
    allowed_at timestamptz NOT NULL
);
CREATE INDEX unconfirmed_mails_mailbox ON unconfirmed_mails (mailbox, allowed_at);
CREATE INDEX unconfirmed_mails_allowed_at ON unconfirmed_mails (allowed_at);

-- migrate:down
DROP TABLE unconfirmed_mails;
DROP TABLE limits;
