"""Between the hub's values and the text that the database keeps."""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

import orjson

from hub.errors import StoreError
from hub.mapping import Account
from hub.model import (
    NOTHING,
    PLAIN,
    Audience,
    Entity,
    Kind,
    Priority,
    RequirementStatus,
    RequirementType,
    Stamp,
    TaskStatus,
    as_it_is,
    entity_class,
    fields_of,
)
from hub.reconcile import Binding, Contender, Event, Hold
from hub.sdk.records import Record, Touch

KIND_OF_PREFIX = {kind.prefix: kind for kind in Kind}
KIND_OF_NAME = {kind.value: kind for kind in Kind}
KINDS = {kind: kind.value for kind in Kind}
"""As mere text, which SQLite takes without asking what it is."""


KEY, DOC = 0, 4
"""Where an entity's key and text stand in its row."""
SORTED = orjson.OPT_SORT_KEYS
NOTHING_AT_ALL = "{}"
WRITTEN = PLAIN | {date, RequirementStatus, RequirementType, Priority, TaskStatus, Audience}
"""Types whose values `text` writes as they are written everywhere."""
EXACT = WRITTEN - {float}
EVERYTHING = "*"
"""The field of an event that tells of several fields at once."""
BEGINNINGS = "**"
"""The field of an event that tells how many entities began: `new` has by key, for each stamp, its four parts and the values."""


def text(data: Any) -> str:
    """JSON data as compact, deterministic text."""
    try:
        return orjson.dumps(data, option=SORTED).decode()
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits, which services do send
        return json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)


def data_of(shown: str) -> Any:
    """The JSON data that `text` wrote. Raises StoreError for what it did not write."""
    try:
        return orjson.loads(shown)
    except orjson.JSONDecodeError:  # half a surrogate pair, which only the slower reader takes
        try:
            return json.loads(shown)
        except ValueError as garbage:
            raise StoreError(f"the database holds what no hub wrote: {shown[:40]!r}", fix="hub doctor") from garbage


@functools.lru_cache(maxsize=512)
def moment(at: datetime) -> str:
    """An instant as RFC 3339 text in UTC, which sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(shown: str) -> datetime:
    """The instant that `moment` wrote."""
    return datetime.fromisoformat(shown)


def run_number(run: str) -> int:
    """Which run it is in their order, by its name: 17 of `R-17`."""
    return int(run.removeprefix("R-"))


def kind_of(key: str) -> Kind:
    """The kind that a key such as `REQ-12` is of. Raises KeyError."""
    return KIND_OF_PREFIX[key.partition("-")[0]]


def values_json(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values by field, as data of which `text` makes JSON."""
    data, fields = dict(values), fields_of(entity_class(kind))
    for name, value in values.items():
        if value.__class__ not in WRITTEN:
            data[name] = fields[name].to_json(value)
    return data


