"""The lens for values from a list: status, priority, type."""

from copy import copy
from enum import StrEnum
from typing import Any, Self

from hub.mapping.lens import Lens, Terms, Unmapped
from hub.mapping.vocabulary import Vocabulary


class Choice(Lens):
    """A canonical choice under the service's own names.

    Several canonical values may share one remote name, and several remote names one canonical value: nobody moves
    for that. What has no name is `Unmapped`, never a guess.

    Args:
        remote: The record's field.
        choices: The canonical values.
        optional: Whether "not set" is a value of both sides.
        names: The vocabulary used when the configuration gives none; without one the field is not mapped.
    """

    def __init__(
        self,
        remote: str,
        choices: type[StrEnum],
        *,
        optional: bool = False,
        names: Vocabulary | None = None,
        writable: bool = True,
        weak: bool = False,
    ) -> None:
        super().__init__(remote, writable=writable, weak=weak)
        self.choices, self.optional, self.names = choices, optional, names or Vocabulary({})
        self.location = self.remote
        self._members = {str(member): member for member in choices}

    def get(self, remote: Any) -> Any:
        """The canonical value called *remote*."""
        if remote is None and self.optional:
            return None
        value = self.names.canonical(str(remote))
        if value is None:
            raise Unmapped(f"{self.remote} {remote!r} has no canonical value", f"name {remote!r} in {self.location}")
        return self._members[value]

    def put(self, value: Any, current: Any) -> Any:
        """The name of *value*, or *current* if that stands for it already."""
        if value is None and self.optional:
            return None
        if current is not None and self.names.reads(str(value), str(current)):
            return current
        name = self.names.remote(str(value))
        if name is None:
            raise Unmapped(f"{value} has no {self.remote} there", f"give {value} a name in {self.location}")
        return name

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with the vocabulary that the configuration gives for *field*."""
        bound = copy(self)
        bound.names = self.called(terms.vocabularies.get(field))
        bound.location = f"{terms.location}.{field}"
        return bound

    def called(self, given: Vocabulary | None) -> Vocabulary:
        """What the values are called where the configuration has the table *given* for this field.

        One table may be meant for another kind's values: where it names none of these, the connector's own names stay.
        """
        values = frozenset(self.choices)
        own, ours = self.names.among(values), (given or self.names).among(values)
        return ours if ours.names or not own.names else own

    @property
    def named(self) -> bool:
        """Whether anything is named at all; a choice without names is not synchronised."""
        return bool(self.names.names) or self.names.write is not None

    def fingerprint(self) -> str:
        """What each value is written as and read from is part of the meaning; the order of the table is not."""
        meaning = self.names.meaning(frozenset(str(value) for value in self.choices))
        return f"{super().fingerprint()}{':optional' if self.optional else ''}:{meaning}"
