"""The marker that a created copy carries, so that it is found again: the entity key, and which hub made it."""


def marker_of(key: str, hub_id: str) -> str:
    """`REQ-12@1f3a…`: two hubs that write to one service never take each other's copies for their own."""
    return f"{key}@{hub_id}"


def key_in(marker: str | None, hub_id: str) -> str | None:
    """The entity key in a marker of this hub; None for any other."""
    key, _, maker = (marker or "").partition("@")
    return key if key and maker == hub_id else None
