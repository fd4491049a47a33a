"""Webhooks: they belong to a token, are checked with HEAD when made, and are signed with the application's secret."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from typing import Any

from hub.sdk import WebhookFaults, knock
from hub_trello.sandbox import actions, nesting, validation, views
from hub_trello.sandbox.answers import Refusal, not_found
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.members import account_of
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json, World

DUPLICATE = "A webhook with that callback, model, and token already exists"
RETRY_AFTER_S = (30.0, 60.0, 120.0)
TIMEOUT_S = 10.0


def show(hook: Json) -> Json:
    """A webhook without the token it belongs to."""
    return {key: value for key, value in hook.items() if not key.startswith("_")}


async def create(call: Call) -> Json:
    """A webhook of the caller's token. Raises Refusal unless the callback answers HEAD with 200."""
    params, world = call.params, call.world
    token = account_of(call).token if "token" in call.path else call.who.token
    url, model = validation.link(params.get("callbackURL"), "callbackURL"), str(params.get("idModel"))
    _visible(call, model)
    if any(
        (hook["callbackURL"], hook["idModel"], hook["_token"]) == (url, model, token)
        for hook in world.webhooks.values()
    ):
        raise Refusal(400, DUPLICATE)
    if (status := await _head(url)) != 200:
        raise Refusal(400, f"URL ({url}) did not return 200 status code, got {status}")
    hook: Json = {
        "id": world.ids.new(),
        "description": validation.long_text(params.get("description"), "description"),
        "idModel": model,
        "callbackURL": url,
        "active": call.flag("active", default=True),
        "consecutiveFailures": 0,
        "firstConsecutiveFailDate": None,
        "_token": token,
    }
    world.webhooks[hook["id"]] = hook
    return show(hook)


def _visible(call: Call, model: Any) -> None:
    world = call.world
    if model in world.boards:
        call.board(model)
    elif model in world.cards:
        call.card(model)
    elif model in world.lists:
        call.lst(model)
    elif model not in world.members:
        raise Refusal(400, "invalid value for idModel")


async def _head(url: str) -> int:
    return await knock("HEAD", url, timeout_s=TIMEOUT_S) or 0


def _hook(call: Call) -> Json:
    found = call.world.webhooks.get(call.path.get("idWebhook") or call.path["id"])
    if found is None or found["_token"] != call.who.token:
        raise not_found()
    return found


def get(call: Call) -> Json:
    """A webhook of the caller's token."""
    return show(_hook(call))


def get_all(call: Call) -> list[Json]:
    """The webhooks of a token."""
    token = account_of(call).token
    return [show(each) for each in call.world.webhooks.values() if each["_token"] == token]


def put(call: Call) -> Json:
    """Change description, callback, model or whether it is active."""
    hook, params = _hook(call), call.params
    new: Json = {key: str(params[key]) for key in ("description", "idModel") if params.get(key)}
    if params.get("callbackURL"):
        new["callbackURL"] = validation.link(params["callbackURL"], "callbackURL")
    if "active" in params:
        new |= {"active": call.flag("active"), "consecutiveFailures": 0, "firstConsecutiveFailDate": None}
    hook |= new
    return show(hook)


def delete(call: Call) -> Json:
    """Delete a webhook."""
    del call.world.webhooks[_hook(call)["id"]]
    return {"limits": {}}


ENDPOINTS = [
    Endpoint("POST", "/webhooks/", create),
    Endpoint("GET", "/webhooks/{id}", get),
    Endpoint("PUT", "/webhooks/{id}", put),
    Endpoint("DELETE", "/webhooks/{id}", delete),
    Endpoint("GET", "/tokens/{token}/webhooks", get_all),
    Endpoint("POST", "/tokens/{token}/webhooks", create),
    Endpoint("GET", "/tokens/{token}/webhooks/{idWebhook}", get),
    Endpoint("PUT", "/tokens/{token}/webhooks/{idWebhook}", put),
    Endpoint("DELETE", "/tokens/{token}/webhooks/{idWebhook}", delete),
]


