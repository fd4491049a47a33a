"""Lenses for one person in one role: who owns a record, who wrote it."""

from typing import Any

from hub.mapping.sets import OfPeople
from hub.model import Person


class Owner(OfPeople):
    """One person or nobody; the record shows `{"id", "name"?, "email"?}`. Who has no account there is kept here."""

    def get(self, remote: Any) -> Person | None:
        """The person behind the account."""
        return self.people.person(remote) if remote else None

    def put(self, value: Person | None, current: Any) -> Any:
        """The account of *value*; nobody where they have none."""
        if (value is None and not current) or (value is not None and self._is(value, current)):
            return current
        return None if value is None else self.people.account(value)

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> Person | None:
        """As the base class; whoever was shown and is no more has been taken away, known account or not."""
        if not remote and current is not None and self._is(current, seen):
            return None
        return super().to_canonical(remote, current=current)  # type: ignore[no-any-return]


class Author(OfPeople):
    """Who wrote something; the record shows `{"id"?, "name", "email"?}`, for people without an account as well."""

    def get(self, remote: Any) -> Person | None:
        """The person behind the account, else the person as shown; None where nothing is."""
        shown = remote or {}
        if shown.get("id"):
            return self.people.person(shown)
        name, mail = str(shown.get("name") or ""), str(shown.get("email") or "").lower()
        return Person(name=name, email=mail or None) if name or mail else None

    def put(self, value: Person | None, current: Any) -> Any:
        """The person with all that the service can know of them; *current* if that is them already."""
        if self.get(current) == value or (value is not None and (current or {}).get("id") and self._is(value, current)):
            return current
        if value is None:
            return None
        account = self.people.account(value) or {}
        shown = {"id": account.get("id"), "name": value.name or account.get("name") or "", "email": value.email}
        return {key: part for key, part in shown.items() if part or key == "name"}
