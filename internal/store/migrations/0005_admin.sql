-- Secrets that overlap: ends_ms says when a replaced one dies, with everything
-- that was made from it; 0 = it is not dying.
ALTER TABLE credentials ADD COLUMN ends_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX credentials_ends ON credentials (ends_ms) WHERE ends_ms > 0;
