-- The audit: one row per act, written in the transaction of the change it
-- describes. id is its position; rows of one account are read newest first.
CREATE TABLE audit (
    id IDENTITY,
    at_ms BIGINT NOT NULL,
    stand TEXT NOT NULL,
    account BIGINT NOT NULL,    -- 0 = unknown
    actor BIGINT NOT NULL,      -- 0 = unknown or the system
    credential BIGINT NOT NULL,
    grant_id BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    door TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    count BIGINT NOT NULL       -- acts that this row stands for
);

CREATE INDEX audit_account ON audit (account, id);
