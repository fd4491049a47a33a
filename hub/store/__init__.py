"""Persistence: everything the hub knows between two runs."""

from hub.store.codec import digest, kind_of
from hub.store.lock import only_one, only_one_now
from hub.store.store import Store
from hub.store.vault import StoredVault
from hub.store.waiting import Intent, Kept

__all__ = ["Intent", "Kept", "Store", "StoredVault", "digest", "kind_of", "only_one", "only_one_now"]