def values_from(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """What `values_json` wrote; fields that the model no longer has are passed over."""
    fields, words = fields_of(entity_class(kind)), _words(kind)
    return {
        name: value
        if value.__class__ is str and name in words
        else fields[name].restored(value)
        if value.__class__ is dict
        else fields[name].restore(value)
        for name, value in data.items()
        if name in fields
    }


@functools.cache
def _words(kind: Kind) -> frozenset[str]:
    """The fields of *kind* that hold words, which are the same in JSON."""
    return frozenset(name for name, field in fields_of(entity_class(kind)).items() if field.restore is as_it_is)


def entity_text(entity: Entity) -> str:
    """An entity without its key; only what is not as in a new one. Stamps stand with the fields that they are of."""
    return doc_of(entity, values_json(entity.kind, said_of(entity)))


def said_of(entity: Entity) -> dict[str, Any]:
    """The values that are not those of a new entity."""
    values = vars(entity)
    return {n: value for n, field in fields_of(type(entity)).items() if (value := values[n]) != field.default}


def doc_of(entity: Entity, values: Mapping[str, Any]) -> str:
    """An entity of which *values*, in JSON, are all that is not as in a new one."""
    stamped: dict[int, tuple[Stamp, list[str]]] = {}
    for name, stamp in entity.stamps.items():
        known = stamped.get(id(stamp))
        if known is None:
            stamped[id(stamp)] = stamp, [name]
        else:
            known[1].append(name)
    stamps = [[stamp_json(stamp), names] for stamp, names in stamped.values()]
    return text({"values": values, "stamps": stamps})


def entity_from(key: str, doc: str) -> Entity:
    """What `entity_text` wrote."""
    data, kind = data_of(doc), kind_of(key)
    stamps = {name: stamp for shown, names in data["stamps"] for stamp in [_stamp(*shown)] for name in names}
    return entity_class(kind).restored(key, values_from(kind, data["values"]), stamps)


def reads_back(entity: Entity, said: Iterable[str]) -> bool:
    """Whether `entity_from` is sure to give just this entity for its text, so that nobody need ask it to.

    Not sure are values that could still be changed where they came from, or of which JSON has no exact form.

    Args:
        said: The fields in which it is not as any new one.
    """
    return _inexact(type(entity)).isdisjoint(said)


@functools.cache
def _inexact(model: type[Entity]) -> frozenset[str]:
    """The fields whose values only pydantic can read back: persons, criteria, moments, custom values, hours."""
    return frozenset(n for n, field in fields_of(model).items() if field.restore == field.adapter.validate_python)


def entity_row(entity: Entity, doc: str | None = None) -> tuple[Any, ...]:
    """An entity in the order key, kind, number, title, doc, owner, identity."""
    place = (entity.key, KINDS[entity.kind], int(entity.key.partition("-")[2]), entity.label)
    return (*place, doc or entity_text(entity), entity.belongs_to, entity.identity)


def stamp_json(stamp: Stamp) -> tuple[str, str, str, str]:
    """A stamp as who, where, when, by what right."""
    return stamp.who, stamp.connection, moment(stamp.at), stamp.because


def _stamp_from(data: list[str]) -> Stamp:
    return _stamp(*data)


@functools.lru_cache(maxsize=512)
def _stamp(who: str, connection: str, at: str, because: str) -> Stamp:
    """Most stamps are those of many fields, and of many entities that were read at once."""
    return Stamp(who, connection, instant(at), because)


def prints_of(maps: Mapping[str, str]) -> tuple[str, str]:
    """The fingerprints of a binding's fields as text, and the short name under which that text is kept once for all."""
    doc = text(dict(maps))
    return hashlib.blake2b(doc.encode(), digest_size=6).hexdigest(), doc


def binding_row(binding: Binding, prints: str, *, owed: bool) -> tuple[Any, ...]:
    """A binding in the order of its table's columns, *prints* being the name of its fingerprints."""
    return row_of_binding(binding, values_json(binding.kind, binding.agreed), prints, owed=owed)


def row_of_binding(binding: Binding, agreed: Mapping[str, Any], prints: str, *, owed: bool) -> tuple[Any, ...]:
    """What is agreed is written as the names of the fields that show just that, and the values of the others."""
    seen = binding.seen
    return (
        binding.connection,
        KINDS[binding.kind],
        binding.remote,
        binding.key,
        binding.digest,
        moment(binding.at) if binding.at else None,
        binding.state,
        int(owed),
        binding.shown_key,
        binding.url,
        text(binding.blocked) if binding.blocked else NOTHING_AT_ALL,
        prints,
        text(seen),
        _agreed_text(seen, agreed),
    )


def _agreed_text(seen: Mapping[str, Any], agreed: Mapping[str, Any]) -> str:
    others = {name: value for name, value in agreed.items() if seen.get(name, NOTHING) != value}
    return f"[{_names_but(tuple(agreed), tuple(others))},{text(others)}]"


@functools.lru_cache(maxsize=512)
def _names_but(names: tuple[str, ...], others: tuple[str, ...]) -> str:
    return text([name for name in names if name not in others])


def binding_from(row: tuple[Any, ...], maps: Mapping[str, str]) -> Binding:
    """What `binding_row` wrote, in the order of `BINDING`."""
    connection, kind, remote, key, digest, at, state, shown_key, url, blocked, _, shown, agreed = row
    seen, (same, others) = data_of(shown), data_of(agreed)
    of_kind = KIND_OF_NAME[kind]
    values = {name: seen[name] for name in same}
    return Binding(
        connection,
        of_kind,
        remote,
        key,
        seen,
        values_from(of_kind, values | others if others else values),
        maps,
        {} if blocked == NOTHING_AT_ALL else data_of(blocked),
        digest,
        shown_key,
        url,
        state,
        instant(at) if at else None,
    )


def hold_text(hold: Hold) -> str:
    """What a hold consists of beside its key, field and time."""
    return text({"base": _value(hold, hold.base), "contenders": [_contender(hold, c) for c in hold.contenders]})


def hold_from(row: tuple[Any, ...]) -> Hold:
    """A hold from its table's columns number, key, field, doc, since, state."""
    number, key, field, doc, since, state = row
    data, kind = data_of(doc), kind_of(key)
    field_ = fields_of(entity_class(kind))[field]
    contenders = tuple(
        Contender(
            c["connection"],
            field_.from_json(c["value"]),
            field_.from_json(c["base"]),
            _stamp_from(c["stamp"]),
            NOTHING if c["own"] else c["shown"],
            c["own"],
        )
        for c in data["contenders"]
    )
    return Hold(
        key, field, field_.from_json(data["base"]), contenders, instant(since), f"H-{number}", lost=state == "lost"
    )


def _contender(hold: Hold, contender: Contender) -> dict[str, Any]:
    return {
        "connection": contender.connection,
        "value": _value(hold, contender.value),
        "base": _value(hold, contender.base),
        "stamp": stamp_json(contender.stamp),
        "shown": None if contender.own else contender.shown,
        "own": contender.own,
    }


def _value(hold: Hold, value: Any) -> Any:
    return fields_of(entity_class(kind_of(hold.key)))[hold.field].to_json(value)


def told_at_once(kind: Kind, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of one entity that began with others, in the event *told*: an event for each of its fields."""
    fields = fields_of(entity_class(kind))
    for who, connection, at, because, values in told["new"]:
        stamp = {"who": who, "connection": connection, "at": at, "because": because}
        for field, value in values.items():
            known = fields.get(field)
            yield {
                **told,
                **stamp,
                "field": field,
                "old": known.to_json(known.default) if known else None,
                "new": value,
            }


def event_rows(events: Iterable[Event], run: str | None, noted: datetime) -> Iterator[tuple[Any, ...]]:
    """Events in the order of their table's columns after the id. What one person set at once in an entity is one row."""
    at = moment(noted)
    for _, same in groupby(events, lambda event: (event.key, event.overruled, id(event.stamp))):
        some = list(same)
        if 1 < len({event.field for event in some}) == len(some):
            yield _row_of_several(some, run, at)
        else:
            yield from (_row_of_event(event, run, at) for event in some)


def _row_of_event(event: Event, run: str | None, noted: str) -> tuple[Any, ...]:
    """An event that is told by itself."""
    field = fields_of(entity_class(kind_of(event.key)))[event.field]
    told = (*stamp_json(event.stamp), run, noted, int(event.overruled))
    return (event.key, event.field, text(field.to_json(event.old)), text(field.to_json(event.new)), *told)


def _row_of_several(events: Sequence[Event], run: str | None, noted: str) -> tuple[Any, ...]:
    """Events of one entity and one stamp, each of another field."""
    first = events[0]
    old = values_json(kind_of(first.key), {event.field: event.old for event in events})
    new = values_json(kind_of(first.key), {event.field: event.new for event in events})
    told = (*stamp_json(first.stamp), run, noted, int(first.overruled))
    return (first.key, EVERYTHING, text(old), text(new), *told)


def record_text(record: Record) -> str:
    """A record without what is never stored."""
    return text(
        {
            "id": record.id,
            "fields": record.fields,
            "version": record.version,
            "key": record.key,
            "url": record.url,
            "touched": _touch_json(record.touched) if record.touched else None,
            "touches": {name: _touch_json(touch) for name, touch in record.touches.items()},
            "marker": record.marker,
            "archived": record.archived,
            "at": moment(record.at) if record.at else None,
        }
    )


def record_from(shown: str) -> Record:
    """What `record_text` wrote."""
    data = data_of(shown)
    data["at"] = instant(data["at"]) if data["at"] else None
    data["touched"] = _touch_from(data["touched"]) if data["touched"] else None
    data["touches"] = {name: _touch_from(touch) for name, touch in data["touches"].items()}
    return Record(**data)


def _touch_json(touch: Touch) -> list[Any]:
    return [touch.who.id, touch.who.name, touch.who.email, moment(touch.at)]


def _touch_from(data: list[Any]) -> Touch:
    return Touch(Account(data[0], data[1], data[2]), instant(data[3]))


def digest(record: Record) -> str:
    """Changes when, and only when, what a record shows does: not when it was read, nor by whom it was touched."""
    shown = (record.fields, record.archived, record.key, record.url)
    try:
        packed = orjson.dumps(shown, option=SORTED)
    except TypeError:
        packed = json.dumps(shown, sort_keys=True).encode()
    return hashlib.blake2b(packed, digest_size=12).hexdigest()
