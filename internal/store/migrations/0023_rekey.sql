-- Whether the keys that were published before a restore are still to be replaced:
-- 1 from when the epoch is raised until they are.
ALTER TABLE stands ADD COLUMN rekey BIGINT NOT NULL DEFAULT 0;
