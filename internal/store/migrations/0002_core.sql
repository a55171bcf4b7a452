-- The core: accounts and who acts in them, their secrets, the grants made from
-- those, and the feed that says what is refused.

-- Routine entries past 60 a minute share the row that has their key.
ALTER TABLE audit ADD COLUMN gather TEXT;
CREATE UNIQUE INDEX audit_gather ON audit (gather);

-- The two worlds. epoch is raised by a restore; what was issued in a former one
-- is refused. issuer is the stand's name in tokens.
CREATE TABLE stands (
    stand TEXT PRIMARY KEY,
    epoch BIGINT NOT NULL,
    issuer TEXT NOT NULL
);

-- One row: the position of the newest feed entry. Its lock orders positions.
CREATE TABLE feed_head (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO feed_head (id, position) VALUES (1, 0);

CREATE TABLE feed (
    position BIGINT PRIMARY KEY,
    stand TEXT NOT NULL,
    kind TEXT NOT NULL,         -- revoke, changed
    scope TEXT NOT NULL,
    target BIGINT NOT NULL,     -- id of what the scope names; 0 = none
    generation BIGINT NOT NULL,
    token_kind BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL    -- nothing issued before can be alive then
);
CREATE INDEX feed_until ON feed (until_ms);

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    stand TEXT NOT NULL REFERENCES stands (stand),
    name TEXT NOT NULL,
    contract TEXT NOT NULL,
    number BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    settings TEXT NOT NULL,     -- JSON
    mark BIGINT NOT NULL,       -- position of the newest revoke of the account
    created_ms BIGINT NOT NULL,
    UNIQUE (stand, contract),
    UNIQUE (stand, number)
);

CREATE TABLE roles (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,  -- JSON array
    UNIQUE (account, name)
);

CREATE TABLE areas (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    UNIQUE (account, name)
);

CREATE TABLE principals (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id),
    stand TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    login TEXT NOT NULL,        -- as given; '' = none
    login_key TEXT,             -- folded; NULL = none
    group_name TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    all_areas BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    UNIQUE (stand, login_key)
);
CREATE INDEX principals_account ON principals (account, kind, id);

CREATE TABLE principal_roles (
    principal BIGINT NOT NULL REFERENCES principals (id),
    role BIGINT NOT NULL REFERENCES roles (id),
    PRIMARY KEY (principal, role)
);
CREATE INDEX principal_roles_role ON principal_roles (role);

CREATE TABLE principal_areas (
    principal BIGINT NOT NULL REFERENCES principals (id),
    area BIGINT NOT NULL REFERENCES areas (id),
    PRIMARY KEY (principal, area)
);
CREATE INDEX principal_areas_area ON principal_areas (area);

CREATE TABLE credentials (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id),
    principal BIGINT NOT NULL REFERENCES principals (id),
    stand TEXT NOT NULL,
    kind TEXT NOT NULL,
    client_id TEXT NOT NULL,    -- public half; '' = the secret names itself
    dialect TEXT NOT NULL,      -- '' = any that takes the kind
    description TEXT NOT NULL,
    digest BYTES,               -- keyed hash; NULL for passwords
    pepper BIGINT NOT NULL,     -- version of the pepper behind digest
    hash TEXT NOT NULL,         -- password hash in PHC form; '' for others
    revision BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL, -- 0 = never
    allow_list TEXT NOT NULL,   -- JSON array of prefixes
    revoked BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    live_grants BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT NOT NULL,
    last_address TEXT NOT NULL,
    uses BIGINT NOT NULL
);
CREATE INDEX credentials_client ON credentials (stand, kind, client_id);
CREATE INDEX credentials_digest ON credentials (digest);
CREATE INDEX credentials_principal ON credentials (principal, id);

CREATE TABLE grants (
    id BIGINT PRIMARY KEY,
    stand TEXT NOT NULL,
    account BIGINT NOT NULL,
    principal BIGINT NOT NULL,
    credential BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    dialect TEXT NOT NULL,
    door TEXT NOT NULL,
    scope TEXT NOT NULL,        -- space-separated; '' = all that the principal may
    epoch BIGINT NOT NULL,
    position BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    lifetime_ms BIGINT NOT NULL,
    family_ends_ms BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    access_expires_ms BIGINT NOT NULL,
    refresh_expires_ms BIGINT NOT NULL,
    gen_position BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    key_version BIGINT NOT NULL,
    former_issued_ms BIGINT NOT NULL,
    former_access_expires_ms BIGINT NOT NULL,
    former_refresh_expires_ms BIGINT NOT NULL,
    former_position BIGINT NOT NULL,
    former_key_id TEXT NOT NULL,
    former_key_version BIGINT NOT NULL,
    rotated_ms BIGINT NOT NULL,
    used BIGINT NOT NULL,
    mark BIGINT NOT NULL,
    last_used_ms BIGINT NOT NULL,
    last_address TEXT NOT NULL,
    gone_ms BIGINT NOT NULL     -- no token of the grant can be alive then
);
CREATE INDEX grants_gone ON grants (gone_ms);
CREATE INDEX grants_credential ON grants (credential, last_used_ms);
CREATE INDEX grants_principal ON grants (principal, id);
