"""What a `[connections.NAME]` table with `plugin = "trello"` says."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from hub.sdk import ConnectionConfig, Secret

_BOARD = re.compile(r"[0-9a-fA-F]{24}|[0-9a-zA-Z]{8}")
_BOARD_PAGE = re.compile(r"https?://[^/]+/b/([0-9a-zA-Z]{8})(?:/.*)?")


def _board(given: Any) -> Any:
    text = str(given).strip()
    if page := _BOARD_PAGE.fullmatch(text):
        return page[1]
    if _BOARD.fullmatch(text):
        return text
    raise ValueError("a board is named by its id (24 hex digits), its short link (8 characters) or its address")


def _web_address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError("an address begins with https:// (or http:// for a sandbox)")
    return given.rstrip("/")


class TrelloConfig(ConnectionConfig):
    """One board, and the application key and member token it is reached with.

    Neither key nor token is checked by its form: both have changed over the years.

    Args:
        key: The application's API key, from https://trello.com/power-ups/admin.
        token: The member's token, with scope `read,write`.
        board: The board's id, short link (the `aB3dE5fG` of its address), or address.
        url: Where the API is.
        label_color: The colour of labels that the hub has to make; by default they have none.
        language: In which the checklists are named that the hub has to make.
    """

    key: Secret
    token: Secret
    board: Annotated[str, BeforeValidator(_board)]
    url: Annotated[str, AfterValidator(_web_address)] = "https://api.trello.com"
    label_color: str | None = None
    language: Literal["en", "zh-CN"] = "en"
