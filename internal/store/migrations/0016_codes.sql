-- Authorization codes: digest is of the text, which is not stored. used_ms 0 =
-- not exchanged yet; then grant_id is what it was exchanged for.
CREATE TABLE codes (
    digest        BYTES  NOT NULL PRIMARY KEY,
    stand         TEXT   NOT NULL,
    account       BIGINT NOT NULL,
    principal     BIGINT NOT NULL,
    application   BIGINT NOT NULL,
    dialect       TEXT   NOT NULL,
    client_id     TEXT   NOT NULL,
    redirect_uri  TEXT   NOT NULL,
    redirect_sent BIGINT NOT NULL,
    scope         TEXT   NOT NULL,
    challenge     TEXT   NOT NULL,
    consent       BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    position      BIGINT NOT NULL,
    expires_ms    BIGINT NOT NULL,
    used_ms       BIGINT NOT NULL,
    grant_id      BIGINT NOT NULL,
    gone_ms       BIGINT NOT NULL
);
CREATE INDEX codes_gone        ON codes (gone_ms);
CREATE INDEX codes_account     ON codes (account);
CREATE INDEX codes_principal   ON codes (principal);
CREATE INDEX codes_application ON codes (application);
CREATE INDEX codes_consent     ON codes (consent);

-- What users let applications do in their name. scope '' = all that they may.
CREATE TABLE consents (
    id           BIGINT NOT NULL PRIMARY KEY,
    stand        TEXT   NOT NULL,
    account      BIGINT NOT NULL,
    principal    BIGINT NOT NULL,
    application  BIGINT NOT NULL,
    scope        TEXT   NOT NULL,
    given_ms     BIGINT NOT NULL,
    last_used_ms BIGINT NOT NULL,
    UNIQUE (principal, application)
);
CREATE INDEX consents_application ON consents (application);
CREATE INDEX consents_account     ON consents (account);
