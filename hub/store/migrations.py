"""The schema, as numbered steps that are only ever added to."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("hub")


@migrations()
def m001_first_schema(db: Database) -> None:
    """Everything that a sync needs to remember."""
    for statement in _FIRST_SCHEMA.split(";\n"):
        db.conn.execute(statement)


@migrations()
def m002_families(db: Database) -> None:
    """Whose child an entity is, what proves two of them one, what was deleted; sealed credentials."""
    for statement in _FAMILIES.split(";\n"):
        db.conn.execute(statement)


_FAMILIES = """
ALTER TABLE entities ADD COLUMN owner TEXT;
ALTER TABLE entities ADD COLUMN identity TEXT;
ALTER TABLE entities ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entities_by_owner ON entities (owner) WHERE owner IS NOT NULL;
CREATE INDEX entities_by_identity ON entities (kind, identity) WHERE identity IS NOT NULL;
ALTER TABLE inbox ADD COLUMN awaits TEXT;
CREATE TABLE credentials (
    connection TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (connection, name)
) WITHOUT ROWID
"""

_FIRST_SCHEMA = """
CREATE TABLE entities (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, doc TEXT NOT NULL,
    UNIQUE (kind, number)
) WITHOUT ROWID;
CREATE TABLE bindings (
    connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL, key TEXT NOT NULL REFERENCES entities(key),
    seen TEXT NOT NULL, agreed TEXT NOT NULL, maps TEXT NOT NULL, blocked TEXT NOT NULL,
    digest TEXT NOT NULL, shown_key TEXT, url TEXT, state TEXT NOT NULL, at TEXT, owed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection, kind, remote), UNIQUE (key, connection)
) WITHOUT ROWID;
CREATE INDEX bindings_owed ON bindings (connection, kind) WHERE owed = 1;
CREATE INDEX bindings_blocked ON bindings (connection, kind) WHERE blocked <> '{}';
CREATE TABLE inbox (
    connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL, read_at TEXT NOT NULL,
    PRIMARY KEY (connection, kind, remote)
) WITHOUT ROWID;
CREATE TABLE intents (
    connection TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, operation TEXT NOT NULL,
    fields TEXT NOT NULL, agreed TEXT NOT NULL, at TEXT NOT NULL, refused TEXT,
    PRIMARY KEY (connection, kind, key)
) WITHOUT ROWID;
CREATE TABLE holds (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, field TEXT NOT NULL, doc TEXT NOT NULL, since TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE UNIQUE INDEX holds_open ON holds (key, field) WHERE state = 'open';
CREATE TABLE events (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT,
    who TEXT NOT NULL, connection TEXT NOT NULL, at TEXT NOT NULL, because TEXT NOT NULL, run TEXT
);
CREATE INDEX events_by_key ON events (key, field);
CREATE INDEX events_by_run ON events (run);
CREATE TABLE cursors (
    sync TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, settings TEXT NOT NULL,
    read_at TEXT NOT NULL, full_at TEXT,
    PRIMARY KEY (sync, connection, kind)
) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, sync TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, report TEXT
);
CREATE INDEX runs_by_sync ON runs (sync, number);
CREATE TABLE accounts (
    connection TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT, username TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (connection, id)
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE connections (
    name TEXT PRIMARY KEY, place TEXT, account TEXT, state TEXT NOT NULL, message TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
"""
