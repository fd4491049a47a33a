"""Between the hub's values and the text that the database keeps."""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ParamSpec, TypeVar

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
from hub.reconcile import Binding, Contender, Hold
from hub.sdk.records import Record, Touch

P = ParamSpec("P")
R = TypeVar("R")
KIND_OF_PREFIX = {kind.prefix: kind for kind in Kind}
KIND_OF_NAME = {kind.value: kind for kind in Kind}
KINDS = {kind: kind.value for kind in Kind}
"""As mere text, which SQLite takes without asking what it is."""


TOLD = 120
"""Characters that are shown of what cannot be read."""
KEY, DOC = 0, 4
"""Where an entity's key and text stand in its row."""
SORTED = orjson.OPT_SORT_KEYS
NOTHING_AT_ALL = "{}"
WRITTEN = PLAIN | {date, RequirementStatus, RequirementType, Priority, TaskStatus, Audience}
"""Types whose values `text` writes as they are written everywhere."""
EXACT = WRITTEN - {float}
NO_DIGEST = hashlib.blake2b(digest_size=12)
"""A copy of it is made in half the time that a new one takes."""


UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What may come of making values out of text that no hub wrote so."""


def reader(read: Callable[P, R]) -> Callable[P, R]:
    """Have *read* raise StoreError for whatever it cannot make sense of."""

    @functools.wraps(read)
    def safely(*given: P.args, **more: P.kwargs) -> R:
        try:
            return read(*given, **more)
        except UNREADABLE as error:
            raise garbage(given) from error

    return safely


def garbage(found: Any) -> StoreError:
    """The error for something *found* in the database that cannot be read."""
    shown = repr(found)
    shown = shown if len(shown) < TOLD else f"{shown[:TOLD]}…"
    return StoreError(f"the database holds what no hub wrote: {shown}", fix="hub doctor")


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
        except ValueError as error:
            raise garbage(shown) from error


@functools.lru_cache(maxsize=512)
def moment(at: datetime) -> str:
    """An instant as RFC 3339 text in UTC, which sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(shown: str) -> datetime:
    """The instant that `moment` wrote. Raises StoreError for what it did not write."""
    try:
        return datetime.fromisoformat(shown)
    except UNREADABLE as error:
        raise garbage(shown) from error


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


@reader
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


@reader
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


def stamp_from(data: Sequence[str]) -> Stamp:
    """What `stamp_json` wrote."""
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
        text(binding.seen),
        _agreed_text(binding.kind, binding.seen, binding.agreed),
    )


def _agreed_text(kind: Kind, seen: Mapping[str, Any], agreed: Mapping[str, Any]) -> str:
    """The names of the fields that show just what is agreed, null for all that are seen; and the values of the others."""
    fields = fields_of(entity_class(kind))
    others: dict[str, Any] = {}
    for name, value in agreed.items():
        data = value if value.__class__ in WRITTEN else fields[name].to_json(value)
        if seen.get(name, NOTHING) != data:
            others[name] = data
    same = None if agreed.keys() == seen.keys() else [name for name in agreed if name not in others]
    return text((same, others))


@reader
def binding_from(row: tuple[Any, ...], maps: Mapping[str, str]) -> Binding:
    """What `binding_row` wrote, in the order of `BINDING`."""
    connection, kind, remote, key, digest, at, state, shown_key, url, blocked, _, shown, agreed = row
    seen, (same, others) = data_of(shown), data_of(agreed)
    of_kind = KIND_OF_NAME[kind]
    fields = fields_of(entity_class(of_kind))
    if not seen.keys() <= fields.keys():  # another version of the hub had others
        seen = {name: value for name, value in seen.items() if name in fields}
    values = seen if same is None else {name: seen[name] for name in same}
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


@reader
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
            stamp_from(c["stamp"]),
            NOTHING if c["own"] else c.get("shown", NOTHING),
            c["own"],
        )
        for c in data["contenders"]
    )
    return Hold(
        key, field, field_.from_json(data["base"]), contenders, instant(since), f"H-{number}", lost=state == "lost"
    )


def _contender(hold: Hold, contender: Contender) -> dict[str, Any]:
    shown = {} if contender.shown is NOTHING else {"shown": contender.shown}
    return {
        "connection": contender.connection,
        "value": _value(hold, contender.value),
        "base": _value(hold, contender.base),
        "stamp": stamp_json(contender.stamp),
        "own": contender.own,
        **shown,
    }


def _value(hold: Hold, value: Any) -> Any:
    return fields_of(entity_class(kind_of(hold.key)))[hold.field].to_json(value)


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


@reader
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
    state = NO_DIGEST.copy()
    state.update(packed)
    return state.hexdigest()
