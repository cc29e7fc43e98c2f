-- What is known of the store itself.
CREATE TABLE store (
    name TEXT PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;

-- The executions, numbered in the order in which they were first kept.
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    arn TEXT NOT NULL,
    machine TEXT NOT NULL,
    machine_arn TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    stopped_at INTEGER,
    error TEXT,
    redrives INTEGER NOT NULL,
    redriven_at INTEGER,
    due INTEGER,
    records INTEGER NOT NULL,
    events INTEGER NOT NULL,
    version_arn TEXT,
    alias_arn TEXT,
    map_run_arn TEXT,
    summary_crc INTEGER NOT NULL,
    root TEXT NOT NULL,
    parent TEXT,
    definition TEXT NOT NULL,
    parent_token ANY,
    identity ANY NOT NULL,
    beginning_crc INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX executions_by_arn ON executions (arn);
CREATE INDEX executions_by_machine ON executions (machine_arn, machine, status, number, started_at);
CREATE INDEX executions_by_status ON executions (status);
CREATE INDEX executions_open ON executions (root) WHERE stopped_at IS NULL;
CREATE INDEX executions_by_parent ON executions (parent) WHERE parent IS NOT NULL;
CREATE INDEX executions_by_version ON executions (version_arn) WHERE version_arn IS NOT NULL;
CREATE INDEX executions_by_alias ON executions (alias_arn) WHERE alias_arn IS NOT NULL;
CREATE INDEX executions_by_map_run ON executions (map_run_arn) WHERE map_run_arn IS NOT NULL;

-- Their logs, in the order in which they were kept.
CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    event INTEGER,
    state TEXT,
    millis INTEGER,
    error TEXT,
    crc INTEGER NOT NULL,
    record ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_by_execution ON records (execution, seq);

-- The texts that programs are compiled from.
CREATE TABLE definitions (
    digest TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    text ANY NOT NULL,
    define ANY NOT NULL,
    crc INTEGER NOT NULL
) STRICT;

-- State machines, functions, roles, activities and whatever else exists.
CREATE TABLE resources (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT,
    json ANY NOT NULL,
    bytes BLOB,
    crc INTEGER NOT NULL,
    UNIQUE (kind, key)
) STRICT;
CREATE INDEX resources_by_owner ON resources (owner) WHERE owner IS NOT NULL;

-- The tasks that somebody works on or should.
CREATE TABLE tasks (
    execution INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    state TEXT,
    resource TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (execution, frame)
) STRICT, WITHOUT ROWID;

-- What is counted of the records up to the position that `store` has as `counted`.
CREATE TABLE counts (
    machine_arn TEXT NOT NULL,
    machine TEXT NOT NULL,
    state TEXT NOT NULL,
    what TEXT NOT NULL,
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (machine_arn, machine, state, what, key)
) STRICT, WITHOUT ROWID;

-- Common questions.
CREATE VIEW executions_by_machine_and_status AS
    SELECT machine, status, count(*) AS executions FROM executions GROUP BY machine, status;
CREATE VIEW failures AS
    SELECT e.machine, r.state, r.error, r.kind, count(*) AS failures
    FROM records r JOIN executions e ON e.number = r.execution
    WHERE r.error IS NOT NULL
    GROUP BY e.machine, r.state, r.error, r.kind;
CREATE VIEW events AS
    SELECT e.arn, e.machine, e.name AS execution, r.event AS id, r.kind AS type,
        strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS time,
        r.state, r.error, r.millis, r.record
    FROM records r JOIN executions e ON e.number = r.execution
    WHERE r.event IS NOT NULL;
CREATE VIEW open_tasks AS
    SELECT e.arn, e.machine, e.name AS execution, t.state, t.resource,
        strftime('%Y-%m-%dT%H:%M:%fZ', t.since / 1000.0, 'unixepoch') AS since
    FROM tasks t JOIN executions e ON e.number = t.execution;
