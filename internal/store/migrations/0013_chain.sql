-- The audit is sealed: each entry over the former one, under a key. tally covers
-- what counting changes of an entry with a gather key. Positions have no gaps
-- from here on; what is there already is from before the chain.
ALTER TABLE audit ADD COLUMN seal BYTES;
ALTER TABLE audit ADD COLUMN tally BYTES;

-- One row: the newest position and its seal. Its lock orders positions. origin
-- seals begin_position and begun_ms: where the chain begins, and when.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL,
    seal BYTES,
    begin_position BIGINT NOT NULL,
    begun_ms BIGINT NOT NULL,
    origin BYTES
);
INSERT INTO audit_head (id, position, begin_position, begun_ms) SELECT 1, COALESCE(MAX(id), 0), COALESCE(MAX(id), 0), 0 FROM audit;

-- Which entries have left on purpose: the positions, and the seals over which
-- the ones behind them are sealed.
CREATE TABLE audit_gone (
    first_position BIGINT PRIMARY KEY,
    last_position BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    account BIGINT NOT NULL,
    actor BIGINT NOT NULL,      -- 0 = the system
    reason TEXT NOT NULL,
    runs BYTES NOT NULL,
    head BIGINT NOT NULL,       -- the newest position then
    head_seal BYTES,
    seal BYTES NOT NULL
);
CREATE INDEX audit_gone_last ON audit_gone (last_position);
