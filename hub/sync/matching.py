"""First meeting: which records of the services of a sync look like the same thing, and tying those that do."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from hub.config import Sync
from hub.errors import UsageError
from hub.model import Entity, Kind, Person, fields_of
from hub.reconcile import adopt
from hub.sdk.records import Record
from hub.store import Store
from hub.sync.deciding import tie
from hub.sync.likeness import Likeness, Sample, alike
from hub.sync.partner import Partner, accounts_in
from hub.sync.strangers import tie_to_new

LEAST = 0.6
"""Pairs below this are not worth a person's time."""
KINDS = (Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT, Kind.TASK)
"""Comments and attachments follow what they belong to."""
IDENTITIES = {Kind.CLIENT: "domain", Kind.CONTACT: "email"}
"""Fields whose equal values are proof."""

Place = tuple[str, str]
"""A connection, and the id of a record there."""


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair."""

    connection: str
    id: str
    key: str | None = None
    title: str = ""

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.connection, self.id

    def as_json(self) -> dict[str, Any]:
        """In the shape of `hub match`."""
        return {"connection": self.connection, "id": self.id, "key": self.key, "title": self.title}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that look like the same thing; *left* is of the spoke that the configuration names first."""

    kind: Kind
    left: Side
    right: Side
    score: float = 1.0
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """In the shape of `hub match`."""
        told = {"kind": self.kind.value, "score": self.score, "why": self.why}
        return {**told, "left": self.left.as_json(), "right": self.right.as_json()}


@dataclass(frozen=True, slots=True)
class _Found:
    """A record that is nobody's copy yet, and what it stands for.

    Args:
        wanted: Whether the sync would take it up by itself.
    """

    partner: Partner
    record: Record
    entity: Entity
    wanted: bool

    @property
    def place(self) -> Place:
        return self.partner.name, self.record.id

    @property
    def side(self) -> Side:
        return Side(self.partner.name, self.record.id, self.record.key, self.entity.label)


async def propose(
    sync: Sync,
    partners: Mapping[str, Partner],
    store: Store,
    now: datetime,
    *,
    apply: bool,
    chosen: Sequence[Pair] | None = None,
) -> list[dict[str, Any]]:
    """Pairs of records that look like the same thing, one-to-one between any two spokes, the surest first.

    Args:
        apply: Tie them: the left record becomes an entity, the right one its copy. What differs between the two is
            judged by the next run, without a base.
        chosen: Tie just these pairs, by kind, connections and ids, whoever proposed them.

    Raises:
        ServiceError: A service could not be read whole; nothing was tied.
        UsageError: A chosen record is not there, or is a copy already; nothing was tied.
    """
    await asyncio.gather(*(_open(partner) for partner in partners.values()))
    pairs: list[Pair] = []
    found: dict[tuple[Kind, Place], _Found] = {}
    for kind in KINDS:
        spokes = [p for p in partners.values() if kind in p.spoke.routes]
        if len(spokes) > 1:
            unbound = await asyncio.gather(*(_unbound(partner, kind, store, now) for partner in spokes))
            found |= {(kind, each.place): each for some in unbound for each in some}
            pairs += _pairs(kind, unbound, _names_of_clients(found))
    if chosen is not None:
        pairs = [_free(pair, found) for pair in chosen]
    if apply:
        with store.transaction():
            _apply(pairs, found, list(sync.spokes), store, now)
    return [pair.as_json() for pair in pairs]


async def _open(partner: Partner) -> None:
    partner.identity = await partner.connector.open()
    partner.learn([partner.identity.account])


async def _unbound(partner: Partner, kind: Kind, store: Store, now: datetime) -> list[_Found]:
    """Every record of a kind that is nobody's copy; a marker tells nothing to a store that does not know of it."""
    records: dict[str, Record] = {}
    async for page in partner.connector.changes(kind, None, full=True):
        records |= {record.id: record for record in page.records}
    bound = store.bindings_at(partner.name, kind, records)
    fresh = [record for record in records.values() if record.id not in bound]
    mapping = partner.mapping(kind)
    partner.learn(accounts_in(fresh, mapping))
    return [_lifted(partner, kind, record, now) for record in fresh]


def _lifted(partner: Partner, kind: Kind, record: Record, now: datetime) -> _Found:
    adopted = adopt("", kind, partner.name, partner.observation(record, now), partner.mapping(kind))
    route = partner.spoke.routes[kind]
    return _Found(partner, record, adopted.entity, route.originates and route.where.takes(adopted.entity))


def _names_of_clients(found: Mapping[tuple[Kind, Place], _Found]) -> dict[Place, str]:
    return {place: each.entity.label.casefold() for (kind, place), each in found.items() if kind is Kind.CLIENT}


