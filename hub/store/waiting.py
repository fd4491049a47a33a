"""What waits: records to be judged, fields that need a person."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from hub.model import Kind, frozen
from hub.reconcile import Hold
from hub.sdk.records import Record
from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import chunks, marks

OWNER_IS_BOUND = """EXISTS (SELECT 1 FROM bindings AS b WHERE b.connection = inbox.connection
                  AND b.kind IN ('requirement', 'task') AND b.remote = inbox.awaits AND b.state = 'bound')"""


HERE = "kind = ? AND length = ? AND remote = ? AND connection = ?"


@frozen
class Kept:
    """A record to be judged, when it was read, and whether it waits in the inbox."""

    connection: str
    kind: Kind
    record: Record
    read_at: datetime
    waits: bool = True


class Waiting(Tables):
    """The tables of the inbox and of holds."""

    def keep_records(
        self,
        connection: str,
        kind: Kind,
        records: Iterable[Record],
        read_at: datetime,
        owner_of: Callable[[Record], str | None] = lambda _: None,
    ) -> None:
        """Take records into the inbox; an earlier state of the same record is replaced.

        Args:
            owner_of: The remote id of what a record belongs to, and waits for until that is known.
        """
        at, of_kind = codec.moment(read_at), kind.value  # plain text, which SQLite takes without a second look
        rows = ((of_kind, len(r.id), r.id, connection, codec.record_text(r), "", at, owner_of(r)) for r in records)
        self._many(f"INSERT OR REPLACE INTO inbox VALUES ({marks(range(8))})", rows)

    def inbox(self, connections: Sequence[str], kind: Kind, after: "Kept | None" = None, most: int = -1) -> list[Kept]:
        """What waits to be judged and is not the child of something unknown, oldest record first.

        Args:
            after: Only what comes after this record.
            most: How many; all of them if negative.
        """
        place = (len(after.record.id), after.record.id, after.connection) if after else (-1, "", "")
        sql = f"""SELECT connection, record, read_at FROM inbox
                  WHERE kind = ? AND (length, remote, connection) > (?, ?, ?)
                  AND connection IN ({marks(connections)}) AND (awaits IS NULL OR {OWNER_IS_BOUND})
                  ORDER BY length, remote, connection LIMIT ?"""
        rows = self._rows(sql, [kind, *place, *connections, most])
        return [Kept(c, kind, codec.record_from(record), codec.instant(at)) for c, record, at in rows]

    def orphans(self, connections: Sequence[str], kind: Kind) -> list[tuple[str, str]]:
        """By connection and remote id: the records that wait for what they belong to."""
        sql = f"""SELECT connection, remote FROM inbox WHERE kind = ? AND connection IN ({marks(connections)})
                  AND awaits IS NOT NULL AND NOT {OWNER_IS_BOUND}"""
        return [(connection, remote) for connection, remote in self._rows(sql, [kind, *connections])]

    def waiting(self, connection: str, kind: Kind) -> list[str]:
        """The ids of the records of one connection that wait to be judged."""
        rows = self._rows("SELECT remote FROM inbox WHERE connection = ? AND kind = ?", [connection, kind])
        return [remote for (remote,) in rows]

    def is_known(self, connection: str, kind: Kind) -> bool:
        """Whether anything of a kind there is a copy, or waits to be judged."""
        sql = """SELECT 1 FROM bindings WHERE connection = ?1 AND kind = ?2 UNION ALL
                 SELECT 1 FROM inbox WHERE connection = ?1 AND kind = ?2 LIMIT 1"""
        return bool(self._rows(sql, [connection, kind]))

    def are_waiting(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, str | None]:
        """Those of *remotes* that wait to be judged, each with when the service had noted the state that waits, as text."""
        found: dict[str, str | None] = {}
        if not self._rows("SELECT 1 FROM inbox WHERE kind = ? LIMIT 1", [kind]):
            return found
        for some in chunks(remotes):
            sql = f"""SELECT remote, json_extract(record, '$.at') FROM inbox WHERE kind = ? AND connection = ?
                      AND (length, remote) IN (VALUES {", ".join(["(?, ?)"] * len(some))})"""
            places = [part for remote in some for part in (len(remote), remote)]
            found.update(self._rows(sql, [kind, connection, *places]))
        return found

    def inbox_of(self, ties: Iterable[tuple[str, str, str]]) -> list[Kept]:
        """What waits of the records named by connection, kind and remote id."""
        found = []
        for connection, kind, remote in ties:
            rows = self._rows(
                f"SELECT record, read_at FROM inbox WHERE {HERE}",
                [kind, len(remote), remote, connection],
            )
            found += [Kept(connection, Kind(kind), codec.record_from(r), codec.instant(at)) for r, at in rows]
        return found

    def drop_records(self, judged: Iterable[tuple[str, str, str]]) -> None:
        """Take records, by connection, kind and remote id, out of the inbox."""
        rows = ((kind, len(remote), remote, connection) for connection, kind, remote in judged)
        self._many(f"DELETE FROM inbox WHERE {HERE}", rows)

    def holds(self, keys: Iterable[str]) -> dict[str, list[Hold]]:
        """The open holds of each of *keys*, oldest first."""
        found: dict[str, list[Hold]] = {}
        if not self._rows("SELECT 1 FROM holds WHERE state IN ('open', 'lost') LIMIT 1"):  # as nearly always
            return found
        for some in chunks(keys):
            for hold in self._open(f"AND key IN ({marks(some)})", some):
                found.setdefault(hold.key, []).append(hold)
        return found

    def open_holds(self) -> list[Hold]:
        """Everything that waits for a person, oldest first."""
        return self._open()

    def _open(self, which: str = "", values: Sequence[str] = ()) -> list[Hold]:
        sql = f"""SELECT number, key, field, doc, since, state FROM holds WHERE state IN ('open', 'lost') {which}
                  ORDER BY number"""
        return [codec.hold_from(row) for row in self._rows(sql, values)]

    def keep_holds(self, holds: Iterable[Hold]) -> None:
        """Open new holds, and bring open ones up to date."""
        for hold in holds:
            state = "lost" if hold.lost else "open"
            self._run(
                """INSERT INTO holds (key, field, doc, since, state) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (key, field) WHERE state = 'open' DO UPDATE SET doc = excluded.doc""",
                [hold.key, hold.field, codec.hold_text(hold), codec.moment(hold.since), state],
            )

    def close_holds(self, holds: Iterable[Hold], state: str) -> None:
        """These no longer wait: `settled` by a person's decision, or `agreed` by hand."""
        rows = [(state, int(hold.id.removeprefix("H-"))) for hold in holds]
        self._many("UPDATE holds SET state = ? WHERE number = ?", rows)
