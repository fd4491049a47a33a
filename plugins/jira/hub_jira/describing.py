"""What a project has: its issue types, fields, choices and people, for setting up a mapping."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hub.sdk import Account, Description, FieldInfo, Kind, Phase
from hub_jira import screens
from hub_jira.catalogue import ISSUES
from hub_jira.custom import READ_ONLY, kind_of
from hub_jira.mapping import mapping_of
from hub_jira.meta import IssueType, Meta
from hub_jira.outgoing import ALWAYS, FILLED_BY_JIRA
from hub_jira.records import account
from hub_jira.shape import CUSTOM, SHOWN
from hub_jira.site import Site

PEOPLE_PAGE = 1000
"""The service looks at no more than a thousand people in all."""
_TYPES = {"labels": "list", "duedate": "date", "description": "text", "assignee": "user", "parent": "issue"}


_PHASES = {"new": Phase.TODO, "indeterminate": Phase.DOING, "done": Phase.ENDED}


class Describing:
    """Describes one project."""

    def __init__(self, site: Site, meta: Meta) -> None:
        self._site, self._meta = site, meta

    async def describe(self) -> Description:
        """Types, fields with their choices, and who can be assigned."""
        types, statuses, priorities, people, site = await asyncio.gather(
            self._meta.types(), self._statuses(), self._priorities(), self._people(), self._site.catalogue.fields()
        )
        of_kind = {kind: tuple(t for t in types if t.subtask is (kind is Kind.TASK)) for kind in ISSUES}
        fields = {kind: await self._fields(kind, of_kind[kind], statuses, priorities, site) for kind in ISSUES}
        named = {kind: tuple(t.name for t in given) for kind, given in of_kind.items()}
        return Description(named, fields, people, whole=frozenset(ISSUES))

    async def _fields(
        self,
        kind: Kind,
        types: tuple[IssueType, ...],
        statuses: Mapping[str, Mapping[str, Phase | None]],
        priorities: tuple[str, ...],
        site: Iterable[Mapping[str, Any]],
    ) -> tuple[FieldInfo, ...]:
        """What lenses and screens show, and then whatever else the site has: a setting may name it."""
        settings = self._site.setup.kinds.get(kind)
        chosen = [t for t in types if not settings or not settings.types or t.name in settings.types]
        wanted = (settings.create_type if settings else None) or (chosen[0].name if chosen else None)
        typed = next((t for t in chosen if t.name == wanted), None)
        screen = await self._meta.screen(typed) if typed else {}
        shown = {name: phase for t in chosen for name, phase in statuses.get(t.id, {}).items()}
        choices = {
            "status": tuple(shown),
            "priority": priorities,
            "issuetype": tuple(t.name for t in types),
        }
        mapping = mapping_of(kind, self._site.edition.dialect, self._site.settings(kind))
        there = {str(field["id"]): field for field in site} | screen
        looked_at = {lens.remote for lens in mapping.values()} - {CUSTOM}
        names = sorted(name for name in looked_at if name in there or name in SHOWN)
        more = [n for n, f in screen.items() if n not in {*names, *ALWAYS, *FILLED_BY_JIRA} and _is_of_use(n, f)]
        rest = sorted(there.keys() - {*names, *more})
        described = [_info(name, there.get(name, {}), choices.get(name)) for name in [*names, *more]]
        phases = {name: phase for name, phase in shown.items() if phase}
        described = [replace(each, phases=phases) if each.name == "status" else each for each in described]
        return (*described, *(replace(_info(name, there[name], None), required=False) for name in rest))

    async def _statuses(self) -> dict[str, dict[str, Phase | None]]:
        """By the id of a type: the names of its statuses, and how far an issue is then, by their categories."""
        place = await self._site.place()
        shown = await self._site.client.get(f"/project/{place.id}/statuses")
        return {str(t["id"]): {str(s["name"]): _phase(s) for s in t.get("statuses") or ()} for t in shown}

    async def _priorities(self) -> tuple[str, ...]:
        place = await self._site.place()
        return _unique([str(p["name"]) async for p in self._site.edition.priorities(self._site.client, place.id)])

    async def _people(self) -> tuple[Account, ...]:
        place = await self._site.place()
        listed = self._site.client.listed("/user/assignable/search", page=PEOPLE_PAGE, project=place.key)
        shown = [user async for user in listed]
        return tuple(account(u) for u in shown if u.get("active", True) and u.get("accountType", "atlassian") != "app")


def _phase(status: Mapping[str, Any]) -> Phase | None:
    """How far an issue is by the category of its status: what is done there may as well have been given up."""
    return _PHASES.get(str((status.get("statusCategory") or {}).get("key")))


def _is_of_use(name: str, field: Mapping[str, Any]) -> bool:
    """Whether a field that no lens looks at is required, or one that can be named as a custom field."""
    return screens.required(field) or name.startswith("customfield_")


def _info(name: str, field: Mapping[str, Any], choices: tuple[str, ...] | None) -> FieldInfo:
    schema = field.get("schema") or {}
    kind = _TYPES.get(name) or str(schema.get("type") or "string")
    if name.startswith("customfield_") and kind_of(schema) in READ_ONLY:
        kind = f"{kind} (read only)"
    label = str(field.get("name") or name)
    return FieldInfo(name, label, kind, choices or _values(field), screens.required(field), also=(label,))


def _values(field: Mapping[str, Any]) -> tuple[str, ...]:
    """What a custom field lets people choose from."""
    if not str((field.get("schema") or {}).get("custom") or ""):
        return ()
    return _unique(str(v.get("value") or v.get("name")) for v in field.get("allowedValues") or ())


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
