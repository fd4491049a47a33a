"""OAuth access tokens (RFC 6749 §6): refreshed once for everybody who waits, and remembered between runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.sdk.vault import MemoryVault, Vault

KEPT_AS = "access"
"""Under this name a token is kept in a vault."""
EARLY = timedelta(minutes=2)
"""A token is not used for its last minutes: a call may take its time."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, until when it is good (aware, UTC), and where the service's API is, if it said so."""

    value: str
    until: datetime
    api: str = ""

    def __repr__(self) -> str:
        return f"AccessToken(until={self.until.isoformat()})"


class OnlyTokens(MemoryVault):
    """Keeps access tokens in *vault*, and all else no longer than the process lives: who looks anew trusts nothing else."""

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault

    def sealed(self, name: str) -> str | None:
        """What is kept under *name*, in its own place."""
        return self._vault.sealed(name) if name == KEPT_AS else super().sealed(name)

    def keep_sealed(self, name: str, sealed: str) -> None:
        """Keep it in its own place."""
        if name == KEPT_AS:
            self._vault.keep_sealed(name, sealed)
        else:
            super().keep_sealed(name, sealed)


class Tokens:
    """The access token of one connection.

    Args:
        refresh: Fetches a new one from the service. Raises ServiceError.
        secrets: What the token is sealed with while it is kept: the client secret and the refresh token.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[AccessToken]],
        vault: Vault,
        clock: Callable[[], datetime],
        secrets: Sequence[str],
    ) -> None:
        self._refresh, self._vault, self._clock, self._secrets = refresh, vault, clock, tuple(secrets)
        self._flight = asyncio.Lock()

    async def current(self) -> AccessToken:
        """A token that is good for some minutes yet; fetched by one caller while all others wait."""
        return self._kept() or await self._renewed(None)

    async def renewed(self, refused: AccessToken) -> AccessToken:
        """Another token than *refused*, which the service no longer takes."""
        return await self._renewed(refused)

    async def _renewed(self, refused: AccessToken | None) -> AccessToken:
        async with self._flight:
            kept = self._kept()
            if kept is not None and (refused is None or kept.value != refused.value):
                return kept
            token = await self._refresh()
            data = {"value": token.value, "until": token.until.isoformat(), "api": token.api}
            self._vault.keep(KEPT_AS, json.dumps(data), *self._secrets)
            return token

    def _kept(self) -> AccessToken | None:
        text = self._vault.get(KEPT_AS, *self._secrets)
        if text is None:
            return None
        data = json.loads(text)
        token = AccessToken(data["value"], datetime.fromisoformat(data["until"]), data["api"])
        return token if token.until - EARLY > self._clock() else None
