"""Reads `[syncs.NAME]`: its spokes, what each takes part in, its vocabularies, rules and limits."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from hub.config.limits import read_breaker, read_guard
from hub.config.problems import Problems, suggestion
from hub.config.settings import Connection, Spoke, Sync
from hub.config.tables import KindTable, SpokeTable, SyncTable, WhereTable
from hub.mapping import Choice, Vocabulary
from hub.mapping.vocabulary import OTHERWISE
from hub.model import Audience, Kind, RequirementStatus, RequirementType, TaskStatus, entity_class, fields_of
from hub.plugins import Registry
from hub.reconcile import Disclosure, Route, Rules, Where, parse_rule
from hub.reconcile.rules import Rule
from hub.sdk.connector import KindSettings, KindSpec, Operation

KINDS = frozenset(Kind)


def read_sync(
    name: str,
    table: Mapping[str, Any],
    connections: Mapping[str, Connection],
    named: frozenset[str],
    registry: Registry,
    problems: Problems,
) -> Sync:
    """The sync that *table* describes, with every mistake in it noted.

    Args:
        connections: Those that could be read.
        named: All that the file has, so that a broken one is not called missing as well.
    """
    where = f"syncs.{name}"
    shape = problems.shaped(SyncTable, table, where) or _what_can_be_read(table)
    spokes: dict[str, Spoke] = {}
    for spoke_name, spoke_table in shape.spokes.items():
        place = f"{where}.spokes.{spoke_name}"
        if spoke_name not in named:
            problems.error(place, "is no connection", suggestion(spoke_name, named))
        elif connection := connections.get(spoke_name):
            spokes[spoke_name] = _spoke(connection, spoke_table, place, problems)
    if len(shape.spokes) == 1:
        problems.warning(f"{where}.spokes", "has only one spoke: nothing is kept consistent", "add a second")
    _someone_originates(where, spokes, shape, problems)
    rules = _rules(shape, registry, f"{where}.rules", problems)
    guard = read_guard(shape.guard, f"{where}.guard", problems)
    breaker = read_breaker(shape.breaker, f"{where}.breaker", problems)
    return Sync(name, spokes, rules, shape.every, shape.cron, shape.full_every, guard, breaker)


def _what_can_be_read(table: Mapping[str, Any]) -> SyncTable:
    """Spokes and rules of a table with mistakes, so that theirs are found as well."""
    spokes, rules, *limits = (table.get(name) for name in ("spokes", "rules", "guard", "breaker"))
    guard, breaker = (given if isinstance(given, dict) else {} for given in limits)
    return SyncTable.model_construct(
        spokes={k: v for k, v in spokes.items() if isinstance(v, dict)} if isinstance(spokes, dict) else {},
        rules={k: v for k, v in rules.items() if isinstance(v, str)} if isinstance(rules, dict) else {},
        guard=guard,
        breaker=breaker,
    )


def _spoke(connection: Connection, table: Mapping[str, Any], where: str, problems: Problems) -> Spoke:
    plain = {key: value for key, value in table.items() if key in SpokeTable.model_fields}
    shape = problems.shaped(SpokeTable, plain, where) or SpokeTable()
    extra = {key: value for key, value in table.items() if key not in plain}
    audience = shape.audience or connection.connector.audience
    if audience is not connection.connector.audience and audience is Audience.INTERNAL:
        problems.warning(
            f"{where}.audience", "lets everything internal leave the house", 'write "client", or leave it out'
        )
    routes: dict[Kind, Route] = {}
    kinds: dict[Kind, KindSettings] = {}
    for name in [key for key in extra if key in KINDS]:
        kind, place = Kind(name), f"{where}.{name}"
        spec = connection.connector.kinds.get(kind)
        if spec is None:
            held = ", ".join(connection.connector.kinds)
            problems.error(place, f"{connection.connector.name} holds no {kind}", f"it holds: {held}")
        elif read := _kind(kind, spec, extra[name], audience, place, problems):
            routes[kind], kinds[kind] = read
    if not any(key in KINDS for key in extra):
        problems.error(where, "takes part in nothing", "add requirement = { originates = true, creates = true }")
    fields = [key for key in extra if key not in KINDS]
    named = [Kind(key) for key in extra if key in connection.connector.kinds]
    vocabularies = _vocabularies(connection, named, {key: extra[key] for key in fields}, where, problems)
    return Spoke(connection, routes, kinds, vocabularies, audience, shape.on_delete, shape.quiet)


def _kind(
    kind: Kind, spec: KindSpec, table: Any, audience: Audience, where: str, problems: Problems
) -> tuple[Route, KindSettings] | None:
    if not isinstance(table, Mapping):
        problems.error(where, "is no table", f"{kind} = {{ originates = true, creates = true }}")
        return None
    shape = problems.shaped(KindTable, table, where)
    if shape is None:
        return None
    if shape.creates and Operation.CREATE not in spec.operations:
        problems.error(f"{where}.creates", f"this connector cannot create a {kind}", "set creates = false")
    options = None
    if spec.options is not None:
        options = problems.shaped(spec.options, shape.model_extra or {}, where)
    else:
        for key in shape.model_extra or {}:
            problems.error(f"{where}.{key}", "is not a known setting", suggestion(key, KindTable.model_fields))
    route = Route(
        shape.originates,
        shape.creates,
        _where(kind, shape.where, f"{where}.where", problems),
        _disclosure(kind, shape, audience, where, problems),
        shape.audience or audience,
        tuple(shape.client_marks),
    )
    if shape.custom and "custom" not in spec.mapping:
        problems.error(f"{where}.custom", f"this connector has no custom fields of a {kind}", "leave it out")
    for field, named in Counter(shape.custom.values()).items():
        if named > 1:
            problems.error(f"{where}.custom", f"{named} names stand for the field {field!r}", "keep one of them")
    return route, KindSettings(tuple(shape.types), shape.create_type, options, shape.custom, tuple(shape.client_marks))


def _disclosure(kind: Kind, shape: KindTable, audience: Audience, where: str, problems: Problems) -> Disclosure:
    """What may be written there; a field that is to be shown must be one."""
    if shape.shows is None:
        return Disclosure(audience)
    known = fields_of(entity_class(kind))
    for name in shape.shows:
        if name not in known:
            problems.error(f"{where}.shows", f"{name!r} is no field of a {kind}", suggestion(name, known))
    if audience is Audience.INTERNAL:
        problems.warning(f"{where}.shows", "has no effect: colleagues see everything", 'set audience = "client"')
    return Disclosure(audience, frozenset(shape.shows))


def _where(kind: Kind, table: WhereTable, where: str, problems: Problems) -> Where:
    wanted = {name: frozenset(values) for name, values in table.model_dump(exclude_none=True).items()}
    statuses: type[StrEnum] = TaskStatus if kind is Kind.TASK else RequirementStatus
    named: dict[str, type[StrEnum]] = {"status": statuses, "types": RequirementType}
    for name, choices in named.items():
        for stranger in sorted(wanted.get(name, frozenset()) - set(choices)):
            problems.error(f"{where}.{name}", f"{stranger!r} is no {name}", suggestion(stranger, choices))
    return Where(wanted)


def _vocabularies(
    connection: Connection, kinds: Iterable[Kind], given: Mapping[str, Any], where: str, problems: Problems
) -> dict[str, Vocabulary]:
    known = {
        field: lens
        for kind in sorted(kinds, key=list(Kind).index, reverse=True)
        for field, lens in connection.connector.kinds[kind].mapping.items()
        if isinstance(lens, Choice)
    }
    read = {}
    for field, table in given.items():
        place = f"{where}.{field}"
        if field not in known:
            problems.error(
                place, "is not a known setting", suggestion(field, [*known, *KINDS, *SpokeTable.model_fields])
            )
        elif not isinstance(table, Mapping) or not table:
            problems.error(
                place, "is no table of names", f'write {field} = {{ {next(iter(known[field].choices))} = "…" }}'
            )
        else:
            read[field] = _vocabulary(known[field], table, place, problems)
    if "status" in known and "status" not in given and not known["status"].named:
        problems.warning(f"{where}.status", "has no names, so it is not synchronised", "add status = { … }")
    return read


def _vocabulary(lens: Choice, table: Mapping[str, Any], where: str, problems: Problems) -> Vocabulary:
    choices = [str(choice) for choice in lens.choices]
    for value, names in table.items():
        if value == OTHERWISE:
            _otherwise(names, sorted({*choices, *_foreign(lens)}), f"{where}.{OTHERWISE}", problems)
        elif value not in choices and value not in _foreign(lens):
            problems.error(f"{where}.{value}", f"is no {lens.remote} of the hub", suggestion(value, choices))
        elif not _is_names(names):
            problems.error(f"{where}.{value}", "must be a name or a list of names", f'write {value} = "…"')
    known = {*choices, *_foreign(lens)}
    sane = {v: n for v, n in table.items() if v == OTHERWISE or (v in known and _is_names(n))}
    vocabulary = Vocabulary.from_config({v: n for v, n in sane.items() if v != OTHERWISE or isinstance(n, Mapping)})
    unnamed = [choice for choice in choices if choice not in vocabulary.names]
    if unnamed and vocabulary.write is None:
        problems.warning(
            where, f"has no name for {', '.join(unnamed)}", 'name them, or add otherwise = { write = "…" }'
        )
    return vocabulary


def _foreign(lens: Choice) -> frozenset[str]:
    """Values of the same field of another kind, which one table may name as well: a task has other statuses."""
    return (
        frozenset([*TaskStatus, *RequirementStatus]) if lens.choices in (TaskStatus, RequirementStatus) else frozenset()
    )


def _is_names(names: Any) -> bool:
    if isinstance(names, list):
        return bool(names) and all(isinstance(name, str) and name for name in names)
    return isinstance(names, str) and bool(names)


def _otherwise(table: Any, choices: list[str], where: str, problems: Problems) -> None:
    if not isinstance(table, Mapping) or not set(table) <= {"read", "write"}:
        problems.error(where, "must be a table with write, read or both", 'otherwise = { write = "…", read = "new" }')
    elif table.get("read") is not None and table["read"] not in choices:
        problems.error(
            f"{where}.read", f"{table['read']!r} is no value of the hub", suggestion(str(table["read"]), choices)
        )


def _someone_originates(where: str, spokes: Mapping[str, Spoke], shape: SyncTable, problems: Problems) -> None:
    routes = [route for spoke in spokes.values() for route in spoke.routes.values()]
    if len(spokes) == len(shape.spokes) and routes and not any(route.originates for route in routes):
        problems.warning(where, "no spoke originates anything: nothing new will be taken up", "set originates = true")


def _rules(shape: SyncTable, registry: Registry, where: str, problems: Problems) -> Rules:
    fields = {name for kind in Kind for name in fields_of(entity_class(kind))}
    parsed: dict[str, Rule] = {}
    for field, text in shape.rules.items():
        if field not in {"default", *fields}:
            problems.error(f"{where}.{field}", "is no field", suggestion(field, ["default", *fields]))
        try:
            parsed[field] = parse_rule(text, list(shape.spokes), registry.rules)
        except ValueError as error:
            problems.error(f"{where}.{field}", str(error))
    default = parsed.pop("default", parse_rule("latest", [], {}))
    return Rules(parsed, default, tuple(shape.spokes))
