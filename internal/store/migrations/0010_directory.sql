-- Telephone extensions, and who wants to hear of their calls.

-- kind is a word of the program; principal 0 = nobody's.
CREATE TABLE phone_extension (
    id         BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    number     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    label      TEXT   NOT NULL,
    team       TEXT   NOT NULL,
    blocked    BIGINT NOT NULL,
    principal  BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX phone_extension_number ON phone_extension (account, number);
CREATE INDEX phone_extension_principal ON phone_extension (principal, account);

CREATE TABLE phone_event (
    id         BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    extension  BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX phone_event_same ON phone_event (extension, kind, method, url);
CREATE INDEX phone_event_account ON phone_event (account, extension, created_ms, id);
