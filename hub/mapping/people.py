"""Who is who: the same person under several accounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.model import Person


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a service: its id there, and what the service shows of its owner.

    Args:
        username: What people type to name it, where the service has such names; `[people]` may use it as well.
    """

    id: str
    name: str = ""
    email: str | None = None
    username: str = ""


@dataclass(frozen=True)
class People:
    """The accounts of one connection, tied to persons.

    Args:
        connection: The connection whose accounts these are.
        table: `[people]` of the configuration: e-mail → connection → account id or user name.
        directory: The accounts that the service itself has shown.
    """

    connection: str
    table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    directory: Iterable[Account] = ()

    def __post_init__(self) -> None:
        """Index both tables by account and by person."""
        known = {a.id: a for a in self.directory}
        mails = {a.id: a.email for a in known.values() if a.email}
        ids = {a.username: a.id for a in known.values() if a.username}
        given = {
            mail: accounts[self.connection] for mail, accounts in self.table.items() if self.connection in accounts
        }
        mails |= {ids.get(account, account): mail for mail, account in given.items()}
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "_mails", mails)
        object.__setattr__(self, "_accounts", {mail.lower(): account for account, mail in sorted(mails.items())})

    @property
    def given(self) -> str:
        """What the configuration says of this connection's accounts, as text."""
        rows = sorted(
            (mail.lower(), each[self.connection]) for mail, each in self.table.items() if self.connection in each
        )
        return ",".join(f"{mail}={account}" for mail, account in rows)

    def person(self, account: Mapping[str, Any]) -> Person:
        """The person behind an account as a record shows it: `{"id", "name"?, "email"?, "username"?}`.

        The table may name an account by its user name, where the service has these.
        """
        number, mails = str(account["id"]), self._index("_mails")
        shown = self._index("_known").get(number)
        name = str(account.get("name") or (shown.name if shown else "") or "")
        mail = mails.get(number) or mails.get(str(account.get("username") or "")) or account.get("email")
        if mail:
            return Person(email=str(mail).lower(), name=name)
        return Person(name=name, account=f"{self.connection}:{number}")

    def account(self, person: Person) -> dict[str, Any] | None:
        """The account of *person* here, as a record would show it; None if they have none that is known."""
        number = self._number(person)
        if number is None:
            return None
        known = self._index("_known").get(number)
        return {"id": number, "name": known.name if known else person.name}

    def _number(self, person: Person) -> str | None:
        if person.email and (number := self._index("_accounts").get(person.email.lower())):
            return str(number)
        connection, _, number = (person.account or "").partition(":")
        return number if connection == self.connection and number else None

    def _index(self, name: str) -> dict[str, Any]:
        return getattr(self, name)  # type: ignore[no-any-return]
