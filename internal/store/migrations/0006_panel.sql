-- What the control panel knows of principals: the application whose user one is
-- (0 = the account's own users), whether his access keys are refused, and what
-- only applications have (JSON).
ALTER TABLE principals ADD COLUMN list_of BIGINT NOT NULL DEFAULT 0;
ALTER TABLE principals ADD COLUMN keys_off BIGINT NOT NULL DEFAULT 0;
ALTER TABLE principals ADD COLUMN traits TEXT NOT NULL DEFAULT '{}';

-- How often each credential was used, by hour.
CREATE TABLE usage_hours (
    account BIGINT NOT NULL,
    credential BIGINT NOT NULL,
    principal BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    calls BIGINT NOT NULL,      -- let in
    issues BIGINT NOT NULL,     -- exchanges and refreshes
    PRIMARY KEY (account, hour_ms, credential, dialect)
);
