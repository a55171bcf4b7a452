-- Refusals that concern no account (a wrong secret, an unknown client, a token
-- that is none), by hour: what the dashboard of the deployment's owner draws.
CREATE TABLE stranger_hours (
    stand TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    dialect TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    PRIMARY KEY (stand, hour_ms, dialect)
);
