"""The fields of a site by id and by what people call them, asked for once, and only where the configuration names some.

Facts: "Get fields" of developer.atlassian.com/cloud/jira/platform/rest/v3; `GET /field` of Data Center is the same.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.sdk import Kind, Refused, Setup
from hub_jira.client import Client
from hub_jira.config import JiraConfig, RequirementOptions
from hub_jira.custom import CustomField
from hub_jira.dialects import Parted
from hub_jira.shape import ESTIMATE, Shape

_ID = re.compile(r"customfield_\d+")
ISSUES = (Kind.REQUIREMENT, Kind.TASK)
"""The kinds that are issues."""


class Catalogue:
    """Knows which fields the records of a kind are made of."""

    def __init__(self, setup: Setup, client: Client, dialect: Parted) -> None:
        self._setup, self._client, self._dialect = setup, client, dialect
        self._config: JiraConfig = setup.config
        self._fields: list[dict[str, Any]] | None = None
        self._shapes: dict[Kind, Shape] = {}
        self._asking = asyncio.Lock()

    async def fields(self) -> list[dict[str, Any]]:
        """Every field of the site."""
        if self._fields is None:
            self._fields = list(await self._client.get("/field"))
        return self._fields

    async def shape(self, kind: Kind) -> Shape:
        """What records of *kind* show. Raises Refused for a field that the site does not have."""
        async with self._asking:
            if kind not in self._shapes:
                more, named = fields_of(self._setup, kind), self._named(kind)
                known = await self.fields() if more or named else []
                labels = {str(each["id"]): str(each.get("name") or each["id"]) for each in known}
                custom = tuple(CustomField.of(name, self._field(kind, name, known)) for name in named)
                shown = {name: labels.get(name, name) for name in more}
                self._shapes[kind] = Shape(self._config, self._dialect, shown, custom)
            return self._shapes[kind]

    async def asked(self) -> tuple[str, ...]:
        """The ids of the fields that records of both kinds are made of; no call where all are named by id."""
        found: list[str] = []
        for kind in ISSUES:
            named = self._named(kind)
            if all(_ID.fullmatch(name) for name in named):
                found += [*Shape(self._config, self._dialect).asked, *fields_of(self._setup, kind), *named]
            else:
                found += (await self.shape(kind)).asked
        return tuple(dict.fromkeys(found))

    def _named(self, kind: Kind) -> tuple[str, ...]:
        settings = self._setup.kinds.get(kind)
        return tuple(sorted(set(settings.custom.values()))) if settings else ()

    def _field(self, kind: Kind, name: str, known: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        fields = list(known)
        by_id = [field for field in fields if field["id"] == name]
        found = by_id or [field for field in fields if str(field.get("name", "")).casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        several = ", ".join(str(field["id"]) for field in found)
        raise Refused(
            f"Jira has several fields {name!r}: {several}" if found else f"Jira has no field {name!r}",
            fix=f"name the field in custom of {kind} by its id" if found else f"mend custom of {kind}",
        )


def fields_of(setup: Setup, kind: Kind) -> tuple[str, ...]:
    """The fields beyond the usual ones that the options of *kind* name."""
    settings = setup.kinds.get(kind)
    options = settings.options if settings else None
    if not isinstance(options, RequirementOptions):
        return ()
    named = [options.background, options.acceptance, options.start, ESTIMATE if options.estimate else None]
    return tuple(name for name in named if name)
