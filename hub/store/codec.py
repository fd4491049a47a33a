"""Between the hub's values and the text that the database keeps."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.mapping import Account
from hub.model import NOTHING, Entity, Kind, Stamp, entity_class, fields_of
from hub.reconcile import Binding, Contender, Event, Hold
from hub.sdk.records import Record, Touch

KIND_OF_PREFIX = {kind.prefix: kind for kind in Kind}


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def text(data: Any) -> str:
    """JSON data as compact, deterministic text."""
    return _ENCODER.encode(data)


def moment(at: datetime) -> str:
    """An instant as RFC 3339 text in UTC, which sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(shown: str) -> datetime:
    """The instant that `moment` wrote."""
    return datetime.fromisoformat(shown)


def kind_of(key: str) -> Kind:
    """The kind that a key such as `REQ-12` is of. Raises KeyError."""
    return KIND_OF_PREFIX[key.partition("-")[0]]


def values_json(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values by field, as JSON data."""
    fields = fields_of(entity_class(kind))
    return {name: fields[name].to_json(value) for name, value in values.items()}


def values_from(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """What `values_json` wrote; fields that the model no longer has are passed over."""
    fields = fields_of(entity_class(kind))
    return {name: fields[name].from_json(value) for name, value in data.items() if name in fields}


def entity_text(entity: Entity) -> str:
    """An entity without its key; only what is not as in a new one."""
    fields = fields_of(type(entity))
    changed = {n: entity.value(n) for n, field in fields.items() if entity.value(n) != field.default}
    stamps = {name: _stamp_json(stamp) for name, stamp in entity.stamps.items()}
    return text({"values": values_json(entity.kind, changed), "stamps": stamps})


def entity_from(key: str, doc: str) -> Entity:
    """What `entity_text` wrote."""
    data, kind = json.loads(doc), kind_of(key)
    stamps = {name: _stamp_from(stamp) for name, stamp in data["stamps"].items()}
    return entity_class(kind)(key=key, stamps=stamps, **values_from(kind, data["values"]))


def entity_row(entity: Entity) -> tuple[Any, ...]:
    """An entity in the order key, kind, number, title, doc, owner, identity."""
    place = (entity.key, entity.kind.value, int(entity.key.partition("-")[2]), entity.label)
    return (*place, entity_text(entity), entity.belongs_to, entity.identity)


def _stamp_json(stamp: Stamp) -> list[str]:
    return [stamp.who, stamp.connection, moment(stamp.at), stamp.because]


def _stamp_from(data: list[str]) -> Stamp:
    return Stamp(who=data[0], connection=data[1], at=instant(data[2]), because=data[3])


def binding_row(binding: Binding, *, owed: bool) -> tuple[Any, ...]:
    """A binding in the order of its table's columns."""
    agreed = text(values_json(binding.kind, binding.agreed))
    parts = (text(binding.seen), agreed, text(binding.maps), text(binding.blocked))
    place = (binding.connection, binding.kind.value, binding.remote, binding.key)
    at = moment(binding.at) if binding.at else None
    return (*place, *parts, binding.digest, binding.shown_key, binding.url, binding.state, at, int(owed))


def binding_from(row: tuple[Any, ...]) -> Binding:
    """What `binding_row` wrote."""
    kind = Kind(row[1])
    seen, agreed, maps, blocked = (json.loads(part) for part in row[4:8])
    agreed = values_from(kind, agreed)
    at = instant(row[12]) if row[12] else None
    return Binding(row[0], kind, row[2], row[3], seen, agreed, maps, blocked, row[8], row[9], row[10], row[11], at)


def hold_text(hold: Hold) -> str:
    """What a hold consists of beside its key, field and time."""
    return text({"base": _value(hold, hold.base), "contenders": [_contender(hold, c) for c in hold.contenders]})


def hold_from(row: tuple[Any, ...]) -> Hold:
    """A hold from its table's columns number, key, field, doc, since."""
    number, key, field, doc, since = row[:5]
    data, kind = json.loads(doc), kind_of(key)
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
    return Hold(key, field, field_.from_json(data["base"]), contenders, instant(since), f"H-{number}")


def _contender(hold: Hold, contender: Contender) -> dict[str, Any]:
    return {
        "connection": contender.connection,
        "value": _value(hold, contender.value),
        "base": _value(hold, contender.base),
        "stamp": _stamp_json(contender.stamp),
        "shown": None if contender.own else contender.shown,
        "own": contender.own,
    }


def _value(hold: Hold, value: Any) -> Any:
    return fields_of(entity_class(kind_of(hold.key)))[hold.field].to_json(value)


def event_row(event: Event, run: str | None) -> tuple[Any, ...]:
    """An event in the order of its table's columns after the id."""
    field = fields_of(entity_class(kind_of(event.key)))[event.field]
    stamp = event.stamp
    values = (text(field.to_json(event.old)), text(field.to_json(event.new)))
    return (event.key, event.field, *values, stamp.who, stamp.connection, moment(stamp.at), stamp.because, run)


def intent_row(intent: Any) -> tuple[Any, ...]:
    """An intent in the order of its table's columns."""
    agreed = text(values_json(intent.kind, intent.agreed))
    place = (intent.connection, intent.kind, intent.key, intent.operation)
    return (*place, text(intent.fields), agreed, moment(intent.at), intent.refused)


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
    data = json.loads(shown)
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
    shown = text([record.fields, record.archived, record.key, record.url])
    return hashlib.blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
