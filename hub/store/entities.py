"""Entities, and the bindings that tie them to their copies."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from hub.errors import StoreError
from hub.model import Entity, Kind
from hub.reconcile import Binding
from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import MOST_VARIABLES, chunks, marks

ENTITY = "key, kind, number, title, doc, owner, identity, revision, begun"
TIE = "connection, kind, remote, key, digest, at, state, owed, shown_key, url, blocked, prints, seen, agreed"
"""The columns of a tie in the order of `codec.binding_row`."""
BINDING = "connection, kind, remote, key, digest, at, state, shown_key, url, blocked, prints, seen, agreed"


BELOW_GONE = """
    SELECT c.key FROM entities AS g CROSS JOIN entities AS c ON c.owner = g.key
    WHERE g.gone = 1 AND g.kind IN ('requirement', 'task') AND c.kind = ?
    UNION SELECT d.key FROM entities AS g CROSS JOIN entities AS c ON c.owner = g.key CROSS JOIN entities AS d ON d.owner = c.key
    WHERE g.gone = 1 AND g.kind = 'requirement' AND c.kind = 'task' AND d.kind = ?"""
"""What belongs to something that was deleted, directly or by a task of it."""

PRINTS = BINDING.split(", ").index("prints")
REMEMBERED_TIES, REMEMBERED_ENTITIES = 2_000, 10_000
"""So many rows are remembered with what they were decoded to: a run reads most of what it takes up or changes again."""

CHANGE_TIE = """
    UPDATE bindings SET digest = ?5, at = ?6, state = ?7, owed = ?8, shown_key = ?9, url = ?10, blocked = ?11, prints = ?12,
    seen = ?13, agreed = ?14 WHERE connection = ?1 AND kind = ?2 AND remote = ?3 AND key = ?4"""
"""In place: most indexes of the table are not touched."""


class Known(dict[str, Entity]):
    """Entities by key."""

    def __missing__(self, key: str) -> Entity:
        """What refers to an entity that was never kept is a defect of the database."""
        raise StoreError(f"{key} is not in the database, though something refers to it", fix="hub doctor")


class Entities(Tables):
    """The tables of entities and bindings."""

    def __init__(self, database: Database, path: str) -> None:
        super().__init__(database, path)
        self._known_prints: dict[str, Mapping[str, str]] = {}
        self._known_ties: dict[tuple[Any, ...], Binding] = {}
        self._known_entities: dict[str, tuple[str, Entity]] = {}

    def next_keys(self, kind: Kind, count: int) -> list[str]:
        """*count* keys of *kind* that no entity has yet; taken once entities are kept under them."""
        ((last,),) = self._rows("SELECT coalesce(max(number), 0) FROM entities WHERE kind = ?", [kind])
        return [f"{kind.prefix}-{last + i}" for i in range(1, count + 1)]

    def entities(self, keys: Iterable[str]) -> dict[str, Entity]:
        """Those of *keys* that exist; to ask for another raises StoreError."""
        found: dict[str, Entity] = Known()
        for some in chunks(keys):
            rows = self._rows(f"SELECT key, doc FROM entities WHERE key IN ({marks(some)})", some)
            found.update((key, self._entity(key, doc)) for key, doc in rows)
        return found

    def _entity(self, key: str, doc: str) -> Entity:
        """The entity of a key and a text; the same one for the same text, since it is frozen."""
        known = self._known_entities.get(key)
        if known is not None and known[0] == doc:
            return known[1]
        return self._note(key, doc, codec.entity_from(key, doc))

    def _remember(self, entity: Entity, doc: str, said: Collection[str]) -> None:
        """Note what a text stands for: as it is all that the entity was made of, nothing can make that untrue.

        Args:
            said: The fields in which it is not as any new one.
        """
        if codec.reads_back(entity, said):
            self._note(entity.key, doc, entity)

    def _note(self, key: str, doc: str, entity: Entity) -> Entity:
        if len(self._known_entities) >= REMEMBERED_ENTITIES:
            self._known_entities.clear()
        self._known_entities[key] = doc, entity
        return entity

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
                      ORDER BY +number"""
            for identity, key in self._rows(sql, [kind, *some]):
                found.setdefault(identity, []).append(key)
        return found

    def without_identity(self, kind: Kind) -> list[str]:
        """The entities of *kind* that nothing is known by yet: attachments whose bytes were never read."""
        sql = "SELECT key FROM entities WHERE kind = ? AND gone = 0 AND identity IS NULL ORDER BY number"
        return [key for (key,) in self._rows(sql, [kind])]

    def unread(self, keys: Iterable[str]) -> None:
        """Note that the bytes of these attachments are to be fetched once more."""
        self._many("UPDATE entities SET identity = NULL WHERE key = ?", ((key,) for key in keys))

    def bury(self, keys: Iterable[str], *, gone: bool = True) -> None:
        """Note that these were deleted where they came from, or (not *gone*) that they live on after all."""
        known = list(keys)
        self._many("UPDATE entities SET gone = ? WHERE key = ?", [(int(gone), key) for key in known])
        self.stir(known)

    def buried(self, keys: Iterable[str]) -> set[str]:
        """Those of *keys* that were deleted where they came from."""
        found: set[str] = set()
        if not self._rows("SELECT 1 FROM entities WHERE gone = 1 LIMIT 1"):
            return found
        for some in chunks(keys):
            rows = self._rows(f"SELECT key FROM entities WHERE gone = 1 AND key IN ({marks(some)})", some)
            found |= {key for (key,) in rows}
        return found

    def doomed(self, connection: str, kind: Kind) -> list[Binding]:
        """The copies of entities that were deleted where they came from, or that belong to such."""
        where = f"""key IN (SELECT key FROM entities WHERE kind = ? AND gone = 1 UNION {BELOW_GONE})
                    AND +connection = ? AND +kind = ? AND state = 'bound' ORDER BY key"""
        return list(self._ties(where, [kind, kind, kind, connection, kind]))

    def owned_here(self, connection: str, keys: Iterable[str]) -> list[str]:
        """Those of *keys* that belong to something with a copy on *connection*."""
        found: list[str] = []
        for some in chunks(keys):
            sql = f"""SELECT e.key FROM entities AS e JOIN bindings AS b ON b.key = e.owner AND b.connection = ?
                      WHERE b.state = 'bound' AND e.key IN ({marks(some)})"""
            found += [key for (key,) in self._rows(sql, [connection, *some])]
        return found

    def doomed_keys(self) -> set[str]:
        """What was deleted where it came from, and still has a copy."""
        sql = """SELECT DISTINCT e.key FROM entities AS e INDEXED BY entities_gone
                 CROSS JOIN bindings AS b ON b.key = e.key WHERE e.gone = 1 AND b.state = 'bound'"""
        return {key for (key,) in self._rows(sql)}

    def count_doomed(self, connection: str) -> int:
        """How many copies there are of what was deleted where it came from."""
        sql = """SELECT count(*) FROM entities AS e CROSS JOIN bindings AS b ON b.key = e.key AND b.connection = ?
                 WHERE e.gone = 1 AND b.state = 'bound'"""
        return int(self._rows(sql, [connection])[0][0])

    def count_bound(self, connection: str, most: int = -1) -> int:
        """How many copies are kept in step, of all kinds; counted no further than to *most*, if that is not negative."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM bindings WHERE connection = ? AND state = 'bound' LIMIT ?)"
        return int(self._rows(sql, [connection, most])[0][0])

    def count_owed(self, connection: str) -> int:
        """How many copies are owed something, of all kinds."""
        sql = "SELECT count(*) FROM bindings WHERE connection = ? AND owed = 1 AND state = 'bound'"
        return int(self._rows(sql, [connection])[0][0])

    def owed_under(self, connection: str, kind: Kind) -> list[tuple[Mapping[str, str], int]]:
        """By the fingerprints under which they were agreed on: how many copies are owed something."""
        sql = """SELECT prints, count(*) FROM bindings WHERE connection = ? AND kind = ? AND owed = 1
                 AND state = 'bound' GROUP BY prints"""
        return [(self._prints(name), count) for name, count in self._rows(sql, [connection, kind])]

    def keep_entities(self, entities: Iterable[Entity]) -> None:
        """Put *entities* as they are now."""
        self._keep_entities(list(self._entity_rows(entities)))

    def change_entities(self, entities: Iterable[Entity]) -> None:
        """Put *entities* as they are now, none of which is new, and none changed in what says who has copies of it."""
        sql = "UPDATE entities SET title = ?4, doc = ?5, owner = ?6, identity = ?7 WHERE key = ?1 AND kind = ?2 AND number = ?3"
        self._many(sql, self._entity_rows(entities))

    def _entity_rows(self, entities: Iterable[Entity]) -> Iterator[tuple[Any, ...]]:
        for entity in entities:
            values = codec.said_of(entity)
            row = codec.entity_row(entity, codec.doc_of(entity, codec.values_json(entity.kind, values)))
            self._remember(entity, row[codec.DOC], values)
            yield row

    def _keep_entities(self, rows: Iterable[tuple[Any, ...]], begun: int | None = None) -> None:
        """Most are new, or none is: of a statement that may replace any, SQLite keeps a journal."""
        revision = self._next_revision()
        new = [(*row, revision, begun) for row in rows]
        if self._insert(f"INSERT OR IGNORE INTO entities ({ENTITY})", new) < len(new):
            self._many(
                f"""INSERT INTO entities ({ENTITY}) VALUES ({marks(range(9))})
                    ON CONFLICT (key) DO UPDATE SET title = excluded.title, doc = excluded.doc, owner = excluded.owner,
                    identity = excluded.identity, revision = excluded.revision""",
                new,
            )

    def counts(self) -> dict[str, int]:
        """How many entities there are, by kind."""
        return dict(self._rows("SELECT kind, count(*) FROM entities WHERE gone = 0 GROUP BY kind"))

    def bindings_of(self, keys: Iterable[str]) -> dict[str, list[Binding]]:
        """Every tie of each of *keys*."""
        found: dict[str, list[Binding]] = {}
        for some in chunks(keys):
            for tie in self._ties(f"key IN ({marks(some)})", some):
                found.setdefault(tie.key, []).append(tie)
        return found

    def bindings_at(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, Binding]:
        """By remote id: the ties of those copies that have one."""
        found: dict[str, Binding] = {}
        for some in chunks(remotes):
            where = f"connection = ? AND kind = ? AND remote IN ({marks(some)})"
            found |= {tie.remote: tie for tie in self._ties(where, [connection, kind, *some])}
        return found

    def ties_at(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, tuple[str, str]]:
        """By remote id: the key and the state of the ties of those copies that have one."""
        found: dict[str, tuple[str, str]] = {}
        for some in chunks(remotes):
            sql = f"SELECT remote, key, state FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            found.update((remote, (key, state)) for remote, key, state in self._rows(sql, [connection, kind, *some]))
        return found

    def owed(self, connection: str, kind: Kind, after: str = "") -> list[Binding]:
        """The next copies that are owed something, by key, *after* being the last key that was looked at."""
        where = "connection = ? AND kind = ? AND owed = 1 AND state = 'bound' AND key > ? ORDER BY key LIMIT ?"
        return list(self._ties(where, [connection, kind, after, MOST_VARIABLES]))

    def _ties(self, where: str, values: Sequence[Any]) -> Iterator[Binding]:
        for row in self._rows(f"SELECT {BINDING} FROM bindings WHERE {where}", values):
            known = self._known_ties.get(row)
            if known is None:
                if len(self._known_ties) >= REMEMBERED_TIES:
                    self._known_ties.clear()
                known = self._known_ties[row] = codec.binding_from(row, self._prints(row[PRINTS]))
            yield known

    def _prints(self, name: str) -> Mapping[str, str]:
        """The fingerprints that are kept under *name*, which is made of them."""
        if name not in self._known_prints:
            rows = self._rows("SELECT doc FROM prints WHERE name = ?", [name])
            self._known_prints[name] = codec.data_of(rows[0][0]) if rows else {}
        return self._known_prints[name]

    def has_below(self, connection: str, key: str, states: Sequence[str]) -> bool:
        """Whether anything that belongs to *key*, deleted elsewhere or not, has a copy there whose tie is in one of *states*."""
        sql = f"""SELECT 1 FROM entities AS e CROSS JOIN bindings AS b ON b.key = e.key
                  WHERE e.owner = ? AND b.connection = ? AND b.state IN ({marks(states)}) LIMIT 1"""
        return bool(self._rows(sql, [key, connection, *states]))

    def ties_in(self, connection: str, kind: Kind, states: Sequence[str]) -> list[Binding]:
        """The copies whose tie is in one of *states*, by key."""
        where = f"connection = ? AND kind = ? AND state IN ({marks(states)}) ORDER BY key"
        return list(self._ties(where, [connection, kind, *states]))

    def blocked(self, connection: str | None = None) -> list[Binding]:
        """The copies of which something can be neither read nor written."""
        where, values = ("AND connection = ?", [connection]) if connection else ("", [])
        return list(self._ties(f"blocked <> '{{}}' {where} ORDER BY key", values))

    def hidden(self, connection: str) -> list[Binding]:
        """The copies that cannot be seen any more, and are left alone until they can."""
        return list(self._ties("connection = ? AND state = 'hidden' ORDER BY key", [connection]))

    def owed_keys(self, connection: str, kind: Kind) -> set[str]:
        """What has a copy that is owed something."""
        sql = "SELECT key FROM bindings WHERE connection = ? AND kind = ? AND owed = 1 AND state = 'bound'"
        return {key for (key,) in self._rows(sql, [connection, kind])}

    def judged(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """By remote id: the digest of the record last judged, and when the service had noted that state, as text."""
        found: dict[str, tuple[str, str | None]] = {}
        for some in chunks(remotes):
            sql = f"SELECT remote, digest, at FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            rows = self._rows(sql, [connection, kind, *some])
            found.update((remote, (digest, at)) for remote, digest, at in rows)
        return found

    def bound(self, connection: str, kind: Kind) -> Iterator[str]:
        """The remote ids of every copy that is kept in step."""
        sql = "SELECT remote FROM bindings WHERE connection = ? AND kind = ? AND state = 'bound'"
        return (remote for (remote,) in self._rows(sql, [connection, kind]))

    def key_at(self, connection: str, kind: Kind, remote: str) -> str | None:
        """The key of the entity that a record is a copy of."""
        sql = "SELECT key FROM bindings WHERE connection = ? AND kind = ? AND remote = ? AND state = 'bound'"
        rows = self._rows(sql, [connection, kind, remote])
        return rows[0][0] if rows else None

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
        if ties := list(bindings):
            rows = self._tie_rows(ties)
            if self._many(CHANGE_TIE, rows) < len(rows):  # some are new, or another copy's, or another entity's
                self._put_bindings(rows)
            self._stir_unbound(ties)

    def keep_owed(self, ties: Iterable[tuple[Binding, bool]]) -> None:
        """Note of ties that are just as they were whether their copies are owed something now."""
        self._many(
            "UPDATE bindings SET owed = ? WHERE connection = ? AND kind = ? AND remote = ?",
            [(int(owed), tie.connection, tie.kind.value, tie.remote) for tie, owed in ties],
        )

    def _tie_rows(self, ties: Sequence[tuple[Binding, bool]]) -> list[tuple[Any, ...]]:
        prints = self._keep_prints(binding.maps for binding, _ in ties)
        return [codec.binding_row(binding, prints[id(binding.maps)], owed=owed) for binding, owed in ties]

    def _keep_prints(self, maps: Iterable[Mapping[str, str]]) -> dict[int, str]:
        """Keep fingerprints, once for all ties that have the same; by the `id` of each, the name that they are kept under."""
        named = {number: codec.prints_of(each) for number, each in {id(each): each for each in maps}.items()}
        self._many("INSERT OR IGNORE INTO prints VALUES (?, ?)", set(named.values()))
        return {number: name for number, (name, _) in named.items()}

    def _put_bindings(self, ties: Sequence[tuple[Any, ...]]) -> None:
        """Most are new: to replace any, SQLite would keep a journal of each statement."""
        if self._insert(f"INSERT OR IGNORE INTO bindings ({TIE})", ties) < len(ties):
            self._insert(f"INSERT OR REPLACE INTO bindings ({TIE})", ties)

    def keep_ties(self, bindings: Iterable[tuple[Binding, bool]]) -> None:
        """Put ties that are new, or bound again: what belongs to their entities may have copies there from now on."""
        ties = list(bindings)
        self._put_bindings(self._tie_rows(ties))
        self._stir_unbound(ties)
        if not self._rows("SELECT 1 FROM entities WHERE owner IS NOT NULL LIMIT 1"):
            return
        revision = self._next_revision()
        for some in chunks(tie.key for tie, _ in ties):
            self._run(f"UPDATE entities SET revision = ? WHERE owner IN ({marks(some)})", [revision, *some])

    def drop_binding(self, binding: Binding) -> None:
        """Forget a tie; entity and copy stay."""
        self._run(
            "DELETE FROM bindings WHERE connection = ? AND kind = ? AND remote = ?",
            [binding.connection, binding.kind, binding.remote],
        )
        self.stir([binding.key])

    def _stir_unbound(self, ties: Iterable[tuple[Binding, bool]]) -> None:
        self.stir([binding.key for binding, _ in ties if binding.state != "bound"])

    def stir(self, keys: Iterable[str]) -> None:
        """Have it considered anew whether these lack copies."""
        if known := list(keys):
            revision = self._next_revision()
            self._many("UPDATE entities SET revision = ? WHERE key = ?", ((revision, key) for key in known))

    def _next_revision(self) -> int:
        return self.revision() + 1

    def revision(self) -> int:
        """Grows with every change of an entity or its ties."""
        ((last,),) = self._rows("SELECT coalesce(max(revision), 0) FROM entities")
        return int(last)
