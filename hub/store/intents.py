"""Writes that may have been sent: each is noted before it is, and until it is known what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.model import Kind, frozen
from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import chunks, marks

OF = "connection = ? AND kind = ?"


@frozen
class Intent:
    """A write that may have been sent: what was asked for, and the canonical values that this stands for.

    Args:
        agreed: None where it is all that the record's fields stand for, and only that.
    """

    connection: str
    kind: Kind
    key: str
    fields: Mapping[str, Any]
    agreed: Mapping[str, Any] | None
    at: datetime
    """Of a create: when it was noted, by the service's clock as far as that is known; of an update, by ours."""
    refused: str | None = None
    """The service's words, where it said no; tried again once there is something else to ask for."""
    operation: str = "create"
    """`create`, or `update` of a copy that is there."""


class Intents(Tables):
    """The table of intents, and that of batches under way: many intents in one row, as they mostly end together."""

    def keep_intents(self, intents: Iterable[Intent]) -> None:
        """Note what is about to be written, before it is: writes of one kind and operation to one connection."""
        known = list(intents)
        if not known:
            return
        where, keys = (known[0].connection, known[0].kind), [intent.key for intent in known]
        if self._rows(
            f"SELECT 1 FROM intents WHERE {OF} UNION ALL SELECT 1 FROM underway WHERE {OF} LIMIT 1", where * 2
        ):
            self._drop_rows(*where, keys)
            self._drop_of_batches(*where, set(keys))
        if len(known) > 1 and all(intent.refused is None for intent in known):
            self._keep_batch(known)
        else:
            rows = (_row(intent) for intent in known)
            self._many(f"INSERT INTO intents VALUES ({marks(range(8))})", rows)

    def _keep_batch(self, intents: Sequence[Intent]) -> None:
        first, keys = intents[0], [intent.key for intent in intents]
        doc = {i.key: (i.fields, _data_of_agreed(i)) for i in intents}
        row = (first.connection, first.kind, first.operation, codec.moment(first.at), ",".join(keys), codec.text(doc))
        self._run(f"INSERT INTO underway VALUES (NULL, {marks(row)})", row)

    def intents(self, connection: str, kind: Kind, operation: str = "create") -> dict[str, Intent]:
        """By key: the writes whose answer never came, or was no."""
        sql = f"SELECT key, fields, agreed, at, refused FROM intents WHERE {OF} AND operation = ?"
        alone = [
            (key, codec.data_of(fields), codec.data_of(agreed), at, no)
            for key, fields, agreed, at, no in self._rows(sql, [connection, kind, operation])
        ]
        sql = f"SELECT at, doc FROM underway WHERE {OF} AND operation = ? ORDER BY id"
        batches = [
            (key, *parts, at, None)
            for at, doc in self._rows(sql, [connection, kind, operation])
            for key, parts in codec.data_of(doc).items()
        ]
        return {
            key: Intent(
                connection,
                kind,
                key,
                fields,
                None if agreed is None else codec.values_from(kind, agreed),
                codec.instant(at),
                no,
                operation,
            )
            for key, fields, agreed, at, no in [*batches, *alone]
        }

    def drop_intents(self, connection: str, kind: Kind, keys: Iterable[str]) -> None:
        """These writes are known to have happened, or not to have."""
        done = list(keys)
        if not done:
            return
        whole = self._run(f"DELETE FROM underway WHERE {OF} AND keys = ?", [connection, kind, ",".join(done)])
        if not whole:
            self._drop_rows(connection, kind, done)
            self._drop_of_batches(connection, kind, set(done))

    def _drop_rows(self, connection: str, kind: Kind, keys: Iterable[str]) -> None:
        for some in chunks(keys):
            self._run(f"DELETE FROM intents WHERE {OF} AND key IN ({marks(some)})", [connection, kind, *some])

    def _drop_of_batches(self, connection: str, kind: Kind, keys: set[str], operation: str = "%") -> None:
        """What is left of a batch stays under way."""
        sql = f"SELECT id, keys, doc FROM underway WHERE {OF} AND operation LIKE ?"
        for number, known, doc in self._rows(sql, [connection, kind, operation]):
            if keys.isdisjoint(known.split(",")):
                continue
            left = {key: parts for key, parts in codec.data_of(doc).items() if key not in keys}
            if left:
                self._run(
                    "UPDATE underway SET keys = ?, doc = ? WHERE id = ?", [",".join(left), codec.text(left), number]
                )
            else:
                self._run("DELETE FROM underway WHERE id = ?", [number])

    def drop_updates(self, connection: str, kind: Kind, key: str) -> None:
        """There is no copy any more of which it could be asked whether an update has reached it."""
        sql = f"DELETE FROM intents WHERE {OF} AND key = ? AND operation = 'update'"
        self._run(sql, [connection, kind, key])
        self._drop_of_batches(connection, kind, {key}, "update")


def _row(intent: Intent) -> tuple[Any, ...]:
    """An intent in the order of its table's columns."""
    place = (intent.connection, intent.kind.value, intent.key, intent.operation)
    said = (codec.text(intent.fields), codec.text(_data_of_agreed(intent)))
    return (*place, *said, codec.moment(intent.at), intent.refused)


def _data_of_agreed(intent: Intent) -> dict[str, Any] | None:
    return None if intent.agreed is None else codec.values_json(intent.kind, intent.agreed)
