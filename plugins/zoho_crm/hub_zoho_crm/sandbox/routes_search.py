"""Search, which lags behind writes, and COQL, which does not."""

from collections.abc import Callable, Sequence
from typing import Any

from hub_zoho_crm.sandbox import coql, criteria
from hub_zoho_crm.sandbox.fields import SEARCHABLE, Field
from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.matching import Matcher, comparisons, sort_value
from hub_zoho_crm.sandbox.paging import Pager
from hub_zoho_crm.sandbox.problems import Json, Problem, empty, invalid, invalid_module, missing_key
from hub_zoho_crm.sandbox.records import Module, Record

FARTHEST = 2_000
_SAID = ("per_page", "count", "sort_by", "page", "sort_order", "more_records")


def search(call: Call) -> Any:
    """`GET /{module}/search` by `criteria`, `email`, `phone` or `word`."""
    module, pager = call.module(), Pager(call)
    test = _test(call, module)
    if pager.size * call.number("page", 1, 1_000_000) > FARTHEST:
        raise Problem(400, "LIMIT_REACHED", "Maximum response iteration limit reached", {"limit": FARTHEST})
    found = [record for record in call.org.seen_by_search(module.name) if test(record)]
    part, info = pager.page(found)
    if not part:
        return empty()
    fields = call.names("fields") or None
    rows = [call.shapes.record(record, fields) for record in part]
    return {"data": rows, "info": {name: info[name] for name in _SAID}}


def _test(call: Call, module: Module) -> Callable[[Record], bool]:
    if text := call.query("criteria"):
        return _by_criteria(call, module, text)
    if email := call.query("email"):
        return _by_fields(module, {"email"}, lambda value: value.casefold() == email.casefold())
    if phone := call.query("phone"):
        return _by_fields(module, {"phone"}, lambda value: _digits(phone) in _digits(value))
    if word := call.query("word"):
        if len(word) < 2:
            raise invalid("The search value contains special characters or is too short", param_name="word")
        return _by_fields(module, SEARCHABLE, lambda value: word.casefold() in value.casefold())
    raise Problem(400, "EXPECTED_PARAM_MISSING", "mandatory param missing", {"param_names": [*_NAMES]})


_NAMES = ("criteria", "email", "phone", "word")


def _by_criteria(call: Call, module: Module, text: str) -> Callable[[Record], bool]:
    condition, matcher = criteria.read(text), Matcher(call.org, module)
    for one in comparisons(condition):
        _check(matcher, one.column, one.values)
    return lambda record: matcher.holds(condition, record)


def _check(matcher: Matcher, column: str, values: Sequence[str]) -> None:
    """Refuse a column or a value that makes no sense before any record is looked at."""
    field = matcher.field(column)
    for value in values:
        matcher.literal(field, column, value)


def _by_fields(
    module: Module, kinds: frozenset[str] | set[str], test: Callable[[str], bool]
) -> Callable[[Record], bool]:
    names = [one.name for one in module.fields.values() if one.kind in kinds]
    return lambda record: any(test(str(value)) for name in names if (value := record.values.get(name)) is not None)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def query(call: Call) -> Any:
    """`POST /coql`: 204 when no record is found; 1 to 3 credits by the rows asked for."""
    text = call.body.get("select_query")
    if not isinstance(text, str):
        raise missing_key("select_query", "$.select_query")
    asked = coql.read(text)
    call.cost = 1 if asked.count <= 200 else 2 if asked.count <= 1_000 else 3
    module = call.org.modules.get(asked.module)
    if not module:
        raise invalid_module()
    matcher = Matcher(call.org, module)
    _check_columns(matcher, asked)
    found = [one for one in call.org.all(module.name).values() if matcher.holds(asked.condition, one)]
    part = _sorted(matcher, found, asked)[asked.offset : asked.offset + asked.count]
    if not part:
        return empty()
    more = len(found) > asked.offset + asked.count
    return {
        "data": [_row(call, matcher, one, asked) for one in part],
        "info": {"count": len(part), "more_records": more},
    }


def _check_columns(matcher: Matcher, asked: coql.Query) -> None:
    for column in [*asked.columns, *(column for column, _ in asked.order)]:
        matcher.field(column)
    for one in comparisons(asked.condition):
        _refuse_long_text(matcher.field(one.column), one.column)
        _check(matcher, one.column, () if one.operator.endswith("like") else one.values)


def _refuse_long_text(field: Field, column: str) -> None:
    if field.kind == "textarea":
        details = {"column_name": column, "data_type": "textarea", "reason": "data type not supported"}
        raise Problem(400, "INVALID_QUERY", "data type not supported", details)


def _sorted(matcher: Matcher, found: list[Record], asked: coql.Query) -> list[Record]:
    rows = sorted(found, key=lambda record: int(record.id))
    for column, backwards in reversed(asked.order):
        rows.sort(key=lambda record, name=column: sort_value(matcher.value(record, name)), reverse=backwards)  # type: ignore[misc]
    return rows


def _row(call: Call, matcher: Matcher, record: Record, asked: coql.Query) -> Json:
    row = {column: _shown(call, matcher, record, column) for column in asked.columns}
    return row | {"id": record.id}


def _shown(call: Call, matcher: Matcher, record: Record, column: str) -> Any:
    """A column: lookups and people as nothing but an id."""
    if "." in column:
        value = matcher.value(record, column)
        field = matcher.field(column)
        return call.shapes.shown(record, field, value) if field.kind == "datetime" else value
    shown = call.shapes.value(record, column)
    return {"id": shown["id"]} if isinstance(shown, dict) and "id" in shown else shown


ENDPOINTS = [
    Endpoint("GET", "/crm/v8/{module_api_name}/search", search),
    Endpoint("POST", "/crm/v8/coql", query),
]
