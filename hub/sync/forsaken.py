"""Holds in which nobody contends any more whom the hub listens to: their spokes have left every sync."""

from collections.abc import Iterable

from hub.config import Sync
from hub.store import Store, kind_of


def let_go(store: Store, syncs: Iterable[Sync]) -> int:
    """Close the holds that only copies on spokes of no sync contend for; how many there were.

    What those copies show stays there, and waits in the inbox: if their spoke comes back, it is judged again.
    """
    listening = {(name, kind) for sync in syncs for name, spoke in sync.spokes.items() for kind in spoke.routes}
    forsaken = [
        hold
        for hold in store.open_holds()
        if hold.connections and not any((name, kind_of(hold.key)) in listening for name in hold.connections)
    ]
    if forsaken:
        with store.transaction():
            store.close_holds(forsaken, "forsaken")
    return len(forsaken)
