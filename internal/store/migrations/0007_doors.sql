-- How often each credential came in through a way in that should be given up.
CREATE TABLE door_uses (
    credential BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    door TEXT NOT NULL,
    account BIGINT NOT NULL,
    principal BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    last_address TEXT NOT NULL,
    PRIMARY KEY (credential, dialect, door)
);
CREATE INDEX door_uses_account ON door_uses (account, last_ms);
CREATE INDEX door_uses_principal ON door_uses (principal);

-- Which account a request without a credential is about: the one that its host
-- name is bound to, or the stand's default account (0 = the first one made).
CREATE TABLE account_hosts (
    stand TEXT NOT NULL,
    host TEXT NOT NULL,
    account BIGINT NOT NULL,
    PRIMARY KEY (stand, host)
);
CREATE INDEX account_hosts_account ON account_hosts (account);
ALTER TABLE stands ADD COLUMN default_account BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_created ON accounts (stand, created_ms, id);

-- An account acts through its authorization token as one principal.
CREATE UNIQUE INDEX principals_integration ON principals (account) WHERE kind = 'integration';
