"""Persistence: everything the hub knows between two runs."""

from hub.store.codec import digest, kind_of
from hub.store.intents import Intent
from hub.store.lacking import EVERYTHING
from hub.store.lock import only_one, only_one_now
from hub.store.plans import HeldPlan, PlanState
from hub.store.rows import chunks
from hub.store.store import Store
from hub.store.vault import StoredVault
from hub.store.waiting import Kept
from hub.store.writes import Write

__all__ = [
    "EVERYTHING",
    "HeldPlan",
    "Intent",
    "Kept",
    "PlanState",
    "Store",
    "StoredVault",
    "Write",
    "chunks",
    "digest",
    "kind_of",
    "only_one",
    "only_one_now",
]
