"""Which entities lack a copy: asked only of what has changed since that was last considered, and of what waits.

A plus before a column keeps SQLite from searching by it: it would take all entities of a kind for the fewest.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from hub.model import Entity, Kind
from hub.store import codec
from hub.store.entities import Entities
from hub.store.rows import MOST_VARIABLES, chunks, marks

EVERYTHING = -1
NOTED = "sync = ? AND connection = ? AND kind = ?"


class Lacking(Entities):
    """The tables of what was considered, and of what lacks a copy all the same."""

    def lacking(
        self,
        sync: str,
        connection: str,
        kind: Kind,
        bound_to: Sequence[str],
        since: int = EVERYTHING,
        among: Collection[str] | None = None,
    ) -> Iterator[list[Entity]]:
        """Entities of *kind* that lack a copy on *connection*, and are tied to any of *bound_to*; piece by piece.

        Who had a copy there lacks one only where the tie says that it is to be made again. A child lacks none where
        what it belongs to has none.

        Args:
            since: The revision up to which all are known to lack none, but those noted as lacking.
            among: Only these, whatever is known of them.
        """
        if among is None and since == EVERYTHING:
            yield from self._lacking_of_all(connection, kind, bound_to)
            return
        keys = set(among) if among is not None else self._stirred(sync, connection, kind, since)
        for some in chunks(sorted(keys, key=_number)):
            yield self._without(
                connection, bound_to, f"key IN ({marks(some)}) AND +kind = ? AND +gone = 0", [*some, kind]
            )

    def _lacking_of_all(self, connection: str, kind: Kind, bound_to: Sequence[str]) -> Iterator[list[Entity]]:
        last = 0
        while piece := self._without(connection, bound_to, "kind = ? AND number > ? AND gone = 0", [kind, last]):
            last = _number(piece[-1].key)
            yield piece

    def _stirred(self, sync: str, connection: str, kind: Kind, since: int) -> set[str]:
        changed = self._rows("SELECT key FROM entities WHERE revision > ? AND +kind = ?", [since, kind])
        lack = self._rows(f"SELECT key FROM lacking WHERE {NOTED}", [sync, connection, kind])
        return {key for (key,) in [*changed, *lack]}

    def _without(self, connection: str, bound_to: Sequence[str], which: str, values: Sequence[Any]) -> list[Entity]:
        sql = f"""SELECT key, doc FROM entities AS e WHERE {which}
            AND (owner IS NULL
                 OR EXISTS (SELECT 1 FROM bindings WHERE key = e.owner AND connection = ? AND state = 'bound'))
            AND NOT EXISTS (SELECT 1 FROM bindings WHERE key = e.key AND connection = ? AND state <> 'recreate')
            AND EXISTS (SELECT 1 FROM bindings WHERE key = e.key AND state IN ('bound', 'recreate')
                        AND connection IN ({marks(bound_to)}))
            ORDER BY number LIMIT ?"""
        rows = self._rows(sql, [*values, connection, connection, *bound_to, MOST_VARIABLES])
        return [self._entity(key, doc) for key, doc in rows]

    def named_without(self, connection: str, kind: Kind, title: str) -> list[Entity]:
        """Entities of *kind* called *title* that never had a copy on *connection*."""
        sql = """SELECT key, doc FROM entities AS e WHERE kind = ? AND title = ? AND gone = 0
                 AND NOT EXISTS (SELECT 1 FROM bindings WHERE key = e.key AND connection = ?) ORDER BY number"""
        return [codec.entity_from(key, doc) for key, doc in self._rows(sql, [kind, title, connection])]

    def is_lacking(self, sync: str, connection: str, kind: Kind) -> bool:
        """Whether anything is noted as lacking a copy on *connection*."""
        return bool(self._rows(f"SELECT 1 FROM lacking WHERE {NOTED} LIMIT 1", [sync, connection, kind]))

    def considered(self, sync: str, connection: str, kind: Kind, settings: str) -> int:
        """The revision up to which it was considered under these *settings* what lacks a copy."""
        sql = "SELECT revision FROM considered WHERE sync = ? AND connection = ? AND kind = ? AND settings = ?"
        rows = self._rows(sql, [sync, connection, kind, settings])
        return int(rows[0][0]) if rows else EVERYTHING

    def keep_considered(
        self, sync: str, connection: str, kind: Kind, settings: str, revision: int, lack: Iterable[str]
    ) -> None:
        """Up to a *revision*, just the entities *lack* of a kind lack a copy still."""
        self._run(f"DELETE FROM lacking WHERE {NOTED}", [sync, connection, kind])
        self._many("INSERT INTO lacking VALUES (?, ?, ?, ?)", ((sync, connection, kind, key) for key in lack))
        self._run(
            "INSERT OR REPLACE INTO considered VALUES (?, ?, ?, ?, ?)", [sync, connection, kind, settings, revision]
        )


def _number(key: str) -> int:
    return int(key.partition("-")[2])
