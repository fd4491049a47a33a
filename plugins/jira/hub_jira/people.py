"""Accounts as fields name them: by id on Cloud, by login name on Data Center; each is looked up once."""

import asyncio
from collections.abc import Mapping
from typing import Any

from hub.sdk import Refused
from hub_jira.client import Client
from hub_jira.edition import Edition
from hub_jira.records import account_id


class People:
    """The people of one site."""

    def __init__(self, client: Client, edition: Edition) -> None:
        self._client, self._edition = client, edition
        self._logins: dict[str, str] = {}
        self._asking = asyncio.Lock()

    async def as_field(self, shown: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """How a field names the person whom a record shows so; None for nobody."""
        if not shown:
            return None
        account = str(shown["id"])
        async with self._asking:
            if account not in self._logins:
                self._logins[account] = str(shown.get("username") or await self._edition.login(self._client, account))
        return self._edition.person(self._logins[account])

    async def find(self, words: str) -> dict[str, Any]:
        """How a field names the person with this e-mail address, or the account of this name. Raises Refused."""
        if "@" not in words:
            return self._edition.person(words)
        found = [each for each in await self._edition.named(self._client, words) if _is(each, words)]
        if len(found) != 1:
            why = f"Jira knows {'several people' if found else 'nobody'} by {words}"
            raise Refused(why, fields={"custom": why})
        return self._edition.person(str(found[0].get("accountId") or found[0].get("name") or account_id(found[0])))


def _is(user: Mapping[str, Any], address: str) -> bool:
    """Whether a user that was found by an address has it; who hides it is found only by the whole of it."""
    shown = user.get("emailAddress")
    return not shown or str(shown).casefold() == address.casefold()
