"""Cards and media after an edit: the node stays what it was where the Markdown still speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub_jira.adf.nodes import Node, attr, attrs_of, inner, kind, leaf_text
from hub_jira.adf.phrases import ATTACHMENT, media_address, pieces_of


def keep_media(old: Mapping[str, Any], new: Node) -> Node | None:
    """*old* changed as *new* says, None when they do not speak of the same thing."""
    links = _links(new) if kind(new) == "paragraph" else []
    match kind(old):
        case "blockCard" | "embedCard" if len(links) == 1 and links[0][0] == links[0][1] and attr(old, "url"):
            return {**old, "attrs": {**attrs_of(old), "url": links[0][1]}}
        case "mediaGroup" if links:
            kept = [node for node in inner(old) if media_address(node) in {href for _, href in links}]
            return {**old, "content": kept} if kept else None
        case "mediaSingle" if kind(new) == "mediaSingle" or len(links) == 1:
            return _single(old, new, links)
    return None


def _links(block: Node) -> list[tuple[str, str]]:
    pieces = [piece for piece in pieces_of(inner(block)) if piece.breaks or piece.text.strip()]
    links = [(piece.text, piece.marks.link.href) for piece in pieces if piece.marks.link]
    return links if len(links) == len(pieces) else []


def _single(old: Mapping[str, Any], new: Node, links: list[tuple[str, str]]) -> Node | None:
    media, *captions = inner(old) or [None]
    if links:
        words, address = links[0]
        if address != media_address(media) or not address.startswith(ATTACHMENT):
            return None
        changed = {**media, "attrs": {**attrs_of(media), "alt": words}}
        title = next((attr(mark, "title") for node in inner(new) for mark in node.get("marks", [])), None)
        fresh = [{"type": "caption", "content": [{"type": "text", "text": title}]}] if title else []
    else:
        if attr(media, "type") != "external":
            return None
        fresh_media, *fresh = inner(new)
        attrs = {key: value for key, value in attrs_of(media).items() if key != "alt"} | dict(attrs_of(fresh_media))
        changed = {**media, "attrs": attrs}
    if leaf_text({"content": captions}) == leaf_text({"content": fresh}):
        fresh = captions
    return {**old, "content": [changed, *fresh]}
