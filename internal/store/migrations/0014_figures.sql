-- How much each dialect was used and refused, by hour: what a dashboard draws.
CREATE TABLE traffic_hours (
    account BIGINT NOT NULL,
    hour_ms BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    calls BIGINT NOT NULL,      -- let in
    issues BIGINT NOT NULL,     -- exchanges and refreshes
    refusals BIGINT NOT NULL,
    PRIMARY KEY (account, hour_ms, dialect)
);
INSERT INTO traffic_hours (account, hour_ms, dialect, calls, issues, refusals)
    SELECT account, hour_ms, dialect, SUM(calls), SUM(issues), 0 FROM usage_hours GROUP BY account, hour_ms, dialect;

-- Credentials of an account by their end.
CREATE INDEX credentials_account ON credentials (account, revoked, expires_ms);

-- The filters of the audit that leave most out are in the index, so that what
-- they leave out is not looked up.
DROP INDEX audit_account;
CREATE INDEX audit_account ON audit (account, id, at_ms, actor, credential);
