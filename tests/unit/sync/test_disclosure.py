"""What nobody declared to be for clients never reaches a spoke that clients read, by whatever path."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.testing import Fault, MemoryService
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}
SECRET = "margin 40 %"


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """The team works on the left; clients read on the right."""
    return Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL, "audience": "client"}})


def everything(service: MemoryService) -> str:
    """All that a service ever held, each state of every record, and its files, as one text."""
    states = [[state.kind, dict(state.fields)] for each in service.states.values() for state in each]
    return json.dumps(states, default=str, ensure_ascii=False) + repr(service.files)


async def test_a_comment_of_the_team_stays_with_the_team(two: Two) -> None:
    need = two.left.add(title="Export")
    two.left.say(need, SECRET)
    two.left.say(need, "@clients do not know that " + SECRET)
    two.left.say(need, "Tell @client that " + SECRET)
    await two.sync()
    assert SECRET not in everything(two.right)
    assert two.right.present(Kind.COMMENT) == []


@pytest.mark.parametrize("mark", ["@client", "@Client:", "**@client**", "@客户", "@客户："])
async def test_a_comment_that_says_so_reaches_the_client(two: Two, mark: str) -> None:
    need = two.left.add(title="Export")
    two.left.say(need, f"{mark} It is ready")
    await two.sync()
    (told,) = two.right.present(Kind.COMMENT)
    assert "It is ready" in told.fields["body"]


async def test_an_edit_that_makes_an_internal_comment_of_a_told_one_does_not_tell_the_new_words(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "Between us")
    await two.sync()
    two.left.edit(said, body="Between us: " + SECRET)
    await two.sync()
    assert SECRET not in everything(two.right)


async def test_what_the_client_writes_comes_in_and_its_internal_answer_does_not_go_out(two: Two) -> None:
    need = two.left.add(title="Export")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    two.right.say(copy.id, "When will it be ready?")
    await two.sync()
    (heard,) = two.left.present(Kind.COMMENT)
    assert heard.fields["body"] == "When will it be ready?"
    two.left.say(need, f"> When will it be ready?\n\nNot before {SECRET}")
    await two.sync()
    assert SECRET not in everything(two.right)
    with two.hub() as hub:
        audiences = {hub.detail(c["key"])["fields"]["audience"] for c in hub.listing("comment")}
    assert audiences == {"client", "internal"}


async def test_files_of_the_team_stay_with_the_team_and_those_of_the_client_come_in(two: Two) -> None:
    need = two.left.add(title="Export")
    two.left.attach(need, "calculation.txt", SECRET.encode())
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    two.right.attach(copy.id, "wish.txt", b"blue, please")
    await two.sync()
    assert SECRET not in everything(two.right)
    assert "calculation.txt" not in everything(two.right)
    assert sorted(a.fields["name"] for a in two.left.present(Kind.ATTACHMENT)) == ["calculation.txt", "wish.txt"]


async def test_tasks_their_titles_and_comments_on_them_never_reach_a_client(two: Two) -> None:
    need = two.left.add(title="Export")
    task = two.left.add(Kind.TASK, title=SECRET, parent=need)
    two.left.say(task, "@client look at this " + SECRET)
    await two.sync()
    assert SECRET not in everything(two.right)
    assert two.right.present(Kind.TASK) == []


async def test_fields_that_clients_do_not_see_are_neither_made_nor_updated_there(two: Two) -> None:
    need = two.left.add(title="Export", body=SECRET, priority="Critical", labels=[SECRET], due="2026-05-01")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    assert copy.fields["title"] == "Export"
    assert copy.fields["due"] == "2026-05-01"
    two.left.edit(need, body="More of " + SECRET, priority="Low", title="Export to Excel")
    await two.sync()
    assert two.right.state(copy.id).fields["title"] == "Export to Excel"
    assert SECRET not in everything(two.right)
    assert not copy.fields.get("priority")


async def test_a_description_reaches_the_client_only_where_the_configuration_says_so(two: Two) -> None:
    two.spokes["right"]["requirement"] = {"creates": True, "shows": ["title", "description"]}
    two.left.add(title="Export", body="For everybody", due="2026-05-01")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    assert copy.fields["body"] == "For everybody"
    assert not copy.fields.get("due")


async def test_nothing_leaks_into_what_a_dry_run_would_write_there(two: Two) -> None:
    need = two.left.add(title="Export", body=SECRET)
    two.left.say(need, SECRET)
    with two.hub() as hub:
        report = await hub.sync("both", dry_run=True)
    to_client = [step for step in report.plan or () if step["spoke"] == "right"]
    assert to_client
    assert SECRET not in json.dumps(to_client)


async def test_nothing_leaks_when_a_write_to_the_client_is_refused_or_gets_no_answer(two: Two) -> None:
    need = two.left.add(title="Export", body=SECRET)
    two.right.faults.append(Fault("create", RuntimeError("broken off")))
    await two.sync()
    two.left.edit(need, title="Export 2")
    await two.sync()
    await two.sync()
    with two.hub() as hub:
        kept = [asdict(i) for i in hub.store.intents("right", Kind.REQUIREMENT).values()]
    assert SECRET not in json.dumps(kept, default=str)
    assert SECRET not in everything(two.right)
