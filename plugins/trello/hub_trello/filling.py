"""What a card cannot be made or changed with in one call: its acceptance criteria and its custom values."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import AnswerLost, BadAnswer, Record, ServiceError, SignInRejected, Transient
from hub_trello.acceptance import steps
from hub_trello.client import TrelloClient
from hub_trello.custom import NoSuchValue, written_custom
from hub_trello.tables import Tables

FILLED = frozenset({"acceptance", "custom"})
"""The record's fields that are written so."""

Json = Mapping[str, Any]


class Filling:
    """Writes criteria item by item, and custom values field by field.

    Args:
        client: The way to the service.
        tables: The tables of the board.
    """

    def __init__(self, client: TrelloClient, tables: Tables) -> None:
        self._client, self._tables = client, tables

    async def fill(
        self, number: str, fields: Mapping[str, Any], base: Record | None, *, patient: bool = False
    ) -> dict[str, str]:
        """Write what *fields* ask for; what the service refused, by field.

        Args:
            number: The card's id.
            base: What the card shows, with all its parts; None for a new one.
            patient: Whether what fails for the moment is told like a refusal.

        Raises:
            ServiceError: What says nothing of one field, unless *patient*.
        """
        faults: dict[str, str] = {}
        for name, write in (("acceptance", self._criteria), ("custom", self._values)):
            if name not in fields:
                continue
            try:
                await write(number, fields[name], base)
            except NoSuchValue as error:
                faults[name] = str(error)
            except (SignInRejected, Transient, AnswerLost, BadAnswer) as error:
                if not patient:
                    raise
                faults[name] = error.message
            except ServiceError as error:
                faults[name] = error.message
        return faults

    async def _criteria(self, number: str, wanted: Sequence[Json] | None, base: Record | None) -> None:
        had = base.fields.get("acceptance") or () if base else ()
        checklist = base.extra.get("checklist") if base else None
        for step in steps(had, wanted or (), base.extra.get("places") or {} if base else {}):
            if step.body is None:
                await self._client.gone(f"/cards/{number}/checkItem/{step.item}")
            elif step.item is not None:
                await self._client.write("PUT", f"/cards/{number}/checkItem/{step.item}", step.body)
            else:
                checklist = checklist or await self._checklist(number)
                await self._client.write("POST", f"/checklists/{checklist}/checkItems", step.body)

    async def _checklist(self, number: str) -> str:
        return await new_checklist(self._client, number, self._tables.layout.acceptance_name)

    async def _values(self, number: str, wanted: Mapping[str, Any] | None, base: Record | None) -> None:
        board = await self._tables.board()
        before = base.fields.get("custom") or {} if base else {}
        held = {str(each.get("idCustomField")): each for each in (base.extra.get("custom") or () if base else ())}
        for name, given in sorted((wanted or {}).items()):
            value, shown = given.get("value"), (before.get(name) or {}).get("value")
            if value == shown and type(value) is type(shown):
                continue
            field = board.field_called(name) or (await self._tables.board(fresh=True)).field_called(name)
            if field is None:
                there = ", ".join(str(each.get("name")) for each in board.custom_in_order()) or "none"
                raise NoSuchValue(f"the board has no custom field called {name!r}; it has: {there}")
            body = written_custom(field, value, held.get(str(field["id"])))
            await self._client.write("PUT", f"/cards/{number}/customField/{field['id']}/item", body)


async def new_checklist(client: TrelloClient, card: str, name: str) -> str:
    """Make a checklist at the bottom of a card; its id. Raises ServiceError."""
    made = await client.write("POST", f"/cards/{card}/checklists", {"name": name, "pos": "bottom"})
    if not made:
        raise AnswerLost(f"the checklist {name!r} may have been made: the answer was empty", record=card)
    return str(made["id"])
