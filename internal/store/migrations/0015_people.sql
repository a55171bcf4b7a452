-- What a principal is found by, folded: see store/admin. '' = of a former version,
-- filled in at the next start.
ALTER TABLE principals ADD COLUMN search TEXT NOT NULL DEFAULT '';
CREATE INDEX principals_name ON principals (account, kind, name, id);
