-- Files that users have sent to be imported, and what became of them. refused is
-- a JSON list of the first refused rows. ended_ms 0 = it runs.
CREATE TABLE import_jobs (
    id           BIGINT NOT NULL PRIMARY KEY,
    account      BIGINT NOT NULL,
    principal    BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    file         TEXT   NOT NULL,
    file_bytes   BIGINT NOT NULL,
    only_try     BIGINT NOT NULL,
    replaces     BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    passed       BIGINT NOT NULL,
    rows_read    BIGINT NOT NULL,
    added        BIGINT NOT NULL,
    same         BIGINT NOT NULL,
    changed      BIGINT NOT NULL,
    bad          BIGINT NOT NULL,
    other        BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    held         BIGINT NOT NULL,
    refused      TEXT   NOT NULL,
    code         TEXT   NOT NULL,
    why          TEXT   NOT NULL,
    began_ms     BIGINT NOT NULL,
    ended_ms     BIGINT NOT NULL
);
CREATE INDEX import_jobs_account ON import_jobs (account, began_ms);
CREATE INDEX import_jobs_state   ON import_jobs (state);
