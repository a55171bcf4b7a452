-- Catalogues of products in versions, warehouses, and documents.

-- state: open (being uploaded), closing (rows of the former one are being taken
-- over, up to taken), current, former, dead (its rows leave). base is the version
-- that closing takes over from. fields is the scheme as JSON. ousted is the grant
-- whose upload this one has replaced.
CREATE TABLE catalog_version (
    account     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    principal   BIGINT NOT NULL,
    grant_id    BIGINT NOT NULL,
    ousted      BIGINT NOT NULL,
    fields      TEXT   NOT NULL,
    base        BIGINT NOT NULL,
    taken       TEXT   NOT NULL,
    products    BIGINT NOT NULL,
    touched_ms  BIGINT NOT NULL,
    PRIMARY KEY (account, version)
);
CREATE UNIQUE INDEX catalog_version_current ON catalog_version (account) WHERE state = 'current';
CREATE UNIQUE INDEX catalog_version_open ON catalog_version (account) WHERE state IN ('open', 'closing');
CREATE INDEX catalog_version_state ON catalog_version (state, touched_ms);

-- SQLite keeps rows in the order they came: ids are random. The folded columns
-- are what contains, startswith and endswith look in. body holds the rest as JSON.
CREATE TABLE catalog_product (
    account            BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    id                 TEXT   NOT NULL,
    name               TEXT   NOT NULL,
    barcode            TEXT   NOT NULL,
    marking            TEXT   NOT NULL,
    base_packing       TEXT   NOT NULL,
    price              DOUBLE NOT NULL,
    quantity           DOUBLE NOT NULL,
    with_series        BIGINT NOT NULL,
    with_serial_number BIGINT NOT NULL,
    with_attributes    BIGINT NOT NULL,
    id_fold            TEXT   NOT NULL,
    name_fold          TEXT   NOT NULL,
    barcode_fold       TEXT   NOT NULL,
    marking_fold       TEXT   NOT NULL,
    base_packing_fold  TEXT   NOT NULL,
    body               TEXT   NOT NULL
);
CREATE UNIQUE INDEX catalog_product_id ON catalog_product (account, version, id);
CREATE INDEX catalog_product_name ON catalog_product (account, version, name, id);
CREATE INDEX catalog_product_name_fold ON catalog_product (account, version, name_fold, id);
CREATE INDEX catalog_product_barcode ON catalog_product (account, version, barcode_fold, id);
CREATE INDEX catalog_product_marking ON catalog_product (account, version, marking_fold, id);

CREATE TABLE catalog_warehouse (
    account BIGINT NOT NULL,
    id      TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    PRIMARY KEY (account, id)
);

CREATE TABLE catalog_doc_type (
    account      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    display_name TEXT   NOT NULL,
    PRIMARY KEY (account, name)
);

-- declared and current hold the lines as JSON, extra the account's own fields.
CREATE TABLE catalog_doc (
    account       BIGINT NOT NULL,
    id            TEXT   NOT NULL,
    type          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    appointment   TEXT   NOT NULL,
    user_id       TEXT   NOT NULL,
    warehouse     TEXT   NOT NULL,
    barcode       TEXT   NOT NULL,
    description   TEXT   NOT NULL,
    priority      DOUBLE NOT NULL,
    finished      BIGINT NOT NULL,
    in_process    BIGINT NOT NULL,
    modified      BIGINT NOT NULL,
    auto_appoint  BIGINT NOT NULL,
    server_hosted BIGINT NOT NULL,
    created_ms    BIGINT NOT NULL,
    changed_ms    BIGINT NOT NULL,
    id_fold          TEXT NOT NULL,
    type_fold        TEXT NOT NULL,
    name_fold        TEXT NOT NULL,
    appointment_fold TEXT NOT NULL,
    user_id_fold     TEXT NOT NULL,
    warehouse_fold   TEXT NOT NULL,
    barcode_fold     TEXT NOT NULL,
    description_fold TEXT NOT NULL,
    declared_items   TEXT NOT NULL,
    current_items    TEXT NOT NULL,
    extra            TEXT NOT NULL
);
CREATE UNIQUE INDEX catalog_doc_id ON catalog_doc (account, id);
CREATE INDEX catalog_doc_type_id ON catalog_doc (account, type, id);
CREATE INDEX catalog_doc_created ON catalog_doc (account, created_ms, id);
CREATE INDEX catalog_doc_changed ON catalog_doc (account, changed_ms, id);
