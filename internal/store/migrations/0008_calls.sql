-- Telephone calls, the numbers they are found by, and their recordings.

-- id is UNIQUE, not the PRIMARY KEY, so that SQLite keeps rows in the order they
-- came: ids are random, and a page of them would lie on as many disk pages.
-- direction and disposition are numbers of the program; answered_ms 0 = never;
-- extensions 0 = none; recorded counts the recordings.
CREATE TABLE phone_call (
    id             BIGINT NOT NULL UNIQUE,
    account        BIGINT NOT NULL,
    begun_ms       BIGINT NOT NULL,
    answered_ms    BIGINT NOT NULL,
    duration_ms    BIGINT NOT NULL,
    talk_ms        BIGINT NOT NULL,
    direction      BIGINT NOT NULL,
    disposition    BIGINT NOT NULL,
    is_read        BIGINT NOT NULL,
    recorded       BIGINT NOT NULL,
    from_extension BIGINT NOT NULL,
    to_extension   BIGINT NOT NULL,
    from_number    TEXT   NOT NULL,
    from_name      TEXT   NOT NULL,
    to_number      TEXT   NOT NULL,
    to_name        TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    source_id      TEXT   NOT NULL
);
CREATE UNIQUE INDEX phone_call_source ON phone_call (account, source, source_id);
-- The filters of a history are in the index, so that what they leave out is not
-- looked up.
CREATE INDEX phone_call_begun ON phone_call (account, begun_ms, id, direction, duration_ms, recorded, is_read);

-- Each side of a call by its number in the form in which numbers are compared,
-- and by its extension.
CREATE TABLE phone_party (
    account  BIGINT NOT NULL,
    party    TEXT   NOT NULL,
    begun_ms BIGINT NOT NULL,
    phone_call BIGINT NOT NULL,
    PRIMARY KEY (account, party, begun_ms, phone_call)
) WITHOUT ROWID;

CREATE TABLE phone_recording (
    id         BIGINT NOT NULL UNIQUE,
    account    BIGINT NOT NULL,
    phone_call BIGINT NOT NULL,
    begun_ms   BIGINT NOT NULL,
    media      TEXT   NOT NULL,
    bytes      BIGINT NOT NULL,
    blob_name  TEXT   NOT NULL
);
CREATE INDEX phone_recording_begun ON phone_recording (account, begun_ms, id);
CREATE INDEX phone_recording_call  ON phone_recording (phone_call, id);
CREATE UNIQUE INDEX phone_recording_blob ON phone_recording (blob_name);

-- Answers that can be asked for again by their hash. digest is of the hash, which
-- is not stored; prefix and suffix stand around the recording's bytes, or around
-- the parts of the answer.
CREATE TABLE phone_result (
    digest     BYTES  NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    method     TEXT   NOT NULL,
    recording  BIGINT NOT NULL,
    prefix     BYTES  NOT NULL,
    suffix     BYTES  NOT NULL,
    bytes      BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX phone_result_expires ON phone_result (expires_ms);
CREATE INDEX phone_result_account ON phone_result (account, expires_ms, bytes);

CREATE TABLE phone_result_part (
    digest  BYTES  NOT NULL,
    step    BIGINT NOT NULL,
    account BIGINT NOT NULL,
    data    BYTES  NOT NULL,
    PRIMARY KEY (digest, step)
);

-- How many bytes the account's results take.
CREATE TABLE phone_result_total (
    account BIGINT NOT NULL PRIMARY KEY,
    bytes   BIGINT NOT NULL
);

-- Administrators may everything; what an account has let in with its
-- authorization token may read calls. A role made here has the id of its holder:
-- it is as random.
UPDATE roles SET permissions = REPLACE(permissions, ']', ',"CallsAdd","CallsList","RecordDelete","RecordRead"]')
    WHERE name = 'Administrator' AND permissions <> '[]' AND permissions NOT LIKE '%"CallsList"%';
INSERT INTO roles (id, account, name, permissions)
    SELECT p.id, p.account, CASE WHEN r.id IS NULL THEN 'Integration API' ELSE 'Integration API ' || p.id END,
        '["CallsList","RecordRead"]'
    FROM principals p LEFT JOIN roles r ON r.account = p.account AND r.name = 'Integration API'
    WHERE p.kind = 'integration' AND NOT EXISTS (SELECT 1 FROM principal_roles h WHERE h.principal = p.id);
INSERT INTO principal_roles (principal, role)
    SELECT p.id, r.id FROM principals p JOIN roles r ON r.id = p.id WHERE p.kind = 'integration';
