"""Notifications: which channels are told of what, and what goes wrong on the way."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hub.sdk import WebhookFaults, knock
from hub_zoho_crm.sandbox.org import Affected, Org
from hub_zoho_crm.sandbox.problems import Json
from hub_zoho_crm.sandbox.records import Module

_OVERTAKING_S = 0.2
_EVENTS = {"insert": "create", "update": "edit", "delete": "delete"}


@dataclass
class Deliveries:
    """Tells every channel of the changes it wants to know of, once, unsigned, and only until it expires.

    Deliveries run as tasks of the loop that served the request; without a running loop nothing is sent.
    """

    org: Org
    faults: Callable[[], WebhookFaults]
    random: random.Random
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def tell(self, module: Module, operation: str, affected: Affected) -> None:
        """Send a change to the channels that want it."""
        for channel in [*self.org.channels.values()]:
            if channel["until"] > self.org.clock() and self._wants(channel, module, operation, affected):
                body = json.dumps(self.payload(channel, module, operation, affected)).encode()
                self._send(str(channel["notify_url"]), body)

    def _wants(self, channel: Json, module: Module, operation: str, affected: Affected) -> bool:
        if not {f"{module.name}.{_EVENTS[operation]}", f"{module.name}.all"} & set(channel["events"]):
            return False
        names = set(selected_fields(channel, module.name))
        return operation != "update" or not names or any(names & values.keys() for values in affected.values())

    def payload(self, channel: Json, module: Module, operation: str, affected: Affected) -> Json:
        """The body of a notification."""
        body: Json = {"server_time": int(self.org.clock().timestamp() * 1000)}
        if operation == "update" and channel.get("return_affected_field_values"):
            body["affected_values"] = [{"record_id": one, "values": dict(found)} for one, found in affected.items()]
        changed = [{one: [*found]} for one, found in affected.items()] if operation == "update" else []
        return body | {
            "query_params": dict(parse_qsl(urlsplit(str(channel["notify_url"])).query)),
            "module": module.name,
            "resource_uri": resource_uri(self.org, module),
            "ids": [*affected],
            "affected_fields": changed,
            "operation": operation,
            "channel_id": channel["channel_id"],
            "token": channel.get("token"),
        }

    def _send(self, url: str, body: bytes) -> None:
        faults = self.faults()
        if self.random.random() < faults.lose:
            return
        for _ in range(2 if self.random.random() < faults.repeat else 1):
            self._start(url, body)

    def _start(self, url: str, body: bytes) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        task = loop.create_task(self._post(url, body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _post(self, url: str, body: bytes) -> None:
        faults = self.faults()
        overtaken = self.random.random() * _OVERTAKING_S if faults.reorder else 0
        await asyncio.sleep(faults.delay_s + overtaken)
        await knock("POST", url, content=body, headers={"Content-Type": "application/json; charset=utf-8"})


def resource_uri(org: Org, module: Module) -> str:
    """The address of a module."""
    return f"{org.url}/crm/v8/{module.name}"


def selected_fields(channel: Json, module: str) -> Iterator[str]:
    """The fields without whose change a channel wants no word of a module; none if it wants them all."""
    for condition in channel.get("notification_condition") or ():
        if (condition.get("module") or {}).get("api_name") == module:
            yield from _named(condition.get("field_selection"))


def _named(selection: Any) -> Iterator[str]:
    if isinstance(selection, dict):
        if "field" in selection:
            yield str(selection["field"].get("api_name"))
        for one in selection.get("group") or ():
            yield from _named(one)
