-- Whom an application acts as, to list a user's own. It stands in traits, too,
-- where no text of somebody's holds a quotation mark that is not escaped.
ALTER TABLE principals ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
UPDATE principals SET owner = COALESCE((SELECT u.id FROM principals u WHERE u.account = principals.account AND u.kind = 'user'
	AND (principals.traits LIKE '%"owner":' || u.id || ',%' OR principals.traits LIKE '%"owner":' || u.id || '}%')), 0)
	WHERE kind = 'application' AND traits LIKE '%"owner":%';
CREATE INDEX principals_owner ON principals (account, owner, name, id) WHERE owner <> 0;
