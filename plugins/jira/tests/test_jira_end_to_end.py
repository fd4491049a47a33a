"""A hub between Jira Cloud and Jira Data Center: issues, sub-tasks, comments and files travel whole, and only once."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.records import Issue

from hub.app import Hub
from hub.plugins import discover
from hub.sdk import Network
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.sync import Report

BOTH = {"originates": True, "creates": True}
NAMES = {"new": "To Do", "in_progress": "In Progress", "todo": "To Do", "doing": "In Progress", "done": "Done"}
SPOKE: dict[str, Any] = {
    "requirement": {**BOTH, "types": ["Story"], "create_type": "Story", "custom": {"Contract": "External key"}},
    "task": {**BOTH, "create_type": "Sub-task"},
    "comment": BOTH,
    "attachment": BOTH,
    "status": {**NAMES, "otherwise": {"write": "To Do", "read": "new"}},
}


def toml(value: Any) -> str:
    """An inline TOML value."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return f"[{', '.join(map(toml, value))}]" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)


async def no_wait(_seconds: float) -> None:
    """Time flies."""


class Between:
    """Two Jiras and a hub."""

    def __init__(self, folder: Path, served: Mapping[str, SandboxServer]) -> None:
        self.folder, self.served, self.ahead = folder, served, timedelta()
        for server in served.values():
            server.sandbox.now = self.now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sync(self, **more: Any) -> Report:
        connections = {name: dict(server.connection()) for name, server in self.served.items()}
        tables = {"connections": connections, "syncs": {"s": {"spokes": dict.fromkeys(self.served, SPOKE)}}}
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        hub = Hub.open(file, registry=discover(), network=Network(sleep=no_wait))
        hub.clock = self.now
        try:
            return await hub.sync("s", **more)
        finally:
            hub.close()
            self.ahead += timedelta(seconds=30)

    async def settled(self) -> None:
        for _ in range(3):
            report = await self.sync()
            assert report.outcome == "done", report.problems
        assert report.writes == 0, report.spokes

    def sandbox(self, name: str) -> JiraSandbox:
        sandbox = self.served[name].sandbox
        assert isinstance(sandbox, JiraSandbox)
        return sandbox

    def issues(self, name: str) -> list[Issue]:
        return sorted(self.sandbox(name).site.issues.values(), key=lambda issue: int(issue.id))

    def person(self, name: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        who, version = self.served[name].sandbox.people()[0].credentials, 3 if name == "cloud" else 2
        url = f"{self.served[name].url}/rest/api/{version}{path}"
        auth = (who["user"], who.get("password", who["token"]))
        answer = httpx.request(method, url, json=body, auth=auth, timeout=20, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def text(self, name: str, words: str) -> Any:
        content = [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]
        return {"type": "doc", "version": 1, "content": content} if name == "cloud" else words

    def story(self, name: str, **fields: Any) -> str:
        shown = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Export", **fields}
        return str(self.person(name, "POST", "/issue", {"fields": shown})["id"])

    def say(self, name: str, issue: str, words: str) -> str:
        made = self.person(name, "POST", f"/issue/{issue}/comment", {"body": self.text(name, words)})
        return f"/issue/{issue}/comment/{made['id']}"

    def attach(self, name: str, issue: str, file: str, data: bytes) -> str:
        headers = {"X-Atlassian-Token": "no-check"}
        made = self.person(name, "POST", f"/issue/{issue}/attachments", files={"file": (file, data)}, headers=headers)
        return f"/attachment/{made[0]['id']}"

    def calls(self, name: str) -> dict[str, int]:
        with httpx.Client(base_url=self.served[name].url, timeout=60) as control:
            counted = control.get("/_sandbox/calls").json()["by_operation"]
            control.delete("/_sandbox/calls")
        return dict(counted)


@pytest.fixture
def between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Between]:
    cloud, server = JiraSandbox(seed=1), JiraSandbox(seed=2, edition="datacenter")
    for name, value in {**cloud.environment(), **server.environment()}.items():
        monkeypatch.setenv(name, value)
    with serve(cloud) as one, serve(server) as other:
        yield Between(tmp_path, {"cloud": one, "server": other})


@pytest.mark.parametrize(("here", "there"), [("cloud", "server"), ("server", "cloud")])
async def test_a_story_travels_with_all_that_hangs_on_it(between: Between, here: str, there: str) -> None:
    markup = "Why\n\nh2. Background\n\nThey print\n\nh2. Acceptance criteria\n\n* Opens in Excel"
    need = between.story(here, customfield_10201="A-77", **({} if here == "cloud" else {"description": markup}))
    sub = {"issuetype": {"name": "Sub-task"}, "parent": {"id": need}, "summary": "Write it"}
    task = between.story(here, **sub)
    between.say(here, need, "When?")
    between.say(here, task, "Half done")
    between.attach(here, need, "spec.txt", b"all of it")
    await between.settled()
    story, work = between.issues(there)
    assert (story.value("summary"), work.value("summary")) == ("Export", "Write it")
    assert work.value("parent") == story.id
    assert story.value("customfield_10201") == "A-77"
    assert ["When?" in str(one.body) for one in story.comments] == [True]
    assert "Ana Lima" in str(story.comments[0].body)
    assert ["Half done" in str(one.body) for one in work.comments] == [True]
    assert [(one.filename, one.data) for one in story.attachments] == [("spec.txt", b"all of it")]
    if here == "server":
        assert "They print" in str(story.value("description"))


@pytest.mark.parametrize(("here", "there"), [("cloud", "server"), ("server", "cloud")])
async def test_edits_and_deletions_of_comments_travel(between: Between, here: str, there: str) -> None:
    need = between.story(here)
    said = between.say(here, need, "One")
    oops = between.say(here, need, "Oops")
    await between.settled()
    between.person(here, "PUT", said, {"body": between.text(here, "Two")})
    between.person(here, "DELETE", oops)
    await between.settled()
    (copy,) = between.issues(there)
    (comment,) = copy.comments
    assert "Two" in str(comment.body)
    assert "Ana Lima" in str(comment.body)
    path = f"/issue/{copy.id}/comment/{comment.id}"
    signed = between.person(there, "GET", path)["body"]
    edited = json.loads(json.dumps(signed).replace("Two", "Three"))
    between.person(there, "PUT", path, {"body": edited})
    await between.settled()
    (origin,) = between.issues(here)
    assert "Three" in str(origin.comments[0].body)
    assert "Ana Lima" not in str(origin.comments[0].body)


@pytest.mark.parametrize(("here", "there"), [("cloud", "server"), ("server", "cloud")])
async def test_a_file_that_is_taken_away_goes_everywhere(between: Between, here: str, there: str) -> None:
    need = between.story(here)
    file = between.attach(here, need, "old.txt", b"old")
    await between.settled()
    assert [one.filename for one in between.issues(there)[0].attachments] == ["old.txt"]
    between.person(here, "DELETE", file)
    await between.settled()
    assert between.issues(there)[0].attachments == ()


async def test_a_deleted_story_takes_no_words_from_the_other_side(between: Between) -> None:
    need = between.story("cloud")
    between.say("cloud", need, "Still true")
    await between.settled()
    between.person("cloud", "DELETE", f"/issue/{need}")
    for _ in range(2):
        await between.sync(full=True)
    (left,) = between.issues("server")
    assert ["Still true" in str(one.body) for one in left.comments] == [True]


@pytest.mark.parametrize("broken", ["cloud", "server"])
async def test_on_a_bad_day_nothing_is_made_twice(between: Between, broken: str) -> None:
    here = "server" if broken == "cloud" else "cloud"
    for number in range(4):
        need = between.story(here, summary=f"Story {number}")
        between.say(here, need, f"Word {number}")
        between.attach(here, need, "same.txt", f"bytes {number}".encode())
    between.sandbox(broken).faults = Faults.model_validate(
        {"drop_after_commit": {"share": 0.25}, "errors": {"status": 503, "share": 0.05}}
    )
    for _ in range(6):
        await between.sync()
    between.sandbox(broken).faults = Faults()
    await between.settled()
    stories = between.issues(broken)
    assert sorted(str(story.value("summary")) for story in stories) == [f"Story {n}" for n in range(4)]
    assert [len(story.comments) for story in stories] == [1] * 4
    assert [len(story.attachments) for story in stories] == [1] * 4
    assert len(between.issues(here)) == 4


async def test_a_quiet_run_costs_one_reading_on_each_side(between: Between) -> None:
    need = between.story("cloud")
    between.say("cloud", need, "One")
    await between.settled()
    between.ahead += timedelta(minutes=10)
    await between.sync()
    for name in between.served:
        between.calls(name)
    await between.sync()
    for name in between.served:
        counted = between.calls(name)
        # The fields of the site are asked for once in a run, as the configuration names one; one call is signing in.
        assert sum(counted.values()) == 3, counted
