"""What a person may ask of the hub's memory, in the shapes that scripts rely on. Reads only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from hub.config import Config, Sync
from hub.errors import UsageError
from hub.model import Entity, Kind, Stamp, entity_class, fields_of
from hub.reconcile import Binding, Contender, Hold
from hub.sdk.records import Absence
from hub.store import Store, kind_of
from hub.store.codec import moment
from hub.store.lock import is_taken


def find_entity(store: Store, key: str) -> Entity:
    """The entity under *key*, whatever case it is written in. Raises UsageError."""
    wanted = key.strip().upper()
    found = store.entities([wanted]).get(wanted)
    if found is None:
        raise UsageError(f"there is no {key}", fix="see what there is with: hub list")
    return found


def listing(store: Store, kind: Kind | None = None) -> list[dict[str, Any]]:
    """`hub list`: one line for each entity."""
    entities = list(store.entities_of(kind))
    ties = store.bindings_of(entity.key for entity in entities)
    return [
        {
            "key": entity.key,
            "kind": entity.kind,
            "title": entity.label,
            "status": getattr(entity, "status", None),
            "client": getattr(entity, "client", None),
            "bindings": {tie.connection: _tie(tie) for tie in ties.get(entity.key, []) if tie.state == "bound"},
        }
        for entity in entities
    ]


def _tie(tie: Binding) -> dict[str, Any]:
    return {"id": tie.remote, "key": tie.shown_key, "url": tie.url}


def detail(store: Store, key: str) -> dict[str, Any]:
    """`hub show`: everything about one entity."""
    entity = find_entity(store, key)
    ties = store.bindings_of([entity.key]).get(entity.key, [])
    return {
        "key": entity.key,
        "kind": entity.kind,
        "title": entity.label,
        "fields": {name: field.to_json(entity.value(name)) for name, field in fields_of(type(entity)).items()},
        "bindings": {tie.connection: {**_tie(tie), "state": _state(tie), "blocked": _blocked(tie)} for tie in ties},
        "children": store.children([entity.key]).get(entity.key, []),
        "holds": [hold_json(hold) for hold in store.holds([entity.key]).get(entity.key, [])],
    }


def _state(tie: Binding) -> str:
    return "blocked" if tie.state == "bound" and tie.blocked else tie.state


def _blocked(tie: Binding) -> dict[str, str]:
    if tie.state == Absence.HIDDEN:
        return {"copy": "it cannot be seen any more, and is left alone until it can"}
    return {name or "copy": why for name, why in tie.blocked.items() if name != "#"}


def history(store: Store, key: str, field: str | None = None) -> list[dict[str, Any]]:
    """`hub history`: what happened to an entity, oldest first."""
    entity = find_entity(store, key)
    if field is not None and field not in fields_of(type(entity)):
        known = ", ".join(fields_of(type(entity)))
        raise UsageError(f"a {entity.kind} has no field {field!r}", fix=f"its fields are: {known}")
    return store.history(entity.key, field)


def blame(store: Store, key: str) -> dict[str, Any]:
    """`hub blame`: for every field that is set, who set it, where, when and why."""
    entity = find_entity(store, key)
    return {
        name: {"value": field.to_json(entity.value(name)), **_who(stamp)}
        for name, field in fields_of(type(entity)).items()
        if (stamp := entity.stamps.get(name)) and _is_set(entity.value(name))
    }


def _who(stamp: Stamp) -> dict[str, str]:
    return {"at": moment(stamp.at), "who": stamp.who, "connection": stamp.connection, "because": stamp.because}


def _is_set(value: Any) -> bool:
    return value is not None and value not in ("", frozenset(), ()) and value != {}


def conflicts(store: Store) -> list[dict[str, Any]]:
    """`hub conflicts`: everything that waits for a person."""
    return [hold_json(hold) for hold in store.open_holds()]


def hold_json(hold: Hold) -> dict[str, Any]:
    """A hold in the shape of `hub conflicts`."""
    field = fields_of(entity_class(kind_of(hold.key)))[hold.field]

    def candidate(contender: Contender) -> dict[str, Any]:
        return {
            "connection": contender.connection,
            "value": field.to_json(contender.value),
            "who": contender.stamp.who,
            "at": moment(contender.stamp.at),
        }

    base = field.to_json(hold.base) if hold.base or hold.base is None else None
    candidates = [candidate(contender) for contender in hold.contenders]
    return {
        "id": hold.id,
        "key": hold.key,
        "field": hold.field,
        "base": base,
        "candidates": candidates,
        "since": moment(hold.since),
    }


def status(store: Store, config: Config, now: datetime) -> dict[str, Any]:
    """`hub status`: how every sync and its connections fare."""
    return {"syncs": {name: _sync_status(store, config, name, now) for name in config.syncs}}


def _sync_status(store: Store, config: Config, name: str, now: datetime) -> dict[str, Any]:
    spokes = config.syncs[name].spokes
    hidden = {spoke: len(ties) for spoke in spokes if (ties := store.hidden(spoke))}
    blocked = {tie.key for spoke in spokes for tie in [*store.blocked(spoke), *store.hidden(spoke)]}
    held = store.held_plan(name)
    refused = {key for spoke in spokes for kind in Kind for key, i in store.intents(spoke, kind).items() if i.refused}
    lost = {key for spoke in spokes for kind in Kind for key, i in store.intents(spoke, kind).items() if not i.refused}
    return {
        "last_run": _last_run(store, name),
        "entities": store.counts(),
        "conflicts": len(store.open_holds()),
        "changes": 0,
        "blocked": len(blocked | refused),
        "failed": len(lost),
        "hidden": hidden,
        "held": held.run if held else None,
        "since": moment(held.at) if held else None,
        "breaches": list(held.breaches) if held else [],
        "connections": {spoke: _connection_status(store, name, spoke, now) for spoke in spokes},
    }


def _last_run(store: Store, sync: str) -> dict[str, Any] | None:
    """The newest run of a sync; one that was killed has no end, and goes on no more."""
    run, now = store.last_run(sync), going_on(store)
    return run and {**run, "going_on": now is not None and now["run"] == run["run"]}


def going_on(store: Store) -> dict[str, Any] | None:
    """The run that goes on at this moment, be it in another process; None if there is none."""
    newest = store.last_run()
    return newest if newest and newest["ended_at"] is None and is_taken(store.path) else None


def _connection_status(store: Store, sync: str, spoke: str, now: datetime) -> dict[str, Any]:
    known: Mapping[str, Any] = store.connection(spoke) or {"state": "ok", "message": ""}
    read_at = store.read_at(sync, spoke)
    age = round((now - read_at).total_seconds(), 1) if read_at else None
    return {"state": known["state"], "message": known["message"], "cursor_age_s": age}


def in_step(store: Store, sync: Sync) -> dict[Kind, int]:
    """By kind: how many entities show the same on every spoke that holds it; kinds that only one spoke holds are left out."""
    held = {hold.key for hold in store.open_holds()}
    found: dict[Kind, int] = {}
    for kind in sync.kinds:
        places = [name for name, spoke in sync.spokes.items() if kind in spoke.routes]
        if len(places) > 1:
            everywhere = set.intersection(*(set(store.remotes(name, kind).values()) for name in places))
            owed = {key for name in places for key in store.owed_keys(name, kind)}
            owed |= {tie.key for name in places for tie in store.blocked(name)}
            found[kind] = len(everywhere - held - owed)
    return found


def detail_at(store: Store, key: str, at: str) -> dict[str, Any]:
    """`hub show --at`: the fields of an entity as the hub knew them then, and who had set each.

    Args:
        at: An RFC 3339 time; a date, for what was known when that day ended in UTC; or a run, for just before it.

    Raises:
        UsageError: There is no such entity, moment or run, or nothing was known of the entity yet.
    """
    entity, is_later = find_entity(store, key), _later_than(store, at)
    told = store.history(entity.key)
    cut = next((number for number, event in enumerate(told) if is_later(event)), len(told))
    if told and not cut:
        raise UsageError(f"nothing was known of {entity.key} yet", fix=f"see since when with: hub history {entity.key}")
    then, later = told[:cut], told[cut:]
    values, last = values_before(entity, later), _as_set(entity, later) | _last_set(then)
    return {
        "key": entity.key,
        "kind": entity.kind,
        "title": str(values[entity.title_field]).strip().partition("\n")[0],
        "at": at,
        "fields": values,
        "blame": {
            name: {"value": value, **{fact: last[name][fact] for fact in ("at", "who", "connection", "because")}}
            for name, value in values.items()
            if name in last and _is_set(value)
        },
    }


def values_before(entity: Entity, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of *entity* in JSON, by field, before *events*, the last of its history, came to pass."""
    fields = fields_of(type(entity))
    values = {name: field.to_json(entity.value(name)) for name, field in fields.items()}
    back = [event for event in reversed(events) if not event["overruled"] and event["field"] in fields]
    return values | {event["field"]: event["old"] for event in back}


