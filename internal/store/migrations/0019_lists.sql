-- Lists and figures of large accounts: tokens by their holders, how many users
-- each group has, and which secrets nobody has used.
CREATE INDEX principals_id ON principals (account, id);
CREATE INDEX principals_group ON principals (account, kind, group_name, disabled);
CREATE INDEX credentials_unused ON credentials (account, created_ms, id) WHERE uses = 0;
