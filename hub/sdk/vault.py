"""A keep for what a connection must remember between runs and nobody may read: access tokens.

What is kept is sealed with a key made from the connection's own secrets, which the hub never stores: who has the
database alone has nothing.
"""

import base64
import hashlib
from abc import ABC, abstractmethod

from cryptography.fernet import Fernet, InvalidToken


class Vault(ABC):
    """Sealed texts of one connection, by name."""

    @abstractmethod
    def sealed(self, name: str) -> str | None:
        """What is kept under *name*, still sealed."""

    @abstractmethod
    def keep_sealed(self, name: str, sealed: str) -> None:
        """Keep a sealed text under *name*."""

    def get(self, name: str, *secrets: str) -> str | None:
        """The text under *name*; None if there is none, or if it was sealed with other *secrets*."""
        sealed = self.sealed(name)
        try:
            return _lock(secrets).decrypt(sealed.encode()).decode() if sealed else None
        except InvalidToken:
            return None

    def keep(self, name: str, text: str, *secrets: str) -> None:
        """Keep *text* under *name*, readable only with the same *secrets*."""
        self.keep_sealed(name, _lock(secrets).encrypt(text.encode()).decode())


class MemoryVault(Vault):
    """A keep that lasts as long as its process."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def sealed(self, name: str) -> str | None:
        """What is kept under *name*."""
        return self._kept.get(name)

    def keep_sealed(self, name: str, sealed: str) -> None:
        """Keep it in memory."""
        self._kept[name] = sealed


def _lock(secrets: tuple[str, ...]) -> Fernet:
    digest = hashlib.sha256("\0".join(secrets).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
