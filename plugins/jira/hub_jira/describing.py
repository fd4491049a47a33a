"""What a project has: its issue types, fields, choices and people, for setting up a mapping."""

import asyncio
from collections.abc import Iterable

from hub.sdk import Account, Description, FieldInfo, Kind
from hub_jira import screens
from hub_jira.mapping import KINDS
from hub_jira.meta import IssueType, Meta
from hub_jira.outgoing import ALWAYS, FILLED_BY_JIRA
from hub_jira.records import account
from hub_jira.site import Site

PEOPLE_PAGE = 1000
"""The service looks at no more than a thousand people in all."""
_TYPES = {"labels": "list", "duedate": "date", "description": "text", "assignee": "user", "parent": "issue"}


class Describing:
    """Describes one project."""

    def __init__(self, site: Site, meta: Meta) -> None:
        self._site, self._meta = site, meta

    async def describe(self) -> Description:
        """Types, fields with their choices, and who can be assigned."""
        types, statuses, priorities, people = await asyncio.gather(
            self._meta.types(), self._statuses(), self._priorities(), self._people()
        )
        of_kind = {kind: tuple(t for t in types if t.subtask is (kind is Kind.TASK)) for kind in KINDS}
        fields = {kind: await self._fields(kind, of_kind[kind], statuses, priorities) for kind in KINDS}
        return Description({kind: tuple(t.name for t in given) for kind, given in of_kind.items()}, fields, people)

    async def _fields(
        self, kind: Kind, types: tuple[IssueType, ...], statuses: dict[str, list[str]], priorities: tuple[str, ...]
    ) -> tuple[FieldInfo, ...]:
        settings = self._site.setup.kinds.get(kind)
        chosen = [t for t in types if not settings or not settings.types or t.name in settings.types]
        wanted = (settings.create_type if settings else None) or (chosen[0].name if chosen else None)
        typed = next((t for t in chosen if t.name == wanted), None)
        screen = await self._meta.screen(typed) if typed else {}
        choices = {
            "status": _unique(name for t in chosen for name in statuses.get(t.id, ())),
            "priority": priorities,
            "issuetype": tuple(t.name for t in types),
        }
        names = sorted({lens.remote for lens in KINDS[kind].mapping.values()})
        more = [n for n, f in screen.items() if screens.required(f) and n not in {*names, *ALWAYS, *FILLED_BY_JIRA}]
        return tuple(
            FieldInfo(
                name,
                str(screen.get(name, {}).get("name") or name),
                _TYPES.get(name) or str((screen.get(name, {}).get("schema") or {}).get("type") or "string"),
                choices.get(name, ()),
                screens.required(screen.get(name, {})),
            )
            for name in [*names, *more]
        )

    async def _statuses(self) -> dict[str, list[str]]:
        place = await self._site.place()
        shown = await self._site.client.get(f"/project/{place.id}/statuses")
        return {str(t["id"]): [str(s["name"]) for s in t.get("statuses") or ()] for t in shown}

    async def _priorities(self) -> tuple[str, ...]:
        place = await self._site.place()
        listed = self._site.client.listed("/priority/search", "values", projectId=place.id)
        return _unique([str(p["name"]) async for p in listed])

    async def _people(self) -> tuple[Account, ...]:
        place = await self._site.place()
        listed = self._site.client.listed("/user/assignable/search", page=PEOPLE_PAGE, project=place.key)
        shown = [user async for user in listed]
        return tuple(account(u) for u in shown if u.get("active", True) and u.get("accountType", "atlassian") != "app")


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
