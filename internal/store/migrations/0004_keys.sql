-- Keys of the stands. sealed opens only under the deployment key and only as
-- this row; public is empty for symmetric keys.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    stand TEXT NOT NULL,
    use_name TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    retires_ms BIGINT NOT NULL, -- 0 = does not
    sealed BYTES NOT NULL,
    public BYTES NOT NULL,
    UNIQUE (stand, use_name, version)
);

-- One key signs.
CREATE UNIQUE INDEX keys_active ON keys (stand, use_name) WHERE state = 'active';
