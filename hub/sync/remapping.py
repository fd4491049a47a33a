"""What a changed mapping will do in the next run, foreseen from what the hub remembers. Reads the store, writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.config import Sync
from hub.model import NOTHING, Entity, Kind, Stamp
from hub.reconcile import Binding, Observation, reconcile, remapped
from hub.store import Store, chunks
from hub.store.codec import data_of
from hub.sync.partner import Partner

NOBODY = Stamp(who="", connection="", at=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Remapped:
    """A field that is mapped otherwise than when its copies were last judged.

    Args:
        was: The record's field then; None if it was not mapped.
        now: The record's field now; None if it is not mapped any more.
        copies: How many copies were judged.
        owed: How many of them stand for another value now, and would be written.
        unread: How many of them show what the new mapping does not know.
    """

    connection: str
    kind: Kind
    field: str
    was: str | None
    now: str | None
    copies: int = 0
    owed: int = 0
    unread: int = 0


def foresee(sync: Sync, partners: Mapping[str, Partner], store: Store) -> Iterator[Remapped]:
    """Every field of a sync that is mapped otherwise now. What copies show is taken for what they showed last."""
    for partner in partners.values():
        for kind in partner.kinds():
            before, _ = store.mapped(sync.name, partner.name, kind)
            if before is not None:
                yield from _of_kind(sync, partner, kind, data_of(before), store)


def _of_kind(sync: Sync, partner: Partner, kind: Kind, before: Mapping[str, str], store: Store) -> Iterator[Remapped]:
    prints = partner.mapping(kind).fingerprints()
    places = {
        name: (_place(before.get(name)), _place(prints.get(name)))
        for name in sorted({*before, *prints})
        if before.get(name) != prints.get(name)
    }
    if not places:
        return
    same = frozenset(name for name, (was, now) in places.items() if was == now)
    copies, owed, unread = 0, dict.fromkeys(same, 0), dict.fromkeys(same, 0)
    for tie, entity in _copies(partner, kind, store):
        copies += 1
        after, unreadable = _judged_anew(sync, partner, tie, entity, same)
        for name in same:
            owed[name] += name in remapped(after)
            unread[name] += name in unreadable
    for name, (was, now) in places.items():
        yield Remapped(partner.name, kind, name, was, now, copies, owed.get(name, 0), unread.get(name, 0))


def _place(known: str | None) -> str | None:
    return None if known is None else known.rpartition("#")[0]


def _copies(partner: Partner, kind: Kind, store: Store) -> Iterator[tuple[Binding, Entity]]:
    for some in chunks(list(store.bound(partner.name, kind))):
        ties = store.bindings_at(partner.name, kind, some).values()
        entities = store.entities(tie.key for tie in ties)
        yield from ((tie, entities[tie.key]) for tie in ties)


def _judged_anew(
    sync: Sync, partner: Partner, tie: Binding, entity: Entity, names: frozenset[str]
) -> tuple[Binding, frozenset[str]]:
    """A copy as the next run will take it, if it shows still what it did; and the fields that could not be read."""
    judged = [name for name in names if tie.seen_of(name) is not NOTHING]
    mapping = partner.mapping(tie.kind).only(*judged)
    shown = Observation({mapping[name].remote: tie.seen[name] for name in judged}, NOBODY)
    found = reconcile(entity, [tie], {tie.connection: shown}, {tie.connection: mapping}, sync.rules)
    after = next(iter(found.bindings), tie)
    return after, frozenset(blocked.field for blocked in found.blocked)
