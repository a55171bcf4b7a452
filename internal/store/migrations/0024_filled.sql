-- Whether anything came for an upload, be it an empty list: one that nothing came
-- for is not made the catalogue.
ALTER TABLE catalog_version ADD COLUMN filled BIGINT NOT NULL DEFAULT 0;
