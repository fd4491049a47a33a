"""Webhooks an administrator sets up: who is told what, signed how, and what goes wrong on the way."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.sdk import WebhookFaults, knock
from hub_jira.sandbox.datacenter.shapes import shapes_of
from hub_jira.sandbox.issue_shape import shown_issue
from hub_jira.sandbox.problems import Problem
from hub_jira.sandbox.records import Comment, Issue, Json
from hub_jira.sandbox.search import Search
from hub_jira.sandbox.site import Site

_OVERTAKING_S = 0.2
_FILTER = "issue-related-events-section"


@dataclass
class Deliveries:
    """Tells every webhook of the site of the events it wants.

    Deliveries run as tasks of the loop that served the request; without a running loop nothing is sent.
    """

    site: Site
    faults: Callable[[], WebhookFaults]
    random: random.Random
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def tell(self, event: str, issue: Issue, more: Json) -> None:
        """Send *event* to the webhooks that want it."""
        for hook in self.site.hooks.values():
            if event in hook["events"] and hook.get("enabled", True) and self._wants(hook, issue):
                self._send(hook, json.dumps(self._payload(event, issue, more)).encode())

    def _wants(self, hook: Json, issue: Issue) -> bool:
        jql = (hook.get("filters") or {}).get(_FILTER, "")
        if not jql:
            return True
        try:
            query = Search(self.site, self.site.owner, jql, frozenset({issue.id}))
            return issue.id in {found.id for found in query.found(self.site.now())}
        except Problem:
            return False

    def _payload(self, event: str, issue: Issue, more: Json) -> Json:
        """The body; issue fields in the form of version 2, with texts where version 3 has documents."""
        shapes = shapes_of(self.site, None)
        body: Json = {
            "timestamp": int(self.site.now().timestamp() * 1000),
            "webhookEvent": event,
            "user": shapes.user(more.get("user")),
        }
        if isinstance(comment := more.get("comment"), Comment):
            thin = shown_issue(shapes, issue, ["summary", "issuetype", "project", "status", "priority", "assignee"])
            return body | {"comment": shapes.comment(issue, comment), "issue": thin}
        names = {"jira:issue_created": "issue_created", "jira:issue_updated": "issue_generic"}
        kind = {"issue_event_type_name": names[event]} if event in names else {}
        log = {"changelog": more["changelog"]} if "changelog" in more else {}
        return body | kind | {"issue": shown_issue(shapes, issue, ["*all", "-comment"])} | log

    def _send(self, hook: Json, body: bytes) -> None:
        faults, identity = self.faults(), f"{self.random.getrandbits(64):016x}"
        if self.random.random() < faults.lose:
            return
        ready = [(hook, body, identity)]
        if self.random.random() < faults.repeat:
            ready *= 2
        for one in ready:
            self._start(*one)

    def _start(self, hook: Json, body: bytes, identity: str) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        task = loop.create_task(self._post(hook, body, identity))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _post(self, hook: Json, body: bytes, identity: str) -> None:
        faults = self.faults()
        overtaken = self.random.random() * _OVERTAKING_S if faults.reorder else 0
        await asyncio.sleep(faults.delay_s + overtaken)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Atlassian-Webhook-Identifier": identity,
            "X-Atlassian-Webhook-Flow": "Primary",
        }
        if secret := hook.get("secret"):
            headers["X-Hub-Signature"] = signature(secret, body)
        for number in range(3):
            again = {"X-Atlassian-Webhook-Retry": str(number)} if number else {}
            if delivered(await knock("POST", hook["url"], content=body, headers=headers | again)):
                return


def delivered(status: int | None) -> bool:
    """Whether an answer ends the tries: everything but silence, 408, 409, 425, 429 and 5xx does."""
    return status is not None and status not in {408, 409, 425, 429} and status < 500


def signature(secret: str, body: bytes) -> str:
    """The `X-Hub-Signature` of a body: `sha256=` and the hex HMAC-SHA256 of its bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
