-- Which upload a session has begun last and not ended: one that is not the
-- account's upload is stale, whatever came in between.
CREATE TABLE catalog_session (
    account    BIGINT NOT NULL,
    principal  BIGINT NOT NULL,
    grant_id   BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    begun_ms   BIGINT NOT NULL,
    PRIMARY KEY (account, principal, grant_id)
);
CREATE INDEX catalog_session_version ON catalog_session (account, version);
CREATE INDEX catalog_session_begun ON catalog_session (begun_ms);
ALTER TABLE catalog_version DROP COLUMN ousted;
