-- What the console knows of people who sign in to it, beside their grants.

-- method is how the user proved who he is; ends_ms is the absolute limit.
CREATE TABLE signin_session (
    grant_id   BIGINT NOT NULL PRIMARY KEY,
    stand      TEXT   NOT NULL,
    account    BIGINT NOT NULL,
    principal  BIGINT NOT NULL,
    method     TEXT   NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms    BIGINT NOT NULL,
    proven_ms  BIGINT NOT NULL,
    ends_ms    BIGINT NOT NULL,
    address    TEXT   NOT NULL,
    agent      TEXT   NOT NULL
);
CREATE INDEX signin_session_principal ON signin_session (principal, created_ms);
CREATE INDEX signin_session_account ON signin_session (account);
CREATE INDEX signin_session_ends ON signin_session (ends_ms);

-- language and theme: '' = none chosen yet.
CREATE TABLE signin_choice (
    principal BIGINT NOT NULL PRIMARY KEY,
    account   BIGINT NOT NULL,
    language  TEXT   NOT NULL,
    theme     TEXT   NOT NULL
);
CREATE INDEX signin_choice_account ON signin_choice (account);

-- sealed opens under the deployment key only; step is the last one whose code was taken;
-- misses are the wrong codes since then.
CREATE TABLE signin_totp (
    principal  BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    step       BIGINT NOT NULL,
    misses     BIGINT NOT NULL,
    missed_ms  BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    used_ms    BIGINT NOT NULL
);
CREATE INDEX signin_totp_account ON signin_totp (account);

-- credential is the id that the authenticator chose; record is public data about it.
CREATE TABLE signin_passkey (
    id         BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    principal  BIGINT NOT NULL,
    credential BYTES  NOT NULL,
    record     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    created_ms BIGINT NOT NULL,
    used_ms    BIGINT NOT NULL
);
CREATE UNIQUE INDEX signin_passkey_credential ON signin_passkey (credential);
CREATE INDEX signin_passkey_principal ON signin_passkey (principal, created_ms);
CREATE INDEX signin_passkey_account ON signin_passkey (account);

-- sealed holds a hash of the code; a used one leaves.
CREATE TABLE signin_recovery (
    id        BIGINT NOT NULL PRIMARY KEY,
    account   BIGINT NOT NULL,
    principal BIGINT NOT NULL,
    sealed    BYTES  NOT NULL
);
CREATE INDEX signin_recovery_principal ON signin_recovery (principal);
CREATE INDEX signin_recovery_account ON signin_recovery (account);

-- What may be used once and was, until nobody could use it anyway.
CREATE TABLE signin_spent (
    digest   BYTES  NOT NULL PRIMARY KEY,
    until_ms BIGINT NOT NULL
);
CREATE INDEX signin_spent_until ON signin_spent (until_ms);