def signature(secret: str, body: bytes, callback: str) -> str:
    """What `X-Trello-Webhook` holds: base64 of HMAC-SHA1 over the raw body and the callback as registered."""
    return base64.b64encode(hmac.new(secret.encode(), body + callback.encode(), hashlib.sha1).digest()).decode()


class Deliveries:
    """Sends what happened to the webhooks that watch it, with the faults that were asked for. No order is promised."""

    def __init__(self, world: World, faults: Callable[[], WebhookFaults], chance: random.Random) -> None:
        self._world, self._faults, self._chance = world, faults, chance
        self._pending: list[tuple[float, Json, bytes]] = []
        self._draining = False
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Turn the outbox into deliveries and see that they are carried out, in the running event loop."""
        due = asyncio.get_running_loop().time() + self._faults().delay_s
        for action in self._world.outbox:
            watched = _watched(action)
            for hook in self._world.webhooks.values():
                if hook["active"] and hook["idModel"] in watched:
                    self._pending += [(due, hook, self._body(hook, action))] * self._copies()
        self._world.outbox.clear()
        if self._pending and not self._draining:
            self._draining = True
            self._spawn(self._drain())

    def _copies(self) -> int:
        """How often a delivery is made: faults are drawn when it happens, not when it is sent."""
        faults = self._faults()
        if self._chance.random() < faults.lose:
            return 0
        return 2 if self._chance.random() < faults.repeat else 1

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _body(self, hook: Json, action: Json) -> bytes:
        said = {
            "model": _model(self._world, hook["idModel"]),
            "action": actions.show(self._world, action, display=True),
            "webhook": show(hook),
        }
        return json.dumps(said, ensure_ascii=False).encode()

    async def _drain(self) -> None:
        try:
            while self._pending:
                chosen = self._chance.randrange(len(self._pending)) if self._faults().reorder else 0
                due, hook, body = self._pending.pop(chosen)
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                await self._deliver(hook, body)
        finally:
            self._draining = False

    async def _deliver(self, hook: Json, body: bytes, attempt: int = 0) -> None:
        status = await self._post(hook, body)
        if status == 410:
            self._world.webhooks.pop(hook["id"], None)
        elif status == 200:
            hook |= {"consecutiveFailures": 0, "firstConsecutiveFailDate": None}
        else:
            first = hook["firstConsecutiveFailDate"] or self._world.stamp()
            hook |= {"consecutiveFailures": hook["consecutiveFailures"] + 1, "firstConsecutiveFailDate": first}
            if attempt < len(RETRY_AFTER_S):
                self._spawn(self._again(hook, body, attempt))

    async def _again(self, hook: Json, body: bytes, attempt: int) -> None:
        await asyncio.sleep(RETRY_AFTER_S[attempt])
        if hook["id"] in self._world.webhooks and hook["active"]:
            await self._deliver(hook, body, attempt + 1)

    async def _post(self, hook: Json, body: bytes) -> int:
        account = self._world.accounts.get(hook["_token"])
        if account is None:
            return 410
        signed = signature(account.secret, body, hook["callbackURL"])
        headers = {"content-type": "application/json; charset=utf-8", "x-trello-webhook": signed}
        return await knock("POST", hook["callbackURL"], content=body, headers=headers, timeout_s=TIMEOUT_S) or 0


def _watched(action: Json) -> set[Any]:
    about = action["data"]
    tags = ("board", "card", "list", "listBefore", "listAfter")
    return {about[tag].get("id") for tag in tags if tag in about} | {about.get("idMember"), about.get("idMemberAdded")}


def _model(world: World, identifier: str) -> Json | None:
    if board := world.boards.get(identifier):
        return nesting.show_board(world, board, {})
    if card := world.cards.get(identifier):
        return views.card(world, card)
    if lst := world.lists.get(identifier):
        return lst
    member = world.members.get(identifier)
    return member and views.member(world, member)
