"""What JQL means: names and values looked up, and issues judged by them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any
from zoneinfo import ZoneInfo

from hub_jira.sandbox.documents import plain
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.jql import Both, Clause, Either, Node, Not, Value, refused
from hub_jira.sandbox.records import Account, Issue, Verbatim
from hub_jira.sandbox.shapes import CATEGORIES
from hub_jira.sandbox.site import Site, by_name

Test = Callable[[Issue], bool]
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_KEYS = frozenset({"key", "issuekey", "issue", "id"})
_TEXTS = frozenset({"summary", "description", "text", "environment", "comment"})
_MOMENTS = {"updated": "updated", "updateddate": "updated", "created": "created", "createddate": "created"}
_PERIOD = re.compile(r"([+-]?\d+)([wdhm])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_PROPERTY = re.compile(r"""issue\.property\[["']?(?P<key>.*?)["']?\](?:\.(?P<path>[\w.$-]+))?$""", re.IGNORECASE)
_UNKNOWN_FIELD = "Field '{}' does not exist or you do not have permission to view it."


@dataclass(frozen=True)
class Matcher:
    """Judges issues for a caller, whose profile zone is the zone of dates in the query."""

    site: Site
    caller: Account | None

    def test(self, node: Node) -> Test:
        """A test for *node*; Problem (400) if it names something that is not there."""
        match node:
            case Both(parts):
                tests = [self.test(part) for part in parts]
                return lambda issue: all(test(issue) for test in tests)
            case Either(parts):
                tests = [self.test(part) for part in parts]
                return lambda issue: any(test(issue) for test in tests)
            case Not(part):
                inner = self.test(part)
                return lambda issue: not inner(issue)
            case Clause():
                return self._clause(node)

    def _clause(self, clause: Clause) -> Test:
        name = clause.field.lower()
        if name in _KEYS:
            return self._by_key(clause)
        if name in _TEXTS:
            return self._by_text(clause, name)
        if name in _MOMENTS:
            return self._by_moment(clause, lambda issue: getattr(issue, _MOMENTS[name]))
        if name in {"due", "duedate"}:
            return self._by_day(clause, "duedate")
        if found := _PROPERTY.match(clause.field):
            return self._by_property(clause, found["key"], found["path"] or "")
        if name in {"resolved", "resolutiondate"}:
            return self._by_moment(clause, lambda issue: issue.values.get("resolutiondate"))
        named = {"type": "issuetype", "label": "labels"}.get(name, name)
        if seen := self._sets().get(named):
            return self._by_set(self._without_functions(clause) if named == "issuetype" else clause, *seen)
        return self._by_custom(clause, self._custom(clause.field))

    def _without_functions(self, clause: Clause) -> Clause:
        """A clause about types with the types that its functions stand for: "subTaskIssueTypes()" of the JQL functions."""
        kinds = self.site.types.values()
        levels = {"subtaskissuetypes": True, "standardissuetypes": False}
        values: list[Value] = []
        for value in clause.values:
            if value.call and value.text not in levels:
                raise refused(f"Unable to find JQL function '{value.text}()'.")
            called = [Value(kind.id) for kind in kinds if (kind.level < 0) is levels.get(value.text)]
            values += called if value.call else [value]
        return replace(clause, values=tuple(values))

    def _sets(self) -> dict[str, tuple[Callable[[Issue], Iterable[str]], Callable[[Value], str | None]]]:
        """By field: the ids (or texts) an issue has there, and how a value of the query becomes one."""
        site = self.site
        catalogue: dict[str, dict[str, Any]] = {
            "issuetype": dict(site.types),
            "status": dict(site.statuses),
            "priority": dict(site.priorities),
        }
        sets = {name: (_held(name), _finder(things)) for name, things in catalogue.items()}
        return sets | {
            "project": (lambda issue: [issue.project], self._project),
            "resolution": (_held("resolution"), self._resolution),
            "statuscategory": (self._category_of, _category),
            "assignee": (_held("assignee"), self._account),
            "reporter": (_held("reporter"), self._account),
            "creator": (lambda issue: [issue.creator] if issue.creator else [], self._account),
            "parent": (_held("parent"), self._issue_id),
            "labels": (lambda issue: [x.casefold() for x in issue.value("labels") or []], lambda v: v.text.casefold()),
        }

    def _category_of(self, issue: Issue) -> list[str]:
        return [self.site.statuses[issue.values["status"]].category]

    def _project(self, value: Value) -> str | None:
        found = self.site.find_project(value.text) or by_name(self.site.projects, value.text)
        return found.id if found else None

    def _resolution(self, value: Value) -> str | None:
        return "" if value.text.lower() == "unresolved" else _finder(self.site.resolutions)(value)

    def _account(self, value: Value) -> str | None:
        if value.call and value.text == "currentuser":
            return self.caller.id if self.caller else ""
        if value.text in self.site.accounts:
            return value.text
        if self.site.is_server and (known := self.site.user(value.text)):
            return known.id
        wanted = value.text.casefold()
        people = self.site.accounts.values()
        shown = (
            one for one in people if wanted in {one.name.casefold(), one.email.casefold() if one.email_visible else ""}
        )
        found = next(shown, None) if wanted else None
        return found.id if found else None

    def _issue_id(self, value: Value) -> str | None:
        found = self.site.find(value.text)
        return found.id if found else None

    def _known(self, clause: Clause, value: Value, find: Callable[[Value], str | None]) -> str:
        found = find(value)
        if found is None:
            raise refused(f"The value '{value.text}' does not exist for the field '{clause.field}'.")
        return found

    def _by_set(
        self, clause: Clause, held: Callable[[Issue], Iterable[str]], find: Callable[[Value], str | None]
    ) -> Test:
        wanted = {self._known(clause, value, find) for value in clause.values if not _is_empty(value)}
        empty_too = "" in wanted or any(_is_empty(value) for value in clause.values)
        match clause.operator:
            case "is":
                return lambda issue: not list(held(issue))
            case "is not":
                return lambda issue: bool(list(held(issue)))
            case "=" | "in":
                return lambda issue: bool(wanted & set(held(issue))) or (empty_too and not list(held(issue)))
            case "!=" | "not in":
                # Jira leaves out issues without a value here, which surprises many.
                return lambda issue: bool(list(held(issue))) and not wanted & set(held(issue))
            case _:
                raise _wrong_operator(clause)

    def _by_key(self, clause: Clause) -> Test:
        found = {value.text: self.site.find(value.text) for value in clause.values}
        if absent := [text for text, issue in found.items() if issue is None]:
            raise refused(f"An issue with key '{absent[0]}' does not exist for field '{clause.field}'.")
        known = [issue for issue in found.values() if issue]
        ids = {issue.id for issue in known}
        match clause.operator:
            case "=" | "in":
                return lambda issue: issue.id in ids
            case "!=" | "not in":
                return lambda issue: issue.id not in ids
            case ">" | ">=" | "<" | "<=":
                compare, bound = _ORDERED[clause.operator], key_order(known[0])
                return lambda issue: key_order(issue)[0] == bound[0] and compare(key_order(issue), bound)
            case _:
                raise _wrong_operator(clause)

    def _by_text(self, clause: Clause, name: str) -> Test:
        if clause.operator in {"is", "is not"} and name != "text":
            empty = clause.operator == "is"
            return lambda issue: bool(_texts(issue, name)[0]) != empty
        if clause.operator not in {"~", "!~"}:
            raise _wrong_operator(clause)
        found = _text_test(clause.values[0].text)
        if clause.operator == "~":
            return lambda issue: any(found(text) for text in _texts(issue, name))
        return lambda issue: not any(found(text) for text in _texts(issue, name))

    def _by_moment(self, clause: Clause, held: Callable[[Issue], datetime | None]) -> Test:
        if clause.operator in {"is", "is not"}:
            return lambda issue: (held(issue) is None) == (clause.operator == "is")
        bound = self.moment(clause, clause.values[0])
        if clause.operator in _ORDERED:
            compare = _ORDERED[clause.operator]
            return lambda issue: (at := held(issue)) is not None and compare(at, bound)
        if clause.operator in {"=", "!="}:
            same = clause.operator == "="
            return lambda issue: (at := held(issue)) is not None and (at == bound) == same
        raise _wrong_operator(clause)

    def moment(self, clause: Clause, value: Value) -> datetime:
        """The moment a date in a query stands for, in the zone of the caller's profile; minutes are the finest."""
        text = value.text
        if value.call and text == "now":
            return self.site.now()
        if not value.quoted and text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        periods = _PERIOD.findall(text)
        if periods and _PERIOD.sub("", text).strip() == "":
            return self.site.now() + sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in periods), timedelta())
        if re.fullmatch(r"\d{4}([-/])\d{1,2}\1\d{1,2}( \d{1,2}:\d{2})?", text):
            zone = ZoneInfo(self.caller.time_zone if self.caller else "UTC")
            pattern = "%Y-%m-%d %H:%M" if " " in text else "%Y-%m-%d"
            try:
                return datetime.strptime(text.replace("/", "-"), pattern).replace(tzinfo=zone).astimezone(UTC)
            except ValueError:
                pass
        raise refused(
            f"Date value '{text}' for field '{clause.field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )

    def _by_day(self, clause: Clause, field_id: str) -> Test:
        if clause.operator in {"is", "is not"}:
            return lambda issue: (issue.value(field_id) is None) == (clause.operator == "is")
        zone = ZoneInfo(self.caller.time_zone if self.caller else "UTC")
        bound = self.moment(clause, clause.values[0]).astimezone(zone).date()
        compare = _ORDERED.get(clause.operator) or {"=": date.__eq__, "!=": date.__ne__}.get(clause.operator)
        if not compare:
            raise _wrong_operator(clause)
        return lambda issue: bool((day := issue.value(field_id)) and compare(date.fromisoformat(day), bound))

    def _by_property(self, clause: Clause, key: str, path: str) -> Test:
        if key not in self.site.indexed_properties:
            raise refused(_UNKNOWN_FIELD.format(clause.field))
        wanted = {value.text for value in clause.values}

        def held(issue: Issue) -> str | None:
            value = issue.properties.get(key)
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            return None if value is None else str(value)

        match clause.operator:
            case "=" | "in" | "~":
                return lambda issue: held(issue) in wanted
            case "!=" | "not in" | "!~":
                return lambda issue: held(issue) is not None and held(issue) not in wanted
            case "is" | "is not":
                return lambda issue: (held(issue) is None) == (clause.operator == "is")
            case _:
                raise _wrong_operator(clause)

    def _custom(self, name: str) -> Field:
        wanted = name.lower()
        for field in self.site.fields.values():
            if field.is_custom and wanted in {field.id, *(clause.lower() for clause in field.clause_names)}:
                return field
        raise refused(_UNKNOWN_FIELD.format(name))

    def _by_custom(self, clause: Clause, field: Field) -> Test:
        if field.kind == "day":
            return self._by_day(clause, field.id)
        if clause.operator in {"~", "!~"}:
            found = _text_test(clause.values[0].text)
            return lambda issue: any(found(x) for x in _custom_texts(field, issue)) == (clause.operator == "~")
        if clause.operator in _ORDERED and field.kind == "number":
            compare, bound = _ORDERED[clause.operator], float(clause.values[0].text)
            return lambda issue: (n := issue.value(field.id)) is not None and compare(n, bound)
        if field.kind == "moment":
            return self._by_moment(clause, lambda issue: _moment_of(issue, field))
        if field.kind in {"group", "version", "versions", "sprint"}:
            return self._by_set(clause, _members(field), _finder(dict(self.site.catalogue(field.kind))))
        if field.kind in {"user", "users"}:
            return self._by_set(clause, _members(field), self._account)
        if field.kind == "epic":
            return self._by_set(clause, _members(field), self._issue_id)
        return self._by_set(
            clause, lambda issue: [x.casefold() for x in _custom_texts(field, issue)], lambda v: v.text.casefold()
        )


def key_order(issue: Issue) -> tuple[str, int]:
    """How keys sort: by project, then by number."""
    project, _, number = issue.key.rpartition("-")
    return project, int(number) if number.isdigit() else 0


def _held(field_id: str) -> Callable[[Issue], list[str]]:
    return lambda issue: [issue.value(field_id)] if issue.value(field_id) else []


def _members(field: Field) -> Callable[[Issue], list[str]]:
    """The ids an issue has in *field*; none where an export brought the value."""

    def held(issue: Issue) -> list[str]:
        stored = issue.values.get(field.id)
        if stored is None or isinstance(stored, Verbatim):
            return []
        return list(stored) if isinstance(stored, list) else [stored]

    return held


def _moment_of(issue: Issue, field: Field) -> datetime | None:
    stored = issue.value(field.id)
    return stored if isinstance(stored, datetime) else None


def _finder(things: dict[str, Any]) -> Callable[[Value], str | None]:
    def find(value: Value) -> str | None:
        found = things.get(value.text) or by_name(things, value.text)
        return found.id if found else None

    return find


def _category(value: Value) -> str | None:
    wanted = value.text.casefold()
    for key, (number, _, name) in CATEGORIES.items():
        if wanted in {key, str(number), name.casefold()}:
            return key
    return None


def _is_empty(value: Value) -> bool:
    return not value.quoted and value.text.lower() in {"empty", "null"}


def _wrong_operator(clause: Clause) -> Exception:
    return refused(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")


def _texts(issue: Issue, name: str) -> list[str]:
    texts = {
        "summary": [issue.value("summary") or ""],
        "description": [_rich_text(issue, "description")],
        "environment": [_rich_text(issue, "environment")],
        "comment": [plain(comment.body) for comment in issue.comments],
    }
    return texts[name] if name != "text" else [text for part in texts.values() for text in part]


def _rich_text(issue: Issue, field_id: str) -> str:
    stored = issue.values.get(field_id)
    return str(stored.value or "") if isinstance(stored, Verbatim) else plain(stored)


def _custom_texts(field: Field, issue: Issue) -> list[str]:
    stored = issue.value(field.id)
    if stored is None:
        return []
    if field.kind in {"option", "options", "cascade"} and not isinstance(issue.values[field.id], Verbatim):
        ids = [stored] if isinstance(stored, str) else list(stored)
        return [text for option in field.options if option.id in ids for text in (option.id, option.value)]
    if field.kind == "rich":
        return [_rich_text(issue, field.id)]
    if field.kind == "number":
        return [f"{stored:g}"]
    if field.kind == "moment" and isinstance(stored, datetime):
        return [stored.isoformat()]
    return [str(one) for one in (stored if isinstance(stored, list) else [stored])]


def _text_test(query: str) -> Callable[[str], bool]:
    """Jira's word search: every word of the query in the text, in any order, `*` at the end of a word for any end.

    A query in (escaped) quotes is a phrase. Words of scripts without spaces are found anywhere.
    """
    if len(query) > 1 and query[0] == query[-1] == '"':
        phrase = " ".join(re.findall(r"\w+", query.casefold()))
        return lambda text: f" {phrase} " in " ".join(["", *re.findall(r"\w+", text.casefold()), ""])
    wanted = re.findall(r"\w+\*?", query.casefold())

    def found(text: str) -> bool:
        lower = text.casefold()
        words = set(re.findall(r"\w+", lower))
        return bool(wanted) and all(_has_word(words, lower, word) for word in wanted)

    return found


def _has_word(words: set[str], text: str, word: str) -> bool:
    if not word.rstrip("*").isascii():
        return word.rstrip("*") in text
    if word.endswith("*"):
        return any(one.startswith(word[:-1]) for one in words)
    return word in words
