"""What became of calls and of their rows, in the words of the contract.

Codes: zoho.com/crm/developer/docs/api/v8/status-codes.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.sdk import (
    AnswerLost,
    ChangedMeanwhile,
    Delayed,
    Outcome,
    Refusal,
    ServiceDown,
    Unknown,
)

_PATH = re.compile(r"\$\.data\[\d+\]\.([A-Za-z]\w*)")
_UNSURE = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR"})
_MEANWHILE = "ALREADY_MODIFIED"
_LATER = frozenset({"TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE"})


def succeeded(row: Mapping[str, Any]) -> bool:
    """Whether a row says that it was done."""
    return row.get("code") == "SUCCESS"


def id_of(row: Mapping[str, Any]) -> str | None:
    """The id that a row names."""
    number = (row.get("details") or {}).get("id")
    return str(number) if number else None


def is_gone(row: Mapping[str, Any]) -> bool:
    """Whether a row says that there is no record of this id."""
    details = row.get("details") or {}
    return row.get("code") == "INVALID_DATA" and (field_of(details) == "id" or set(details) == {"id"})


def field_of(details: Mapping[str, Any]) -> str | None:
    """The API name of the record's field that is at fault: `json_path` says it even of a lookup's own `id`."""
    found = _PATH.match(str(details.get("json_path") or ""))
    named = found[1] if found else details.get("api_name")
    return str(named) if named else None


def row_outcome(row: Mapping[str, Any], named: Callable[[str], str] = str, me: str = "") -> Outcome:
    """The outcome of a row that does not say SUCCESS.

    Args:
        named: The record's field of an API name.
        me: The id of our own account: whoever was repeated after a lost answer meets the own first write.
    """
    code, said = str(row.get("code") or "no code"), str(row.get("message") or "")
    if code == _MEANWHILE and me and str(((row.get("details") or {}).get("Modified_By") or {}).get("id")) == me:
        return Unknown(AnswerLost("it was changed meanwhile by this very user, maybe by this write"))
    if code == _MEANWHILE:
        return Delayed(ChangedMeanwhile("it was changed there meanwhile", fix="it is read again with the next sync"))
    if code in _LATER:
        return Delayed(ServiceDown(f"{code}: {said}"))
    if code in _UNSURE:
        return Unknown(ServiceDown(f"{code}: {said}"))
    if is_gone(row):
        return Refusal(f"there is no such record any more, or this user may not see it: {said}")
    faults = dict(_faults(row))
    words = "; ".join(dict.fromkeys(faults.values())) or f"{code}: {said}"
    return Refusal(words, {named(name): said_of for name, said_of in faults.items()})


def _faults(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What is wrong with each field, by API name."""
    details = row.get("details") if isinstance(row.get("details"), Mapping) else {}
    nested = row.get("errors") or (details or {}).get("errors") or ()
    for each in nested if isinstance(nested, list) else ():
        if isinstance(each, Mapping):
            yield from _faults(each)
    name = field_of(details or {})
    if name:
        yield name, _said(str(row.get("code")), name, str(row.get("message") or ""), details or {})


def _said(code: str, name: str, message: str, details: Mapping[str, Any]) -> str:
    match code:
        case "MANDATORY_NOT_FOUND":
            return f"{name} must not be empty: map it, or give it a value in defaults"
        case "DUPLICATE_DATA":
            other = f" ({details['id']})" if details.get("id") else ""
            return f"another record{other} has this {name} already"
    allowed = details.get("supported_values")
    if isinstance(allowed, list) and allowed:
        return f"{name}: {message}; it takes {', '.join(map(str, allowed[:20]))}"
    if details.get("maximum_length"):
        return f"{name}: {message}; it takes {details['maximum_length']} characters"
    if details.get("expected_data_type"):
        return f"{name}: {message}; it takes a value of type {details['expected_data_type']}"
    return f"{name}: {message or code}"
