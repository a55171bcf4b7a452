-- Work orders, what they refer to, and the counts that keep deep pages fast.

-- What a repeated request gets, for every slice.
CREATE TABLE idempotency (
    account    BIGINT NOT NULL,
    principal  BIGINT NOT NULL,
    key        TEXT   NOT NULL,
    digest     BYTES  NOT NULL,
    status     BIGINT NOT NULL,
    answer     BYTES  NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (account, principal, key)
);
CREATE INDEX idempotency_expires ON idempotency (expires_ms);

CREATE TABLE task_stage (
    id       BIGINT NOT NULL PRIMARY KEY,
    account  BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    position BIGINT NOT NULL,
    final    BIGINT NOT NULL
);
CREATE INDEX task_stage_account ON task_stage (account, position, id);

CREATE TABLE task_stage_next (
    account BIGINT NOT NULL,
    stage   BIGINT NOT NULL,
    next    BIGINT NOT NULL,
    PRIMARY KEY (account, stage, next)
);

CREATE TABLE task_employee (
    id        BIGINT NOT NULL PRIMARY KEY,
    account   BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    principal BIGINT NOT NULL
);
CREATE INDEX task_employee_account ON task_employee (account, name, id);

-- The last number given to a task of the account.
CREATE TABLE task_sequence (
    account BIGINT NOT NULL PRIMARY KEY,
    last    BIGINT NOT NULL
);

-- area and assignee 0 = none; closed repeats the stage's final. id is UNIQUE, not
-- the PRIMARY KEY, so that SQLite keeps rows in the order they came: ids are
-- random, and a page of them would lie on as many disk pages.
CREATE TABLE task (
    id          BIGINT NOT NULL UNIQUE,
    account     BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    area        BIGINT NOT NULL,
    closed      BIGINT NOT NULL,
    deleted     BIGINT NOT NULL,
    stage       BIGINT NOT NULL,
    assignee    BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    modified_ms BIGINT NOT NULL,
    deadline_ms BIGINT,
    stamp       TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    company     TEXT   NOT NULL,
    search      TEXT   NOT NULL,
    description TEXT   NOT NULL
);
CREATE UNIQUE INDEX task_number   ON task (account, number);
CREATE INDEX task_created         ON task (account, deleted, created_ms, id, area, closed);
CREATE INDEX task_closed_created  ON task (account, deleted, closed, created_ms, id);
CREATE INDEX task_area_created    ON task (account, deleted, area, closed, created_ms, id);
CREATE INDEX task_stage_created   ON task (account, deleted, stage, created_ms, id, area);
CREATE INDEX task_assignee        ON task (account, deleted, assignee, created_ms, id, area, closed);
CREATE INDEX task_modified        ON task (account, deleted, modified_ms, id);
CREATE INDEX task_deadline        ON task (account, deleted, deadline_ms, id);

-- An account's tasks cut into chunks by (created_ms, id), which never change: a
-- chunk reaches from its own start to the next one's. n counts all its tasks,
-- deleted ones too.
CREATE TABLE task_chunk (
    account BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (account, from_ms, from_id)
);

-- How many tasks of each kind a chunk holds; area -1 = whatever the area.
CREATE TABLE task_count (
    account BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    area    BIGINT NOT NULL,
    closed  BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (account, deleted, area, closed, from_ms, from_id)
);

-- How many tasks of each kind the account holds.
CREATE TABLE task_total (
    account BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    area    BIGINT NOT NULL,
    closed  BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (account, deleted, area, closed)
);

-- from_stage 0 = the task began here.
CREATE TABLE task_move (
    task       BIGINT NOT NULL,
    step       BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    from_stage BIGINT NOT NULL,
    to_stage   BIGINT NOT NULL,
    actor      BIGINT NOT NULL,
    at_ms      BIGINT NOT NULL,
    PRIMARY KEY (task, step)
);

CREATE TABLE task_comment (
    id          BIGINT NOT NULL UNIQUE,
    account     BIGINT NOT NULL,
    task        BIGINT NOT NULL,
    author      BIGINT NOT NULL,
    author_name TEXT   NOT NULL,
    text        TEXT   NOT NULL,
    created_ms  BIGINT NOT NULL
);
CREATE INDEX task_comment_task ON task_comment (task, created_ms, id);
