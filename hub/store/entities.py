"""Entities, and the bindings that tie them to their copies."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from hub.model import Entity, Kind
from hub.reconcile import Binding
from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import chunks, marks

BINDING = "connection, kind, remote, key, seen, agreed, maps, blocked, digest, shown_key, url, state, at"


class Entities(Tables):
    """The tables of entities and bindings."""

    def next_keys(self, kind: Kind, count: int) -> list[str]:
        """*count* keys of *kind* that no entity has yet; taken once entities are kept under them."""
        ((last,),) = self._rows("SELECT coalesce(max(number), 0) FROM entities WHERE kind = ?", [kind])
        return [f"{kind.prefix}-{last + i}" for i in range(1, count + 1)]

    def entities(self, keys: Iterable[str]) -> dict[str, Entity]:
        """Those of *keys* that exist."""
        found: dict[str, Entity] = {}
        for some in chunks(keys):
            rows = self._rows(f"SELECT key, doc FROM entities WHERE key IN ({marks(some)})", some)
            found |= {key: codec.entity_from(key, doc) for key, doc in rows}
        return found

    def entities_of(self, kind: Kind | None = None) -> Iterator[Entity]:
        """All entities, of one kind if that is given, by kind and number."""
        where, values = ("AND kind = ?", [kind]) if kind else ("", [])
        for key, doc in self._rows(
            f"SELECT key, doc FROM entities WHERE gone = 0 {where} ORDER BY kind, number", values
        ):
            yield codec.entity_from(key, doc)

    def children(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """By key: the entities that belong to it, by kind and number."""
        found: dict[str, list[str]] = {}
        for some in chunks(keys):
            sql = f"SELECT owner, key FROM entities WHERE gone = 0 AND owner IN ({marks(some)}) ORDER BY kind, number"
            for owner, key in self._rows(sql, some):
                found.setdefault(owner, []).append(key)
        return found

    def known_as(self, kind: Kind, identities: Iterable[str]) -> dict[str, list[str]]:
        """By identity, in lower case: the entities of *kind* that have it, oldest first."""
        found: dict[str, list[str]] = {}
        for some in chunks(identity.lower() for identity in identities):
            sql = f"""SELECT identity, key FROM entities WHERE kind = ? AND gone = 0 AND identity IN ({marks(some)})
                      ORDER BY number"""
            for identity, key in self._rows(sql, [kind, *some]):
                found.setdefault(identity, []).append(key)
        return found

    def without_identity(self, kind: Kind) -> list[str]:
        """The entities of *kind* that nothing is known by yet: attachments whose bytes were never read."""
        sql = "SELECT key FROM entities WHERE kind = ? AND gone = 0 AND identity IS NULL ORDER BY number"
        return [key for (key,) in self._rows(sql, [kind])]

    def bury(self, keys: Iterable[str], *, gone: bool = True) -> None:
        """Note that these were deleted where they came from, or (not *gone*) that they live on after all."""
        self._many("UPDATE entities SET gone = ? WHERE key = ?", [(int(gone), key) for key in keys])

    def buried(self, keys: Iterable[str]) -> set[str]:
        """Those of *keys* that were deleted where they came from."""
        found: set[str] = set()
        for some in chunks(keys):
            rows = self._rows(f"SELECT key FROM entities WHERE gone = 1 AND key IN ({marks(some)})", some)
            found |= {key for (key,) in rows}
        return found

    def doomed(self, connection: str, kind: Kind) -> list[Binding]:
        """The copies of entities that were deleted where they came from."""
        sql = f"""SELECT {BINDING} FROM bindings WHERE connection = ? AND kind = ? AND state = 'bound'
                  AND key IN (SELECT key FROM entities WHERE kind = ? AND gone = 1) ORDER BY key"""
        return [codec.binding_from(row) for row in self._rows(sql, [connection, kind, kind])]

    def keys_without(self, connection: str, kind: Kind, bound_to: Sequence[str]) -> list[str]:
        """Keys of entities of *kind* that lack a copy on *connection*, and are tied to any of *bound_to*.

        Who had a copy there lacks one only where the tie says that it is to be made again. A child lacks none where
        what it belongs to has none.
        """
        tied = "state IN ('bound', 'recreate')"
        sql = f"""SELECT key FROM entities WHERE kind = ? AND gone = 0
                  AND (owner IS NULL OR owner IN (SELECT key FROM bindings WHERE connection = ? AND state = 'bound'))
                  AND key NOT IN (SELECT key FROM bindings WHERE connection = ? AND kind = ? AND state <> 'recreate')
                  AND key IN (SELECT key FROM bindings WHERE {tied} AND connection IN ({marks(bound_to)}))
                  ORDER BY number"""
        return [key for (key,) in self._rows(sql, [kind, connection, connection, kind, *bound_to])]

    def keep_entities(self, entities: Iterable[Entity]) -> None:
        """Put *entities* as they are now."""
        self._many(
            """INSERT INTO entities (key, kind, number, title, doc, owner, identity) VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (key) DO UPDATE SET title = excluded.title, doc = excluded.doc, owner = excluded.owner,
               identity = excluded.identity""",
            (codec.entity_row(entity) for entity in entities),
        )

    def counts(self) -> dict[str, int]:
        """How many entities there are, by kind."""
        return dict(self._rows("SELECT kind, count(*) FROM entities WHERE gone = 0 GROUP BY kind"))

    def bindings_of(self, keys: Iterable[str]) -> dict[str, list[Binding]]:
        """Every tie of each of *keys*."""
        found: dict[str, list[Binding]] = {}
        for some in chunks(keys):
            for row in self._rows(f"SELECT {BINDING} FROM bindings WHERE key IN ({marks(some)})", some):
                found.setdefault(row[3], []).append(codec.binding_from(row))
        return found

    def bindings_at(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, Binding]:
        """By remote id: the ties of those copies that have one."""
        found: dict[str, Binding] = {}
        for some in chunks(remotes):
            sql = f"SELECT {BINDING} FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            found |= {row[2]: codec.binding_from(row) for row in self._rows(sql, [connection, kind, *some])}
        return found

    def owed(self, connection: str, kind: Kind) -> list[Binding]:
        """The copies that are owed something, by key."""
        sql = f"SELECT {BINDING} FROM bindings WHERE connection = ? AND kind = ? AND owed = 1 AND state = 'bound' ORDER BY key"
        return [codec.binding_from(row) for row in self._rows(sql, [connection, kind])]

    def blocked(self, connection: str | None = None) -> list[Binding]:
        """The copies of which something can be neither read nor written."""
        where, values = ("AND connection = ?", [connection]) if connection else ("", [])
        sql = f"SELECT {BINDING} FROM bindings WHERE blocked <> '{{}}' {where} ORDER BY key"
        return [codec.binding_from(row) for row in self._rows(sql, values)]

    def judged(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, tuple[str, datetime | None]]:
        """By remote id: the digest of the record last judged, and when the service had noted that state."""
        found: dict[str, tuple[str, datetime | None]] = {}
        for some in chunks(remotes):
            sql = f"SELECT remote, digest, at FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            rows = self._rows(sql, [connection, kind, *some])
            found |= {remote: (digest, codec.instant(at) if at else None) for remote, digest, at in rows}
        return found

    def remotes(self, connection: str, kind: Kind) -> dict[str, str]:
        """Every bound copy: remote id → key."""
        sql = "SELECT remote, key FROM bindings WHERE connection = ? AND kind = ? AND state = 'bound'"
        return dict(self._rows(sql, [connection, kind]))

    def remote_of(self, connection: str, key: str) -> str | None:
        """The id of the copy that *key* has on *connection*."""
        sql = "SELECT remote FROM bindings WHERE connection = ? AND key = ? AND state = 'bound'"
        rows = self._rows(sql, [connection, key])
        return rows[0][0] if rows else None

    def keep_bindings(self, bindings: Iterable[tuple[Binding, bool]]) -> None:
        """Put ties as they are now, each with whether its copy is owed something."""
        rows = (codec.binding_row(binding, owed=owed) for binding, owed in bindings)
        self._many(f"INSERT OR REPLACE INTO bindings VALUES ({marks(range(14))})", rows)

    def drop_binding(self, binding: Binding) -> None:
        """Forget a tie; entity and copy stay."""
        self._run(
            "DELETE FROM bindings WHERE connection = ? AND kind = ? AND remote = ?",
            [binding.connection, binding.kind, binding.remote],
        )
