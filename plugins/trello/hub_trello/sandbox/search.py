"""Search, simple and with a lagging index, and batches of reads."""

import inspect
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.responses import Response
from starlette.routing import Match

from hub_trello.sandbox import nesting, views
from hub_trello.sandbox.answers import NOT_FOUND, Refusal, invalid
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.ids import first_id_of
from hub_trello.sandbox.serving import Endpoint, TrelloRoute
from hub_trello.sandbox.validation import page_size
from hub_trello.sandbox.world import Json, World

BATCH_LIMIT = 10


def words(text: str) -> list[str]:
    """The words of a text, small letters."""
    return re.findall(r"\w+", text.lower())


def matches(query: list[str], text: str, *, partial: bool) -> bool:
    """Whether every word of the query is a word of the text, or with *partial* the beginning of one."""
    found = words(text)
    return all(any(each == word or (partial and each.startswith(word)) for each in found) for word in query)


def card_text(world: World, card: Json) -> str:
    """What the index holds of a card."""
    comments = [each["data"].get("text", "") for each in world.actions_of_card(card["id"])]
    attachments = [f"{each['name']} {each['url']}" for each in card["attachments"]]
    lists = world.checklists_of(card)
    items = [item["name"] for each in lists for item in each["checkItems"]]
    return " ".join([card["name"], card["desc"], *comments, *attachments, *(each["name"] for each in lists), *items])


def search_with(lag_s: Callable[[], float]) -> Callable[[Call], Json]:
    """The search endpoint over an index that is *lag_s* seconds behind: younger cards are not found."""

    def search(call: Call) -> Json:
        params, world = call.params, call.world
        if not params.get("query"):
            raise invalid("query")
        query, partial = words(str(params["query"])), call.flag("partial")
        kinds = str(params.get("modelTypes") or "all").split(",")
        shown: Json = {
            "options": {"terms": [{"text": each} for each in query], "modelTypes": kinds, "partial": partial}
        }
        boards = _boards(call)
        horizon = first_id_of(world.now() - timedelta(seconds=lag_s())) if lag_s() else "g"
        if {"cards", "all"} & set(kinds):
            found = [each for each in world.cards.values() if each["idBoard"] in boards and each["id"] < horizon]
            hits = [each for each in found if matches(query, card_text(world, each), partial=partial)]
            shown["cards"] = _card_page(call, hits)
        if {"boards", "all"} & set(kinds):
            hits = [
                each for each in boards.values() if matches(query, f"{each['name']} {each['desc']}", partial=partial)
            ]
            limit = page_size(params.get("boards_limit"), 10)
            shown["boards"] = [_board(each, params) for each in hits[:limit]]
        if {"members", "all"} & set(kinds):
            shown["members"] = _members(call, query, partial)
        return shown

    return search


def _boards(call: Call) -> dict[str, Json]:
    mine = {key: each for key, each in call.world.boards.items() if call.world.is_member(each, call.who.member["id"])}
    only = call.params.get("idBoards")
    if only in (None, "", "mine"):
        return mine
    wanted = only if isinstance(only, list) else str(only).split(",")
    return {key: each for key, each in mine.items() if key in wanted}


def _card_page(call: Call, hits: list[Json]) -> list[Json]:
    limit = page_size(call.params.get("cards_limit"), 10) or 0
    page = page_size(call.params.get("cards_page"), 0) or 0
    newest = sorted(hits, key=lambda each: str(each["dateLastActivity"]), reverse=True)
    inner = nesting.prefixed(call.params, "card_")
    return [nesting.show_card(call.world, each, inner) for each in newest[page * limit : (page + 1) * limit]]


def _board(board: Json, params: Json) -> Json:
    return views.pick(views.board(board), params.get("board_fields"), "name,idOrganization")


def _members(call: Call, query: list[str], partial: bool) -> list[Json]:
    fields = call.params.get("member_fields") or "avatarHash,fullName,initials,username,confirmed"
    found = [
        each
        for each in call.world.members.values()
        if matches(query, f"{each['fullName']} {each['username']}", partial=partial)
    ]
    limit = page_size(call.params.get("members_limit"), 10)
    return [nesting.show_member(call.world, each, fields) for each in found[:limit]]


def batch_over(routes: Sequence[TrelloRoute]) -> Callable[[Call], Any]:
    """The batch endpoint over *routes*: up to ten GETs, always 200, each answer under its own status."""

    async def batch(call: Call) -> list[Json]:
        urls = [unquote(each) for each in str(call.params.get("urls") or "").split(",") if each]
        if not urls:
            raise invalid("urls")
        if len(urls) > BATCH_LIMIT:
            raise Refusal(400, "too many urls")
        return [await _one(call, url) for url in urls]

    async def _one(call: Call, url: str) -> Json:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/1")
        for route in routes:
            match, inner = route.matches({"type": "http", "method": "GET", "path": f"/1{path}", "headers": []})
            if match is Match.FULL and route.path != "/1/batch":
                path_values = {key: str(value) for key, value in inner["path_params"].items()}
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                return await _answer(route, Call(call.world, call.who, query, path_values, None, call.by_header))
        return _refused(404, NOT_FOUND)

    return batch


async def _answer(route: TrelloRoute, call: Call) -> Json:
    try:
        said = route.answer(call)
        said = await said if inspect.isawaitable(said) else said
    except Refusal as refusal:
        return _refused(refusal.status, refusal.text)
    return _refused(400, "not a JSON route") if isinstance(said, Response) else {"200": said}


def _refused(status: int, text: str) -> Json:
    """One failed part of a batch; its exact shape is UNVERIFIED."""
    names = {400: "BadRequestError", 401: "UnauthorizedError", 404: "NotFoundError"}
    return {str(status): {"name": names.get(status, "Error"), "message": text, "statusCode": status}}


def endpoints(routes: Sequence[TrelloRoute], lag_s: Callable[[], float]) -> list[Endpoint]:
    """Search and batch."""
    return [Endpoint("GET", "/search", search_with(lag_s)), Endpoint("GET", "/batch", batch_over(routes))]
