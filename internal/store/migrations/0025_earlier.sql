-- The generations of a grant before the current one whose short access tokens may
-- live: such a token is proved by its row alone, and goes on to its own end
-- however often the family was refreshed since. [[number, issued, access expires,
-- key version], …], times in milliseconds; '' for none.
ALTER TABLE grants ADD COLUMN earlier TEXT NOT NULL DEFAULT '';
UPDATE grants SET earlier = '[[' || (generation - 1) || ',' || former_issued_ms || ',' || former_access_expires_ms || ',' || former_key_version || ']]'
    WHERE dialect = 'ringme' AND generation > 0;
