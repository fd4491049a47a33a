"""Search as a whole: a query run against the index, sorted, and cut into pages by opaque tokens."""

import base64
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub_jira.sandbox.jql import Query, parse, refused
from hub_jira.sandbox.matching import Matcher, key_order
from hub_jira.sandbox.problems import bad
from hub_jira.sandbox.records import Account, Issue
from hub_jira.sandbox.site import Site

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_TOKEN_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Search:
    """A search by *caller*.

    Args:
        reconcile: Issues (by id) of which the newest state counts, not the index.
        bounded: Whether a query without a restriction is refused.
    """

    site: Site
    caller: Account | None
    jql: str
    reconcile: frozenset[str] = frozenset()
    bounded: bool = True

    def found(self, moment: datetime, last: int | None = None) -> list[Issue]:
        """The issues that match, sorted, as the index had them at *moment* (and at its state number *last*)."""
        query = parse(self.jql)
        if query.where is None and self.bounded:
            raise bad(UNBOUNDED)
        sorts = _sorts(self.site, query)
        test = Matcher(self.site, self.caller).test(query.where) if query.where else lambda _: True
        issues = [issue for issue in self._seen(moment, last).values() if test(issue)]
        for key, down in reversed(sorts):
            issues.sort(key=key, reverse=down)
        return issues if self.caller else []

    def _seen(self, moment: datetime, last: int | None = None) -> dict[str, Issue]:
        seen = {issue.id: issue for issue in self.site.index.at(moment, last) if issue.id not in self.reconcile}
        return seen | {one: self.site.issues[one] for one in self.reconcile if one in self.site.issues}

    def page(self, token: str | None, size: int) -> tuple[list[Issue], str | None]:
        """A page and the token of the next, None after the last.

        A walk through the pages sees the matches of its first page's moment, each in its newest indexed state; issues
        deleted meanwhile are left out, so that a page may be short without being the last.
        """
        start, moment, last = self._read(token) if token else (0, self.site.search_moment(), self.site.index.last)
        matches = self.found(moment, last)
        current = self._seen(self.site.search_moment())
        end = start + size
        part = [current[issue.id] for issue in matches[start:end] if issue.id in current]
        return part, self._token(end, moment, last) if end < len(matches) else None

    def _token(self, start: int, moment: datetime, last: int) -> str:
        text = json.dumps([start, moment.isoformat(), last, self._mark()])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _mark(self) -> int:
        return zlib.crc32(self.jql.encode())

    def _read(self, token: str) -> tuple[int, datetime, int]:
        try:
            start, stamp, last, mark = json.loads(base64.urlsafe_b64decode(token))
            moment = datetime.fromisoformat(stamp)
        except (ValueError, TypeError):
            raise bad("The value of nextPageToken is not valid.") from None
        if mark != self._mark() or self.site.search_moment() - moment > _TOKEN_LIFE:
            raise bad("The value of nextPageToken is not valid for this query, or has expired.")
        return start, moment, last


SortKey = Callable[[Issue], Any]


def _sorts(site: Site, query: Query) -> list[tuple[SortKey, bool]]:
    order: Iterable[tuple[str, bool]] = query.order or (("key", True),)
    return [(_sort_key(site, name), down) for name, down in order]


def _sort_key(site: Site, name: str) -> SortKey:
    lower = name.lower()
    if lower in {"key", "issuekey", "issue", "id"}:
        return key_order
    if lower in {"updated", "updateddate"}:
        return lambda issue: issue.updated
    if lower in {"created", "createddate"}:
        return lambda issue: issue.created
    if lower == "priority":
        ranks = {one: rank for rank, one in enumerate(reversed(site.priorities))}
        return lambda issue: ranks.get(issue.value("priority") or "", -1)
    system = {"summary", "status", "assignee", "reporter", "issuetype", "resolution", "duedate", "project"}
    field = {"type": "issuetype", "due": "duedate"}.get(lower, lower)
    if field not in system:
        raise refused(f"Not able to sort using field '{name}'.")
    return lambda issue: str(issue.project if field == "project" else issue.value(field) or "")
