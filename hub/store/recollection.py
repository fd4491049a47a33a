"""Whether entities are what their history says, and how one is made again from that and from its copies."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from hub.model import Entity, Kind, Stamp, entity_class, fields_of
from hub.reconcile import Binding
from hub.store import codec
from hub.store.defects import MEND, UNREADABLE, Defect, Mend, restore, rows, run
from hub.store.rows import chunks
from hub.store.store import Store

T = TypeVar("T")


def entities(store: Store) -> Iterator[Defect]:
    """Whether every entity can be read, is where it is referred to, and its columns say what it says."""
    listed = rows(store, "SELECT key, kind, number, title, owner, identity FROM entities ORDER BY kind, number")
    there = {row[0] for row in listed}
    for key, *columns in listed:
        try:
            entity = store.entities([key])[key]
        except UNREADABLE:
            yield _missing(store, key, f"{key}: what is kept of it cannot be read")
            continue
        _, kind, number, title, _, owner, identity = codec.entity_row(entity)
        if [kind, number, title, owner, identity] != columns:
            yield Defect("entities", "error", f"{key}: what it is listed as is not what it is", MEND, _relist(key))
        elif owner is not None and owner not in there:
            yield _missing(store, owner, f"{key} belongs to {owner}, which is not there")
    for (key,) in rows(store, "SELECT DISTINCT key FROM bindings WHERE key NOT IN (SELECT key FROM entities)"):
        yield _missing(store, key, f"{key} has copies, and is not there itself")


def values(store: Store) -> Iterator[Defect]:
    """Whether every entity is what its history says it became. Told only where the history is what was written."""
    intact = functools.cache(lambda: not store.broken_seals())
    for some in chunks(key for (key,) in rows(store, "SELECT key FROM entities ORDER BY kind, number")):
        known = _entities(store, some)
        for key, last in store.told_last(some).items():
            if (entity := known.get(key)) and (other := _unlike(entity, last)) and intact():
                said = f"{key}: {', '.join(other)} is not what its history says"
                yield Defect("values", "error", said, MEND, _set_back(key, other))


def _entities(store: Store, keys: Sequence[str]) -> Mapping[str, Entity]:
    """Those that can be read; one by one only where some cannot."""
    if together := _readable(lambda: store.entities(keys)):
        return together
    found: dict[str, Entity] = {}
    for key in keys:
        found |= _readable(functools.partial(store.entities, [key])) or {}
    return found


def _unlike(entity: Entity, told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of *entity* that are not as they were *told* of last, with what was told."""
    fields = fields_of(type(entity))
    return {
        name: value
        for name, value in told.items()
        if name in fields and fields[name].to_json(entity.value(name)) != value and not _forgotten(entity, name)
    }


def _forgotten(entity: Entity, name: str) -> bool:
    """Whether it is the hash of bytes that were lost: they are read again, and are told of then."""
    return name == entity.identity_field and entity.identity is None


def _set_back(key: str, told: Mapping[str, Any]) -> Mend:
    def mend(store: Store) -> None:
        entity = store.entities([key])[key]
        store.keep_entities([entity.model_copy(update=codec.values_from(entity.kind, told))])

    return mend


def _missing(store: Store, key: str, said: str) -> Defect:
    """Derivable where the history or a copy still says what it was."""
    if _remembered(store, key) is None:
        return Defect("entities", "error", said, restore(store))
    return Defect("entities", "error", said, MEND, lambda mending: _remake(mending, key))


def _remake(store: Store, key: str) -> None:
    if entity := _remembered(store, key):
        store.keep_entities([entity])
        store.find_beginning(key)


def _remembered(store: Store, key: str) -> Entity | None:
    """An entity as its history ends, and for what that does not tell, as its copies stand for."""
    kind = codec.KIND_OF_PREFIX.get(key.partition("-")[0])
    if kind is None:
        return None
    data: dict[str, Any] = {}
    for remote in rows(store, "SELECT connection, remote FROM bindings WHERE key = ? ORDER BY connection", [key]):
        tie = tie_at(store, kind, *remote)
        data |= codec.values_json(kind, tie.agreed) if tie else {}
    stamps: dict[str, Stamp] = {}
    for event in store.history(key):
        if event["field"] in fields_of(entity_class(kind)):
            data[event["field"]] = event["new"]
            stamps[event["field"]] = codec.stamp_from([event[part] for part in ("who", "connection", "at", "because")])
    if not data:
        return None
    return entity_class(kind)(key=key, stamps=stamps, **codec.values_from(kind, data))


def tie_at(store: Store, kind: Kind, connection: str, remote: str) -> Binding | None:
    """A copy's tie, if it can be read."""
    return _readable(lambda: store.bindings_at(connection, kind, [remote]).get(remote))


def _readable(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except UNREADABLE:
        return None


def _relist(key: str) -> Mend:
    def mend(store: Store) -> None:
        entity = store.entities([key])[key]
        run(store, "UPDATE entities SET kind = ?, number = ? WHERE key = ?", [*codec.entity_row(entity)[1:3], key])
        store.keep_entities([entity])

    return mend
