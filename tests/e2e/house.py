"""The whole house: a client who writes mails, a CRM, an issue tracker and a board, and a hub between them."""

import contextlib
import email.policy
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

import httpx
from hub_email.sandbox import MailSandbox
from hub_jira.sandbox import JiraDataCenterSandbox
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.app import Hub
from hub.plugins import discover
from hub.sdk.http import Network
from hub.sdk.sandbox import Sandbox, SandboxServer, create_app
from hub.sync import Report
from hub.testing.openapi import Recorder
from tests.e2e import editions
from tests.e2e.bench import Clock, done, no_wait, toml
from tests.e2e.postmen import CLIENT, HUB, Postman, SandboxPostman
from tests.e2e.spec_deviations import listening

BOTH = {"originates": True, "creates": True}
SPOKES: dict[str, dict[str, Any]] = {
    "mail": {
        "audience": "client",
        "client": {"originates": True},
        "contact": {"originates": True},
        "requirement": {"originates": True},
        "comment": BOTH,
        "attachment": BOTH,
    },
    "zoho": {
        "client": BOTH,
        "contact": BOTH,
        "requirement": {
            **BOTH,
            "module": "Requirements",
            "fields": {
                "description": "Description",
                "background": "Background",
                "status": "Status",
                "priority": "Priority",
                "due": "Due_Date",
                "start": "Start_Date",
                "estimate_hours": "Estimate",
                "client": "Account",
                "requester": "Contact",
            },
        },
        "task": BOTH,
        "comment": BOTH,
        "attachment": BOTH,
        "status": {
            "new": "New",
            "approved": "Accepted",
            "in_progress": "In Progress",
            "delivered": "Done",
            "otherwise": {"write": "New", "read": "new"},
        },
    },
    "jira": {
        "requirement": {**BOTH, "create_type": "Story", "types": ["Story", "Task", "Bug"]},
        "task": {**BOTH, "create_type": "Sub-task", "types": ["Sub-task"]},
        "comment": BOTH,
        "attachment": BOTH,
        "status": {
            "new": "To Do",
            "in_progress": "In Progress",
            "review": "In Review",
            "delivered": "Done",
            "todo": "To Do",
            "doing": "In Progress",
            "done": "Done",
            "otherwise": {"write": "To Do", "read": "new"},
        },
    },
    "trello": {
        "requirement": BOTH,
        "task": BOTH,
        "comment": BOTH,
        "attachment": BOTH,
        "status": {
            "new": "Backlog",
            "in_progress": "Doing",
            "review": "Review",
            "delivered": "Done",
            "otherwise": {"write": "Backlog", "read": "new"},
        },
    },
}
PLUGINS = {"mail": "email", "zoho": "zoho_crm", "jira": "jira", "trello": "trello"}


