"""What a board has beside its cards: lists, labels, members, custom fields. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub_trello.layout import Layout, in_order

COLORS = frozenset(
    shade
    for color in ("green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black")
    for shade in (color, f"{color}_dark", f"{color}_light")
)
"""The colours a label can have, besides none (REST reference, "Create a label")."""

PLAIN = Layout()
"""Of a connection whose settings say nothing of checklists and custom fields."""


def shown_label(label: Mapping[str, Any]) -> str:
    """How a label is called here: its name, or its colour as `:green:` (`:none:`) if it has no name."""
    return str(label.get("name") or f":{label.get('color') or 'none'}:")


def color_called(name: str) -> str | None:
    """The colour that *name* stands for as an unnamed label, if any."""
    color = name[1:-1]
    return color if name == f":{color}:" and color in COLORS else None


@dataclass(frozen=True)
class Board:
    """A board's lists (archived ones too), labels, members and custom fields, each by id.

    Args:
        id: The board's full id.
        lists: `{"id", "name", "closed", "pos"}`.
        labels: `{"id", "name", "color"}`.
        members: `{"id", "fullName", "username"}`.
        custom: `{"id", "name", "type", "pos", "options"?}`.
        layout: Where the settings say that things are on its cards.
    """

    id: str
    lists: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, Mapping[str, Any]]
    members: Mapping[str, Mapping[str, Any]]
    custom: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    layout: Layout = PLAIN

    @classmethod
    def of(
        cls,
        number: str,
        lists: Iterable[Mapping[str, Any]],
        labels: Iterable[Mapping[str, Any]],
        members: Iterable[Mapping[str, Any]],
        custom: Iterable[Mapping[str, Any]] = (),
        layout: Layout = PLAIN,
    ) -> "Board":
        """From the tables as the service lists them."""
        return cls(number, _by_id(lists), _by_id(labels), _by_id(members), _by_id(custom), layout)

    def with_label(self, label: Mapping[str, Any]) -> "Board":
        """This board with one more label."""
        return replace(self, labels={**self.labels, str(label["id"]): label})

    def knows(self, card: Mapping[str, Any]) -> bool:
        """Whether the list and labels of a card of this board are in the tables."""
        return str(card["idList"]) in self.lists and all(str(each) in self.labels for each in card.get("idLabels", ()))

    # reading

    def list_name(self, number: str) -> str:
        """A list's name; an unknown list is shown as its id, which no vocabulary names."""
        return str(self.lists.get(number, {}).get("name", number))

    def list_closed(self, number: str) -> bool:
        """Whether a list is archived."""
        return bool(self.lists.get(number, {}).get("closed"))

    def label_names(self, numbers: Iterable[str]) -> list[str]:
        """The labels' names, each once, in alphabetical order."""
        return sorted({shown_label(self.labels[each]) for each in numbers if each in self.labels})

    def name_of(self, number: str) -> str:
        """A member's full name; empty for who has left the board."""
        return str(self.members.get(number, {}).get("fullName") or "")

    def person(self, number: str) -> dict[str, str]:
        """A member as records show people."""
        username = str(self.members.get(number, {}).get("username") or "")
        shown = {"id": number, "name": self.name_of(number)}
        return {**shown, "username": username} if username else shown

    def field_called(self, name: str) -> Mapping[str, Any] | None:
        """The custom field with that id or name; of two with one name, the uppermost."""
        named = (each for each in self.custom_in_order() if each.get("name") == name)
        return self.custom.get(name) or next(named, None)

    def custom_in_order(self) -> list[Mapping[str, Any]]:
        """The custom fields as the board shows them."""
        return in_order(self.custom.values())

    # writing

    def open_lists(self) -> list[Mapping[str, Any]]:
        """The lists that cards can be put on, from left to right."""
        return in_order(each for each in self.lists.values() if not each.get("closed"))

    def list_called(self, name: str, *, staying: str | None = None) -> str | None:
        """The open list of that name: *staying* if that is one, else the leftmost, as names are not unique."""
        called = [str(each["id"]) for each in self.open_lists() if each["name"] == name]
        return staying if staying in called else next(iter(called), None)

    def label_called(self, name: str) -> str | None:
        """The oldest label shown as *name*."""
        return min((number for number, each in self.labels.items() if shown_label(each) == name), default=None)

    def member_called(self, name: str) -> str:
        """The id of the member with that id or user name; what is neither stays, for the service to judge."""
        named = (number for number, each in self.members.items() if each.get("username") == name)
        return name if name in self.members else next(named, name)

    def names_of_open_lists(self) -> Sequence[str]:
        """The names that `list_called` knows, each once, from left to right."""
        return tuple(dict.fromkeys(str(each["name"]) for each in self.open_lists()))


def _by_id(table: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(each["id"]): each for each in table}
