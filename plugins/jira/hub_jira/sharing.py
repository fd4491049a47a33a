"""One reading for all kinds of a run: what one kind's reading has found, kept for the others, which come right after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import Cursor, Kind
from hub_jira.catalogue import ISSUES
from hub_jira.edition import Json
from hub_jira.jql import Settings, kind_of
from hub_jira.reading import Batch, rescan_is_due, window

MOST = 20_000
"""Issues that are kept; what is larger than that is read by each kind for itself."""
FRESH_MS = 10 * 60_000
"""How long an answer is kept: a run reads its kinds one after another."""


@dataclass
class Shared:
    """A reading, while it goes on and after it.

    Args:
        asked: The name of what was asked for.
        since: The earliest change that it covers, in milliseconds; 0 for everything, None for nothing whole.
        began: When it began.
        writes: How much had been written by then.
        waiting: The kinds that have not taken it yet.
        before: The cursor that it began from.
    """

    asked: str
    since: int | None
    began: int
    writes: int
    waiting: set[Kind]
    before: Cursor | None = None
    issues: list[Json] = field(default_factory=list)
    cursor: Cursor | None = None
    cut: bool = False
    """Whether it left out what is as it was: then it is of use only to who knows just the same."""

    def take(self, batch: Batch, kinds: Settings) -> None:
        """Keep what a page shows; nothing any more of a reading that is too large."""
        self.cut = batch.quiet or batch.joined
        if len(self.issues) + len(batch.issues) > MOST:
            self.waiting, self.issues = set(), []
        if self.waiting:
            self.issues += [_slim(issue, self.waiting, kinds) for issue in batch.issues]
        self.cursor = batch.cursor if batch.last else None

    def serves(self, kind: Kind, asked: str, cursor: Cursor | None, now: int, writes: int) -> bool:
        """Whether it has all that a reading of *kind* from *cursor* (None: of everything) would find now."""
        fresh = now - self.began < FRESH_MS and writes == self.writes
        if self.cursor is None or kind not in self.waiting or asked != self.asked or not fresh or self.since is None:
            return False
        if cursor is None:
            return self.since == 0
        if self.cut:
            same = self.before is not None and all(cursor[name] == self.before[name] for name in ("mark", "head"))
            return same and not rescan_is_due(cursor, self.began)
        return self.since <= window(cursor, self.began)

    def chunks(self, size: int) -> list[Sequence[Json]]:
        """Its issues, some at a time; one empty chunk if there are none."""
        return [self.issues[n : n + size] for n in range(0, len(self.issues), size)] or [()]


def _slim(issue: Json, waiting: set[Kind], kinds: Settings) -> Json:
    """What the kinds that are still to come need of an issue: all of it, or only what hangs on it."""
    kind = kind_of(issue, kinds)
    if kind in ISSUES and kind in waiting:
        return issue
    fields = {name: issue["fields"].get(name) for name in ("issuetype", "updated", "comment", "attachment")}
    histories = [each for each in (issue.get("changelog") or {}).get("histories") or [] if _is_of_files(each)]
    return {"id": issue["id"], "key": issue.get("key"), "fields": fields, "changelog": {"histories": histories}}


def _is_of_files(history: Mapping[str, Any]) -> bool:
    return any(item.get("field") == "Attachment" for item in history.get("items") or [])
