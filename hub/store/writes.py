"""The journal of writes: what the hub did to each copy, so that it can be taken back, counted and compared with its plan."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from hub.model import Kind, frozen
from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import chunks, marks

BATCH = "creates"
"""The operation of a row that tells of many creates: `after` says of each key which id its copy has."""
COLUMNS = "run, connection, kind, remote, key, operation, fields, before, after, at, until"


@frozen
class Write:
    """One thing that the hub did to one copy.

    Args:
        operation: `create`, `update` or `delete`.
        fields: Of an update, by canonical field: `{"from": …, "to": …}` in JSON: what the copy stood for, and stands for now.
        before: Of an update, by the record's field: what it showed, in the service's own values.
        after: Likewise: what the service gave back.
        until: Likewise: until when the look before the write had seen the field's history, by the service's clock; as
            long as it is still to be looked at whether that history tells of an edit replaced unseen, else None.
    """

    run: str
    connection: str
    kind: Kind
    remote: str
    key: str
    operation: str
    at: datetime
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    until: Mapping[str, str | None] | None = None


class Writes(Tables):
    """The table of writes."""

    def keep_writes(self, writes: Iterable[Write]) -> None:
        """Append to the journal."""
        self._many(f"INSERT INTO writes ({COLUMNS}) VALUES ({marks(range(11))})", map(_row, writes))

    def keep_creates(self, run: str, connection: str, kind: Kind, at: datetime, made: Mapping[str, str]) -> None:
        """Append, in one row, that copies were made: of which key under which remote id."""
        if made:
            batch = Write(run, connection, kind, "", "", BATCH, at, after=made)
            self._many(f"INSERT INTO writes ({COLUMNS}) VALUES ({marks(range(11))})", [_row(batch)])

    def writes_of(self, run: str, *, creates: bool = True) -> list[Write]:
        """What a run did, in that order; without what it made if not *creates*."""
        but = "" if creates else "AND operation NOT IN ('create', 'creates')"
        sql = f"SELECT {COLUMNS} FROM writes WHERE run = ? {but} ORDER BY id"
        return [write for row in self._rows(sql, [run]) for write in _each(_write(row))]

    def made_since(self, connection: str, kind: Kind, run: str) -> set[str]:
        """The remote ids of the copies that *run*, or a later one, made."""
        sql = f"""SELECT {COLUMNS} FROM writes WHERE operation IN ('create', '{BATCH}') AND connection = ? AND kind = ?
                  AND CAST(substr(run, 3) AS INTEGER) >= ?"""
        rows = self._rows(sql, [connection, kind, codec.run_number(run)])
        return {write.remote for row in rows for write in _each(_write(row))}

    def count_done(self, run: str, connection: str) -> int:
        """How many updates and deletions a run did on a connection."""
        sql = "SELECT count(*) FROM writes WHERE run = ? AND connection = ? AND operation NOT IN ('create', 'creates')"
        return int(self._rows(sql, [run, connection])[0][0])

    def count_updates(self, connection: str, kind: Kind, remotes: Iterable[str], since: datetime) -> dict[str, int]:
        """By remote id: how often each copy was updated from *since* on; copies that were not are left out."""
        found: dict[str, int] = {}
        for some in chunks(remotes):
            sql = f"""SELECT remote, count(*) FROM writes WHERE operation = 'update' AND connection = ? AND kind = ?
                      AND remote IN ({marks(some)}) AND at >= ? GROUP BY remote"""
            found.update(self._rows(sql, [connection, kind, *some, codec.moment(since)]))
        return found

    def updates_since(self, connection: str, kind: Kind, remote: str, since: datetime) -> list[Write]:
        """The updates of one copy that were noted at *since* or later, in the order in which they were done."""
        sql = f"""SELECT {COLUMNS} FROM writes WHERE operation = 'update' AND connection = ? AND kind = ? AND remote = ?
                  AND at >= ? ORDER BY id"""
        return [_write(row) for row in self._rows(sql, [connection, kind, remote, codec.moment(since)])]

    def updates_after(self, connection: str, kind: Kind, remote: str, run: str) -> list[Write]:
        """The updates of one copy by later runs than *run*, in the order in which they were done, whatever the clock said."""
        sql = f"""SELECT {COLUMNS} FROM writes WHERE operation = 'update' AND connection = ? AND kind = ? AND remote = ?
                  AND CAST(substr(run, 3) AS INTEGER) > ? ORDER BY id"""
        return [_write(row) for row in self._rows(sql, [connection, kind, remote, codec.run_number(run)])]

    def unproven(self, connection: str, kind: Kind, remotes: Iterable[str]) -> list[Write]:
        """The updates of these copies of which it is not known yet whether they have replaced an edit unseen."""
        found: list[Write] = []
        for some in chunks(remotes):
            sql = f"""SELECT {COLUMNS} FROM writes WHERE until IS NOT NULL AND connection = ? AND kind = ?
                      AND remote IN ({marks(some)}) ORDER BY id"""
            found += [_write(row) for row in self._rows(sql, [connection, kind, *some])]
        return found

    def prove(self, write: Write) -> None:
        """It is known now what this update has replaced."""
        sql = "UPDATE writes SET until = NULL WHERE until IS NOT NULL AND connection = ? AND kind = ? AND remote = ? AND at = ?"
        self._run(sql, [write.connection, write.kind, write.remote, codec.moment(write.at)])


def _row(write: Write) -> tuple[Any, ...]:
    return (
        *(write.run, write.connection, write.kind, write.remote, write.key, write.operation),
        *(codec.text(part) if part else codec.NOTHING_AT_ALL for part in (write.fields, write.before, write.after)),
        codec.moment(write.at),
        None if write.until is None else codec.text(write.until),
    )


def _each(write: Write) -> Iterable[Write]:
    """The creates of a batch, or the one write."""
    if write.operation != BATCH:
        return (write,)
    where = (write.run, write.connection, write.kind)
    return (Write(*where, remote, key, "create", write.at) for key, remote in write.after.items())


def _write(row: tuple[Any, ...]) -> Write:
    run, connection, kind, remote, key, operation, fields, before, after, at, until = row
    shown, was, is_ = (codec.data_of(part) for part in (fields, before, after))
    known = None if until is None else codec.data_of(until)
    return Write(run, connection, Kind(kind), remote, key, operation, codec.instant(at), shown, was, is_, known)
