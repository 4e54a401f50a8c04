-- migrate:up

-- The pairs whose partner the mail names, as ids: so that a pair that ends is spoken of to whom it was introduced, and to nobody
-- else. Null in what was written before pairs could be asked first: there every pair was named.
ALTER TABLE messages ADD COLUMN named uuid[];

-- migrate:down
ALTER TABLE messages DROP COLUMN named;