def _as_set(entity: Entity, later: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Who set what has not changed *later*: what a new record showed like any other has no event of its own."""
    changed = _last_set(later)
    return {name: _who(stamp) for name, stamp in entity.stamps.items() if name not in changed}


def _last_set(events: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {event["field"]: event for event in events if not event["overruled"]}


def _later_than(store: Store, at: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event was noted after the moment that *at* says. Raises UsageError."""
    said = at.strip()
    if said.upper().startswith("R-"):
        run = store.run_named(said.upper())
        if run is None:
            raise UsageError(f"there is no run {said}", fix="see which run changed what with: hub history KEY")
        return lambda event: bool(event["noted"] >= run["started_at"])
    until = moment(_instant(said))
    return lambda event: bool(event["noted"] > until)


def _instant(said: str) -> datetime:
    fix = "give a time such as 2026-05-04T09:30:00Z, a date such as 2026-05-04, or a run such as R-17"
    try:
        if len(said) == len("2026-05-04"):
            return datetime.combine(date.fromisoformat(said), time.max, UTC)
        found = datetime.fromisoformat(said)
    except ValueError:
        raise UsageError(f"{said!r} is no time", fix=fix) from None
    if found.tzinfo is None:
        raise UsageError(f"{said!r} does not say in which time zone", fix=fix)
    return found
