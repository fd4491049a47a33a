"""The marker: an entity key kept on a card as a link attachment.

A link given as `urlSource` is made by the very call that makes the card, so no card of ours is ever without one. It
also survives a move to another board, which custom field items do not.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

PREFIX = "https://requirement-hub.invalid/"
"""What a marker's address begins with. Names under `.invalid` lead nowhere, for ever (RFC 2606 §2): nobody can be sent
to a stranger's page by it, and it says by itself that it is not meant to be opened."""


def marker_link(key: str) -> str:
    """The address that stands for the entity *key*."""
    return PREFIX + quote(key, safe="")


def marker_of(card: Mapping[str, Any]) -> str | None:
    """The entity key on a card that was read with its attachments; of several, that of the oldest attachment."""
    attached = sorted(card.get("attachments") or (), key=lambda each: str(each.get("id", "")))
    links = (str(each.get("url") or "") for each in attached)
    return next((unquote(link.removeprefix(PREFIX)) for link in links if link.startswith(PREFIX)), None)
