-- migrate:up

-- Since when mails to the address that waits to be proved come back.
ALTER TABLE people ADD COLUMN new_email_bounced_at timestamptz;

-- migrate:down
ALTER TABLE people DROP COLUMN new_email_bounced_at;
