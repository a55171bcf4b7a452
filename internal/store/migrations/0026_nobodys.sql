-- The audit of no account, by stand: what the deployment's owner reads of refused
-- strangers.
CREATE INDEX audit_nobodys ON audit (account, stand, id) WHERE account = 0;
