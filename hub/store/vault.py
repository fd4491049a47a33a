"""The keep of one connection's sealed credentials, in the database."""

from hub.sdk.vault import Vault
from hub.store.store import Store


class StoredVault(Vault):
    """Sealed texts of one connection; the database never has what opens them."""

    def __init__(self, store: Store, connection: str) -> None:
        self._store, self._connection = store, connection

    def sealed(self, name: str) -> str | None:
        """What is kept under *name*."""
        return self._store.sealed(self._connection, name)

    def keep_sealed(self, name: str, sealed: str) -> None:
        """Keep it."""
        self._store.keep_sealed(self._connection, name, sealed)
