"""What fields a module has: read when something is to be written or described, or first read, and then remembered.

Facts: zoho.com/crm/developer/docs/api/v8/field-meta.html.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import NotFound, Phase
from hub_zoho_crm.client import Client, Rejected

_PHASES = {"open": Phase.OPEN, "closed won": Phase.DONE, "closed lost": Phase.DROPPED}


@dataclass(frozen=True, slots=True)
class FieldMeta:
    """One field of a module.

    Args:
        name: Its API name.
        data_type: `text`, `picklist`, `lookup` …
        choices: What a picklist offers, by the names that records show.
        required: Whether no record may be without it.
        writable: Whether the API may set it when a record is made.
        phases: By choice: how far a deal is, by what forecasts make of its stage.
    """

    name: str
    label: str
    data_type: str
    choices: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    writable: bool = True
    phases: Mapping[str, Phase] = field(default_factory=dict)

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "FieldMeta":
        """From the API's form."""
        return cls(
            str(shown["api_name"]),
            str(shown.get("field_label") or shown.get("display_label") or shown["api_name"]),
            str(shown.get("data_type") or "text"),
            tuple(_choices(shown)),
            bool(shown.get("system_mandatory")),
            bool(shown.get("unique")),
            not shown.get("read_only") and not shown.get("field_read_only"),
            _phases(shown),
        )


def _choices(shown: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for name, _ in _values(shown)))


def _values(shown: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every choice in use with what is said of it."""
    for each in shown.get("pick_list_values") or ():
        if isinstance(each, Mapping) and each.get("type", "used") == "used":
            name = each.get("actual_value") or each.get("display_value")
            if name and name != "-None-":
                yield str(name), each


def _phases(shown: Mapping[str, Any]) -> dict[str, Phase]:
    """`forecast_type` of the stages of deals: `Open`, `Closed Won` or `Closed Lost`; what is said otherwise is left out."""
    said = {name: str(value.get("forecast_type") or "").casefold() for name, value in _values(shown)}
    return {name: _PHASES[words] for name, words in said.items() if words in _PHASES}


class Metadata:
    """The fields of the modules of one organisation."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, dict[str, FieldMeta]] = {}
        self._asking = asyncio.Lock()

    async def fields(self, module: str) -> Mapping[str, FieldMeta]:
        """By API name; one call for each module. Raises NotFound if there is no such module, SignInRejected."""
        async with self._asking:
            if module not in self._known:
                self._known[module] = await self._ask(module)
            return self._known[module]

    async def _ask(self, module: str) -> dict[str, FieldMeta]:
        try:
            answer = await self._client.get("/settings/fields", module=module, type="all")
        except Rejected as error:
            if error.code in {"INVALID_MODULE", "INVALID_DATA"}:
                fix = "set module to the API name of a module: Setup > Developer Hub > APIs and SDKs > API Names"
                raise NotFound(f"there is no module {module!r}: {error.message}", fix=fix) from error
            raise
        shown = (answer or {}).get("fields") or ()
        return {str(each["api_name"]): FieldMeta.of(each) for each in shown}

    async def has(self, module: str, field: str) -> bool:
        """Whether a module has a field that takes values."""
        found = (await self.fields(module)).get(field)
        return found is not None and found.writable

    async def types(self, module: str, names: tuple[str, ...]) -> dict[str, str]:
        """By API name: the data types of some fields; nothing is asked for none."""
        if not names:
            return {}
        fields = await self.fields(module)
        return {name: fields[name].data_type if name in fields else "text" for name in names}
