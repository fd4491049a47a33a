"""Lenses for sets: labels and people."""

import functools
import re
from collections.abc import Iterable
from copy import copy
from typing import Any, Self

from hub.mapping.lens import Lens, Terms
from hub.mapping.people import People
from hub.model import Person

LABELS = 4_096
"""So many labels of a service are written without a second thought: the same few stand on everything."""


class LabelSet(Lens):
    """Labels: a set of words here, a list of names there. A name there that is no label at all is left alone.

    Args:
        remote: The record's field.
        forbid: Characters the service does not take in a label; each run is written as `_`. A space means all of them.
        limit: Most characters of a label.
    """

    def __init__(
        self, remote: str, *, forbid: str = "", limit: int = 1_000, writable: bool = True, weak: bool = False
    ) -> None:
        super().__init__(remote, writable=writable, weak=weak)
        self.forbid, self.limit = forbid, limit
        spaces = r"\s" if " " in forbid else ""
        self._bad = re.compile(rf"[{re.escape(forbid)}\x00-\x1f{spaces}]+")
        self._name = functools.lru_cache(maxsize=LABELS)(self._written)

    def get(self, remote: Any) -> frozenset[str]:
        """The names as they stand."""
        return frozenset(filter(self._name, remote or ()))

    def put(self, value: frozenset[str], current: Any) -> Any:
        """The list with labels added and removed, the others where they were."""
        wanted = set(map(self._name, value))
        wanted.discard("")
        if not current:
            return sorted(wanted) or current
        kept = [name for name in current or () if self._name(name) in {*wanted, ""}]
        new = sorted(wanted - {self._name(name) for name in kept})
        return [*kept, *new] if new or len(kept) < len(current or ()) else current

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> frozenset[str]:
        """Each name as the label that *current* writes so, else as itself; what cannot be written there stays."""
        del seen
        if not current:
            return self.get(remote)
        shown = {self._name(name) for name in remote or ()}
        known = {self._name(label) for label in current or ()}
        stays = {label for label in current or () if self._name(label) in {*shown, ""}}
        return frozenset(stays | {name for name in self.get(remote) if self._name(name) not in known})

    def _written(self, label: str) -> str:
        return self._bad.sub("_", label.strip())[: self.limit].strip()

    def fingerprint(self) -> str:
        """What is forbidden is part of the meaning."""
        return f"{super().fingerprint()}:{''.join(sorted(set(self.forbid)))}:{self.limit}"


class OfPeople(Lens):
    """What lenses of people share: the accounts of the connection they look at."""

    people = People("")

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with the people of the connection."""
        del field
        bound = copy(self)
        bound.people = terms.people
        return bound

    def fingerprint(self) -> str:
        """Whose account is whose is part of the meaning, where the configuration says so; the directory is not."""
        return f"{super().fingerprint()}:{self.people.given}"

    def _accounts(self, people: Iterable[Person]) -> dict[str, dict[str, Any]]:
        return {a["id"]: a for person in people if (a := self.people.account(person))}

    def _is(self, person: Person, account: Any) -> bool:
        """Whether an account that a record shows is one of *person*'s, be it another one than we would write."""
        return bool(account) and (
            self.people.person(account) == person or str(account["id"]) in self._accounts([person])
        )

    def _shown_in(self, person: Person, accounts: Iterable[Any]) -> bool:
        return any(self._is(person, account) for account in accounts)


class PeopleSet(OfPeople):
    """Several people; the record shows a list of `{"id", "name"?, "email"?}`. Who has no account there is kept here."""

    def get(self, remote: Any) -> frozenset[Person]:
        """The persons behind the accounts."""
        return frozenset(self.people.person(account) for account in remote or ())

    def put(self, value: frozenset[Person], current: Any) -> Any:
        """The accounts of *value*, those already there where they were."""
        here = current or ()
        kept = [account for account in here if any(self._is(person, account) for person in value)]
        new = self._accounts(person for person in value if not self._shown_in(person, kept))
        return [*kept, *(new[number] for number in sorted(new))] if new or len(kept) < len(here) else current

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> frozenset[Person]:
        """The persons shown, and those of *current* who were not shown before and cannot be."""
        people: frozenset[Person] = current or frozenset()
        stays = frozenset(p for p in people if self._shown_in(p, remote or ()) or self._stays_unseen(p, seen or ()))
        new = [a for a in remote or () if not any(self._is(person, a) for person in people)]
        return stays | self.get(new)

    def _stays_unseen(self, person: Person, seen: Iterable[Any]) -> bool:
        return not self._accounts([person]) and not self._shown_in(person, seen)


class OnePerson(OfPeople):
    """Several people here, one at a time there: `{"id", "name"?, "email"?}` or None."""

    def get(self, remote: Any) -> frozenset[Person]:
        """The one person, or nobody."""
        return frozenset({self.people.person(remote)} if remote else ())

    def put(self, value: frozenset[Person], current: Any) -> Any:
        """Who is shown, if they are among *value*, else the first of *value* who has an account there."""
        if any(self._is(person, current) for person in value):
            return current
        accounts = self._accounts(value)
        return accounts[min(accounts)] if accounts else None

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> frozenset[Person]:
        """*current* with whom *seen* showed replaced by whom *remote* shows; nobody shown leaves nobody who could be."""
        people: frozenset[Person] = current or frozenset()
        if self._shows(people, remote):
            return people
        gone = self.put(people, seen)
        stays = frozenset(p for p in people if not self._is(p, gone) and (remote or not self._accounts([p])))
        return stays | self.get(remote)