@dataclass
class House:
    """Four services and what a hub.toml says of them.

    Args:
        carrier: Who carries mails.
        network: By default one in which no time is lost with waiting.
        connections: What stands in a connection's table beside what its sandbox says.
        other_syncs: Beside `delivery`.
    """

    folder: Path
    services: Mapping[str, SandboxServer]
    carrier: Postman | None
    spokes: dict[str, dict[str, Any]]
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    other_syncs: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    network: Network = field(default_factory=lambda: Network(sleep=no_wait))

    @property
    def config(self) -> Path:
        """The hub.toml, written anew."""
        tables = {
            "connections": {name: {**self._leads_to(name), **self.connections.get(name, {})} for name in self.spokes},
            "syncs": {"delivery": {"spokes": self.spokes, "rules": self.rules}, **self.other_syncs},
        }
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        return file

    @property
    def postman(self) -> Postman:
        """Who carries mails, in a house that has mail."""
        assert self.carrier is not None, "this house has no mail"
        return self.carrier

    def _leads_to(self, name: str) -> Mapping[str, Any]:
        return self.postman.connection() if name == "mail" else self.services[name].connection()

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """A hub, opened as a command would open it."""
        opened = Hub.open(self.config, registry=discover(), network=self.network)
        opened.clock = self.clock
        try:
            yield opened
        finally:
            opened.close()

    async def sync(self, **more: Any) -> Report:
        """One run of the sync, as a process of its own would do it."""
        with self.hub() as hub:
            return await hub.sync("delivery", **more)

    def remote(self, key: str, connection: str) -> str:
        """The id of an entity's copy."""
        with self.hub() as hub:
            return str(hub.detail(key)["bindings"][connection]["id"])

    def keys(self, kind: str) -> list[str]:
        """The keys of all entities of a kind."""
        with self.hub() as hub:
            return [str(each["key"]) for each in hub.listing(kind)]

    def fields(self, key: str) -> dict[str, Any]:
        """What the hub knows of an entity."""
        with self.hub() as hub:
            return dict(hub.detail(key)["fields"])

    def calls(self, name: str) -> dict[str, int]:
        """How often each operation of a service was called since the last time of asking."""
        with httpx.Client(base_url=self.services[name].url, timeout=60) as control:
            counted = done(control.get("/_sandbox/calls"))["by_operation"]
            done(control.delete("/_sandbox/calls"))
        return dict(counted)

    # people

    @contextmanager
    def as_jira(self) -> Iterator[httpx.Client]:
        """Somebody of the team at Jira."""
        with editions.client(self.services["jira"]) as client:
            yield client

    @contextmanager
    def as_trello(self) -> Iterator[httpx.Client]:
        """Somebody of the team at Trello."""
        server = self.services["trello"]
        with httpx.Client(
            base_url=f"{server.url}/1", params=dict(server.sandbox.people()[0].credentials), timeout=60
        ) as client:
            yield client

    @contextmanager
    def as_zoho(self) -> Iterator[httpx.Client]:
        """Somebody of sales at Zoho CRM."""
        server = self.services["zoho"]
        token = server.sandbox.people()[0].credentials["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        with httpx.Client(base_url=f"{server.url}/crm/v8", headers=headers, timeout=60) as client:
            yield client

    def mail(self, subject: str, text: str, *, files: Mapping[str, bytes] | None = None, **headers: str) -> str:
        """The client writes to the hub's address, through their own mail server; the mail's Message-ID."""
        message = EmailMessage(policy=email.policy.SMTP)
        given = {"From": f"Wei Li <{CLIENT}>", "To": HUB, "Message-ID": make_msgid(domain="acme.example")}
        given |= {"Date": format_datetime(self.clock()), "Subject": subject}
        for name, value in {**given, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
            message[name] = value
        message.set_content(text)
        for name, content in (files or {}).items():
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        self.postman.post(bytes(message))
        return str(message["Message-ID"])

    def answer(self, mail: EmailMessage, text: str, **more: Any) -> str:
        """The client answers a mail in their inbox; the answer's Message-ID."""
        references = f"{mail['References'] or ''} {mail['Message-ID']}".split()
        about = {"In_Reply_To": str(mail["Message-ID"]), "References": " ".join(references)}
        subject = str(mail["Subject"])
        to = str(mail["Reply-To"] or mail["From"])
        return self.mail(
            subject if subject.startswith("Re:") else f"Re: {subject}", text, **{**about, "To": to, **more}
        )


def sandboxes() -> dict[str, Sandbox]:
    """Fresh services."""
    return {"mail": MailSandbox(), "zoho": ZohoSandbox(), "jira": editions.fresh(), "trello": TrelloSandbox()}


@contextlib.contextmanager
def house(
    folder: Path,
    services: Mapping[str, Sandbox] | None = None,
    postman: Postman | None = None,
    *,
    described: bool = True,
) -> Iterator[House]:
    """A house in *folder*; every request and answer over HTTP must be as the services describe them.

    Args:
        services: Instead of four fresh ones.
        postman: Instead of the embedded mail system.
        described: Whether traffic is held against descriptions; where there is much of it, that takes most of the time.
    """
    recorders: list[Recorder] = []
    with ExitStack() as stack:
        served: dict[str, SandboxServer] = {}
        for name, sandbox in (services or sandboxes()).items():
            app = create_app(sandbox)
            silent = name == "mail" or isinstance(sandbox, JiraDataCenterSandbox)  # nobody describes these
            heard = None if silent or not described else listening(PLUGINS[name], app, families=True)
            recorders += [heard] if heard else []
            served[name] = stack.enter_context(SandboxServer(sandbox, app=heard or app))
            os.environ.update(sandbox.environment())
        spokes = {
            name: json.loads(json.dumps(SPOKES[name]))
            for name in SPOKES
            if name in served or (name == "mail" and postman)
        }
        carrier = postman or (SandboxPostman(served["mail"]) if "mail" in served else None)
        yield House(folder, served, carrier, spokes)
    problems = sorted({problem for heard in recorders for problem in heard.problems})
    assert not problems, "\n".join(problems[:30])
