"""What a new issue of a type takes: its create screen, asked once per type.

Facts: "Get create metadata issue types for a project" and "Get create field metadata for a project and issue type id"
of developer.atlassian.com/cloud/jira/platform/rest/v3.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.sdk import Kind, Refused
from hub_jira.site import Site


@dataclass(frozen=True, slots=True)
class IssueType:
    """An issue type of the project."""

    id: str
    name: str
    subtask: bool


class Meta:
    """Issue types and create screens of one project."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._types: tuple[IssueType, ...] | None = None
        self._screens: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._asking = asyncio.Lock()

    async def types(self) -> tuple[IssueType, ...]:
        """The types in which the account may create issues."""
        async with self._asking:
            if self._types is None:
                path = f"/issue/createmeta/{(await self._site.place()).id}/issuetypes"
                listed = self._site.client.listed(path, "issueTypes", "createMetaIssueType", "values")
                self._types = tuple(
                    [IssueType(str(t["id"]), str(t["name"]), bool(t.get("subtask"))) async for t in listed]
                )
            return self._types

    async def screen(self, issue_type: IssueType) -> dict[str, Mapping[str, Any]]:
        """The fields of the create screen by field id."""
        async with self._asking:
            if issue_type.id not in self._screens:
                path = f"/issue/createmeta/{(await self._site.place()).id}/issuetypes/{issue_type.id}"
                listed = self._site.client.listed(path, "fields", "results", "values")
                self._screens[issue_type.id] = {
                    str(field.get("fieldId") or field["key"]): field async for field in listed
                }
            return self._screens[issue_type.id]

    async def type_for(self, kind: Kind, name: str | None) -> IssueType:
        """The type called *name*, else the one that new records of *kind* get. Raises Refused."""
        types, settings = await self.types(), self._site.setup.kinds.get(kind)
        wanted = name or (settings and (settings.create_type or next(iter(settings.types), None)))
        named = [t for t in types if t.name == wanted]
        fitting = named if wanted else [t for t in types if t.subtask is (kind is Kind.TASK)]
        if not fitting:
            have = ", ".join(t.name for t in types) or "none"
            raise Refused(
                f"issues of type {wanted or 'sub-task'!r} cannot be created: the project takes {have}",
                fields={"issuetype": f"the project takes {have}"},
                fix=f"set create_type of {kind} to one of these, or name one in its mapping",
            )
        return fitting[0]