def _free(pair: Pair, found: Mapping[tuple[Kind, Place], _Found]) -> Pair:
    """A pair that a person chose, as long as both its records can be tied. Raises UsageError."""
    sides = [found.get((pair.kind, side.place)) for side in (pair.left, pair.right)]
    for side, there in zip((pair.left, pair.right), sides, strict=True):
        if there is None:
            raise UsageError(
                f"{side.connection} has no {pair.kind} {side.id!r} that is free to be tied",
                fix="take that line out, or make the table anew with: hub match SYNC --save FILE",
            )
    return pair


def _pairs(kind: Kind, unbound: Sequence[Sequence[_Found]], clients: Mapping[Place, str]) -> list[Pair]:
    """One-to-one between any two spokes, the surest first; no group has two records of one spoke."""
    likely: list[tuple[_Found, _Found, Likeness]] = []
    samples = [[_sample(kind, each, clients) for each in some] for some in unbound]
    for (one, left), (other, right) in combinations(enumerate(unbound), 2):
        found = alike(samples[one], samples[other], least=LEAST)
        likely += [(left[each.left], right[each.right], each) for each in found]
    groups = _Groups()
    pairs = []
    for left_record, right_record, likeness in sorted(likely, key=lambda each: -each[2].score):
        wanted = left_record.wanted or right_record.wanted
        if wanted and groups.join(left_record.place, right_record.place):
            pairs.append(Pair(kind, left_record.side, right_record.side, likeness.score, likeness.why))
    return pairs


def _sample(kind: Kind, found: _Found, clients: Mapping[Place, str]) -> Sample:
    entity, identity = found.entity, IDENTITIES.get(kind)
    known = fields_of(type(entity))
    extras = {name: _comparable(entity.value(name)) for name in ("due", "labels", "assignees") if name in known}
    if client := _client_of(found, clients):
        extras["client"] = client
    return Sample(
        entity.value(entity.title_field),
        entity.value("description") if "description" in known else "",
        found.record.key,
        found.record.url,
        str(entity.value(identity) or "").casefold() or None if identity else None,
        extras,
    )


def _client_of(found: _Found, clients: Mapping[Place, str]) -> str | None:
    """The name of the client that a record belongs to, as its own service knows it."""
    lens = found.partner.mapping(found.entity.kind).get("client")
    shown = found.record.fields.get(lens.remote) if lens else None
    return clients.get((found.partner.name, str(shown))) if shown else None


def _comparable(value: Any) -> Any:
    """*value* so that it compares across services: people by name where an e-mail is hidden."""
    if isinstance(value, frozenset):
        return frozenset(str(each).casefold() if isinstance(each, Person | str) else each for each in value)
    return value


class _Groups:
    """Records that were found to be the same thing; at most one of each connection in a group."""

    def __init__(self) -> None:
        self._of: dict[Place, dict[str, str]] = {}

    def join(self, one: Place, other: Place) -> bool:
        """Put two groups together; False if both have a record of the same connection, or are one already."""
        left, right = self._of.get(one, dict([one])), self._of.get(other, dict([other]))
        if left is right or left.keys() & right.keys():
            return False
        both = {**left, **right}
        for place in both.items():
            self._of[place] = both
        return True

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Every group once, as connection → id."""
        return iter({id(group): group for group in self._of.values()}.values())


def _apply(
    pairs: Iterable[Pair],
    found: Mapping[tuple[Kind, Place], _Found],
    order: Sequence[str],
    store: Store,
    now: datetime,
) -> None:
    """Each group becomes an entity, from its record of the first spoke; its other records become copies of that."""
    groups: dict[Kind, _Groups] = {}
    for pair in pairs:
        groups.setdefault(pair.kind, _Groups()).join(pair.left.place, pair.right.place)
    for kind, some in groups.items():
        for group in some:
            first, *others = sorted(group.items(), key=lambda place: order.index(place[0]))
            key = _adopt(found[kind, first], kind, store, now)
            for place in others:
                tie(store, key, kind, place[0], found[kind, place].record, now)


def _adopt(found: _Found, kind: Kind, store: Store, now: datetime) -> str:
    """Keep a record as a new entity; the key of that."""
    (key,) = store.next_keys(kind, 1)
    name, record = found.partner.name, found.record
    adopted = adopt(key, kind, name, found.partner.observation(record, now), found.partner.mapping(kind))
    store.keep_entities([adopted.entity])
    store.keep_bindings([(tie_to_new(record, name, adopted), False)])
    store.keep_events(adopted.events, None, now)
    if adopted.blocked:
        store.keep_records(name, kind, [record], now)
    else:
        store.drop_records([(name, kind.value, record.id)])
    return key
