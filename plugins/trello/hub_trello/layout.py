"""Where things are on a card of this connection: which checklist holds what, and which custom fields are looked at. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import ACCEPTANCE, Heading

TASKS = Heading("Tasks", "任务")
"""What the checklist for new tasks is called."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the settings say of cards.

    Args:
        acceptance: The name of the checklist of acceptance criteria; None for the usual one, in either language.
        tasks: The names of the checklists whose items are tasks; empty for every one that holds no criteria.
        custom: The custom fields to be shown, by name or id.
        language: In which checklists of the hub's own making are named.
    """

    acceptance: str | None = None
    tasks: tuple[str, ...] = ()
    custom: tuple[str, ...] = field(default=())
    language: str = "en"

    @property
    def acceptance_name(self) -> str:
        """What a new checklist of criteria is called."""
        return self.acceptance or ACCEPTANCE.name(self.language)

    @property
    def tasks_name(self) -> str:
        """What the checklist is called that new tasks go to."""
        return self.tasks[0] if self.tasks else TASKS.name(self.language)

    def acceptance_of(self, card: Json) -> Json | None:
        """The checklist of acceptance criteria; of several, the uppermost."""
        return next((each for each in in_order(card.get("checklists") or ()) if self._is_acceptance(each)), None)

    def tasks_of(self, card: Json) -> list[Json]:
        """The checklists whose items are tasks, from the top."""
        return [each for each in in_order(card.get("checklists") or ()) if self._holds_tasks(each)]

    def for_new_tasks(self, card: Json) -> Json | None:
        """The checklist that new tasks go to, if it is there."""
        return next((each for each in self.tasks_of(card) if self._takes_tasks(str(each.get("name") or ""))), None)

    def _is_acceptance(self, checklist: Json) -> bool:
        name = str(checklist.get("name") or "")
        return _same(name, self.acceptance) if self.acceptance else ACCEPTANCE.matches(name)

    def _holds_tasks(self, checklist: Json) -> bool:
        name = str(checklist.get("name") or "")
        return not self._is_acceptance(checklist) and (not self.tasks or any(_same(name, each) for each in self.tasks))

    def _takes_tasks(self, name: str) -> bool:
        return _same(name, self.tasks[0]) if self.tasks else TASKS.matches(name)


def in_order(things: Any) -> list[Any]:
    """Checklists or their items as they are shown: by position, then by age."""
    return sorted(things, key=lambda each: (float(each.get("pos") or 0), str(each["id"])))


def items_of(checklist: Json | None) -> list[Json]:
    """The items of a checklist from the top."""
    return in_order((checklist or {}).get("checkItems") or ())


def _same(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(other.split()).casefold()
