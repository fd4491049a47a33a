"""The criteria of search: `((Last_Name:equals:Braun)and(Email:starts_with:ana))`."""

import re

from hub_zoho_crm.sandbox.matching import Comparison, Condition, Pair
from hub_zoho_crm.sandbox.problems import Problem

_OPERATORS = {
    "equals": "=",
    "equal": "=",
    "not_equal": "!=",
    "not_equals": "!=",
    "starts_with": "starts_with",
    "contains": "contains",
    "in": "in",
    "not_in": "not in",
    "greater_than": ">",
    "greater_equal": ">=",
    "less_than": "<",
    "less_equal": "<=",
    "between": "between",
}
_SEVERAL = frozenset({"in", "not in", "between"})
_SIMPLE = re.compile(r"([\w.$]+):(\w+):((?:\\.|[^\\()])*)", re.DOTALL)
_JOINT = re.compile(r"\s*(and|or)\s*", re.IGNORECASE)


def read(text: str) -> Condition:
    """The condition of *text*; INVALID_QUERY if it is none. In values, `( ) ,` are written with a backslash."""
    text = text.strip()
    if not text.startswith("("):
        text = f"({text})"
    found, position = _group(text, 0)
    while position < len(text):
        joint, position = _joint(text, position)
        right, position = _group(text, position)
        found = Pair(joint, found, right)
    return found


def _group(text: str, position: int) -> tuple[Condition, int]:
    if text[position : position + 1] != "(":
        raise _malformed()
    if text[position + 1 : position + 2] == "(":
        return _several(text, position + 1)
    simple = _SIMPLE.match(text, position + 1)
    if not simple or text[simple.end() : simple.end() + 1] != ")":
        raise _malformed()
    return _comparison(*simple.groups()), simple.end() + 1


def _several(text: str, position: int) -> tuple[Condition, int]:
    found, position = _group(text, position)
    while text[position : position + 1] != ")":
        joint, position = _joint(text, position)
        right, position = _group(text, position)
        found = Pair(joint, found, right)
    return found, position + 1


def _joint(text: str, position: int) -> tuple[str, int]:
    found = _JOINT.match(text, position)
    if not found:
        raise _malformed()
    return found[1].lower(), found.end()


def _comparison(name: str, asked: str, value: str) -> Comparison:
    known = _OPERATORS.get(asked)
    if not known:
        raise Problem(400, "INVALID_QUERY", "invalid query formed", {"reason": "invalid operator", "operator": asked})
    pieces = re.split(r"(?<!\\),", value) if known in _SEVERAL else [value]
    values = tuple(re.sub(r"\\(.)", r"\1", piece) for piece in pieces)
    if known == "between" and len(values) != 2:
        raise _malformed()
    if known == "=" and "${EMPTY}" in values:
        return Comparison(name, "is null")
    return Comparison(name, known, values)


def _malformed() -> Problem:
    return Problem(400, "INVALID_QUERY", "invalid query formed", {"reason": "the criteria given seems to be invalid"})
