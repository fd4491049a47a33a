"""What follows elsewhere when somebody deletes a copy, policy by policy; an edit beats a delete."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.model import Kind
from hub.sdk.connector import Operation
from hub.sync import Report
from hub.sync.departed import spare
from hub.testing import Fault, MemoryConnector
from tests.unit.sync.gone import copy_of, families, policy, said, there
from tests.unit.sync.two import Two


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return families(tmp_path)


async def deleted(two: Two, name: str, **fields: Any) -> Report:
    """A requirement of both, deleted on the right under a policy; the run after that."""
    policy(two, name)
    two.left.add(title="Mine", **fields)
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    return await two.sync()


# close


async def test_close_sets_the_status_of_the_other_copies_and_tells_why(two: Two) -> None:
    report = await deleted(two, "close", status="In Progress")
    assert (report.outcome, said(report), there(two.left, field="status")) == ("done", [], ["Rejected"])
    assert there(two.right) == []
    with two.hub() as hub:
        assert hub.blame("REQ-1")["status"]["because"] == "deleted in right"
        assert hub.history("REQ-1", "status")[-1]["run"] == report.run
    assert (await two.sync()).writes == 0


async def test_close_has_a_task_done(two: Two) -> None:
    policy(two, "close")
    parent = two.left.add(title="Mine")
    two.left.add(Kind.TASK, title="Step", status="Doing", parent=parent)
    await two.sync()
    two.right.remove(copy_of(two.right, "Step", Kind.TASK))
    await two.sync()
    assert (there(two.left, Kind.TASK, "status"), there(two.left, field="status")) == (["Done"], ["New"])


@pytest.mark.parametrize("status", ["Delivered", "Accepted", "Rejected"])
async def test_close_leaves_alone_what_is_over_already(two: Two, status: str) -> None:
    report = await deleted(two, "close", status=status)
    assert (report.writes, there(two.left, field="status")) == (0, [status])


async def test_close_does_to_a_client_what_unlink_does(two: Two) -> None:
    policy(two, "close")
    two.left.add(Kind.CLIENT, name="Acme", domain="acme.example")
    await two.sync()
    two.right.remove(copy_of(two.right, "Acme", Kind.CLIENT))
    report = await two.sync()
    assert (report.writes, len(two.left.present(Kind.CLIENT))) == (0, 1)
    assert "no longer kept in step" in said(report)[0]


# delete


async def test_delete_deletes_the_other_copies_and_then_all_is_quiet(two: Two) -> None:
    report = await deleted(two, "delete")
    assert (report.outcome, said(report), there(two.left), there(two.right)) == ("done", [], [], [])
    with two.hub() as hub:
        assert hub.listing() == []
    assert (await two.sync(full=True)).writes == 0


@pytest.mark.parametrize("kind", [Kind.CLIENT, Kind.CONTACT])
async def test_delete_goes_for_clients_and_contacts_too(two: Two, kind: Kind) -> None:
    policy(two, "delete")
    two.left.make(kind, {"name": "Acme", **({"email": "a@acme.example"} if kind is Kind.CONTACT else {})})
    await two.sync()
    two.right.remove(copy_of(two.right, "Acme", kind))
    await two.sync()
    assert two.left.present(kind) == []


async def test_delete_takes_with_it_what_belongs_to_it_and_nothing_else(two: Two) -> None:
    policy(two, "delete")
    for title in ("Mine", "Other"):
        parent = two.left.add(title=title)
        task = two.left.add(Kind.TASK, title=f"Step of {title}", parent=parent)
        two.left.say(parent, f"About {title}")
        two.left.say(task, f"About the step of {title}")
        two.left.attach(parent, f"{title}.txt", b"content of " + title.encode())
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    report = await two.sync(telling=True)
    assert there(two.left) == ["Other"]
    assert there(two.left, Kind.TASK) == ["Step of Other"]
    assert there(two.left, Kind.COMMENT, "body") == ["About Other", "About the step of Other"]
    assert there(two.left, Kind.ATTACHMENT, "name") == ["Other.txt"]
    assert two.right.calls["delete"] == 0, "what went with its owner there is not deleted once more"
    because = {(entry["kind"], entry["because"]) for entry in report.plan or ()}
    assert ("requirement", "it was deleted elsewhere") in because
    assert ("comment", "what it belonged to was deleted") in because
    assert ((await two.sync(full=True)).writes, (await two.sync(full=True)).writes) == (0, 0)
    with two.hub() as hub:
        assert {row["title"] for row in hub.listing("requirement")} == {"Other"}
        assert len(hub.listing("comment")) == 2


async def test_a_task_deleted_by_itself_takes_its_comments_and_leaves_its_requirement(two: Two) -> None:
    policy(two, "delete")
    parent = two.left.add(title="Mine")
    task = two.left.add(Kind.TASK, title="Step", parent=parent)
    two.left.say(task, "About the step")
    await two.sync()
    two.right.remove(copy_of(two.right, "Step", Kind.TASK))
    await two.sync()
    assert (there(two.left), there(two.left, Kind.TASK), there(two.left, Kind.COMMENT)) == (["Mine"], [], [])


async def test_a_task_that_went_with_its_requirement_is_not_deleted_by_itself(two: Two) -> None:
    policy(two, "close")
    parent = two.left.add(title="Mine")
    two.left.add(Kind.TASK, title="Step", parent=parent)
    await two.sync()
    two.right.remove(copy_of(two.right, "Step", Kind.TASK))
    two.right.remove(copy_of(two.right, "Mine"))
    await two.sync()
    assert (there(two.left, field="status"), there(two.left, Kind.TASK, "status")) == (["Rejected"], ["Todo"])


# An edit beats a delete.


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_what_was_edited_elsewhere_since_is_only_unlinked(two: Two, name: str) -> None:
    policy(two, name)
    mine = two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    two.left.edit(mine, title="Mine and edited")
    report = await two.sync()
    assert (there(two.left), there(two.left, field="status")) == (["Mine and edited"], ["New"])
    assert "is only no longer kept in step: REQ-1 was changed elsewhere since" in said(report)[0]
    again = await two.sync(full=True)
    assert (again.writes, said(again), there(two.right)) == (0, [], [])


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_who_deletes_a_copy_that_had_not_been_told_of_an_edit_does_not_delete_the_edit(
    two: Two, name: str
) -> None:
    policy(two, name)
    mine = two.left.add(title="Mine")
    await two.sync()
    two.left.edit(mine, title="Mine and edited")
    two.right.faults.append(Fault("update", ServiceDown("later"), times=999))
    assert (await two.sync()).outcome == "problems"
    two.right.faults.clear()
    two.right.remove(copy_of(two.right, "Mine"))
    await two.sync()
    assert (there(two.left), there(two.left, field="status")) == (["Mine and edited"], ["New"])


@pytest.mark.parametrize("change", ["comment", "file", "task", "edited task", "comment on the task"])
async def test_a_parent_whose_children_were_changed_since_is_not_deleted(two: Two, change: str) -> None:
    policy(two, "delete")
    mine = two.left.add(title="Mine")
    task = two.left.add(Kind.TASK, title="Step", parent=mine)
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    match change:
        case "comment":
            two.left.say(mine, "Wait, we need this")
        case "file":
            two.left.attach(mine, "plan.txt", b"needed")
        case "task":
            two.left.add(Kind.TASK, title="Another", parent=mine)
        case "edited task":
            two.left.edit(task, title="Step, at last")
        case _:
            two.left.say(task, "Wait, we need this")
    report = await two.sync()
    assert there(two.left) == ["Mine"]
    assert any("REQ-1 was changed elsewhere since" in each for each in said(report))


async def test_an_edit_seen_only_when_about_to_delete_is_kept(two: Two) -> None:
    policy(two, "delete")
    mine = two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    two.left.lag_s = 3600
    two.left.edit(mine, title="Mine and edited")
    report = await two.sync()
    assert there(two.left) == ["Mine and edited"]
    assert "lives on" in said(report)[0]


async def test_what_waits_to_be_deleted_and_is_edited_meanwhile_lives_on(two: Two) -> None:
    policy(two, "delete")
    two.guard = {"deletes": {"count": 0, "share": 0.0}}
    mine, other = two.left.add(title="Mine"), two.left.add(title="Other")
    two.left.add(title="Third")
    await two.sync()
    for title in ("Mine", "Other", "Third"):
        two.right.remove(copy_of(two.right, title))
    held = await two.sync()
    assert (held.outcome, len(held.plan or ()), len(there(two.left))) == ("held", 3, 3)
    two.left.edit(mine, title="Mine and edited")
    two.left.say(other, "We need this")
    again = await two.sync()
    assert [entry["key"] for entry in again.plan or ()] == ["REQ-3"]
    assert sorted(p["key"] for p in again.problems if "lives on" in p["message"]) == ["REQ-1", "REQ-2"]
    two.clock.later()
    with two.hub() as hub:
        await hub.approve(held.run)
    assert there(two.left) == ["Mine and edited", "Other"]


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_nothing_is_decided_while_a_copy_cannot_be_read(two: Two, name: str) -> None:
    policy(two, name)
    mine = two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    two.left.edit(mine, title="Mine and edited")
    two.left.faults.append(Fault("changes", ServiceDown("closed"), times=1))
    await two.sync()
    two.left.faults.clear()
    await two.sync()
    assert (there(two.left), there(two.left, field="status")) == (["Mine and edited"], ["New"])


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_what_waits_for_a_person_is_only_unlinked(two: Two, name: str) -> None:
    policy(two, name)
    two.rules["due"] = "ask"
    mine = two.left.add(title="Mine")
    await two.sync()
    two.left.edit(mine, due="2026-05-01")
    two.right.edit(copy_of(two.right, "Mine"), due="2026-06-01", by="bo")
    assert (await two.sync()).outcome == "problems"
    two.right.remove(copy_of(two.right, "Mine"))
    report = await two.sync()
    assert any("REQ-1 was changed elsewhere since" in each for each in said(report))
    assert (there(two.left), there(two.left, field="status")) == (["Mine"], ["New"])


async def test_what_the_hub_itself_has_deleted_is_nobodys_deletion(two: Two) -> None:
    """The answer to a deletion is lost, and the next run finds the copy gone: that closes nothing."""
    policy(two, "delete")
    policy(two, "close", "left")
    two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    two.left.faults.append(Fault("delete", AnswerLost("gone"), after=True))
    await two.sync()
    assert there(two.left) == []
    await two.sync()
    with two.hub() as hub:
        assert "deleted in left" not in [event["because"] for event in hub.history("REQ-1")]
        assert hub.listing() == []


async def test_what_belongs_to_something_that_was_spared_in_the_last_moment_is_spared_too(two: Two) -> None:
    policy(two, "delete")
    mine = two.left.add(title="Mine")
    two.left.add(Kind.TASK, title="Step", parent=mine)
    two.left.say(mine, "About it")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    two.left.lag_s = 3600
    two.left.edit(mine, title="Mine and edited")
    await two.sync()
    assert (there(two.left), there(two.left, Kind.TASK)) == (["Mine and edited"], ["Step"])
    assert there(two.left, Kind.COMMENT, "body") == ["About it"]


async def test_where_a_service_cannot_delete_the_copy_is_left_and_is_no_harm(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = MemoryConnector.kinds[Kind.REQUIREMENT]
    able = replace(spec, operations=spec.operations - {Operation.DELETE})
    monkeypatch.setattr(MemoryConnector, "kinds", {**MemoryConnector.kinds, Kind.REQUIREMENT: able})
    policy(two, "delete")
    two.guard = {"deletes": {"count": 0, "share": 0.0}}
    two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    report = await two.sync()
    assert (report.outcome, report.writes, there(two.left)) == ("done", 0, ["Mine"])
    assert said(report) == ["MEM-1 was deleted elsewhere; it cannot be deleted here, and is no longer kept in step"]


async def test_a_deleted_copy_that_comes_back_before_anything_was_decided_is_in_step_again(two: Two) -> None:
    policy(two, "delete")
    two.left.add(title="Mine")
    await two.sync()
    gone = copy_of(two.right, "Mine")
    two.right.remove(gone)
    two.left.faults.append(Fault("changes", ServiceDown("closed"), times=1))
    await two.sync()
    two.left.faults.clear()
    del two.right.absent[gone]
    two.right.edit(gone, labels=["back"], by="bo")
    await two.sync()
    assert (there(two.left), there(two.left, field="labels"), there(two.right)) == (["Mine"], [["back"]], ["Mine"])


async def test_deleted_on_both_sides_is_gone(two: Two) -> None:
    policy(two, "delete")
    policy(two, "delete", "left")
    mine = two.left.add(title="Mine")
    await two.sync()
    two.left.remove(mine)
    two.right.remove(copy_of(two.right, "Mine"))
    assert (await two.sync()).writes == 0
    assert (await two.sync(full=True)).writes == 0


async def test_what_was_made_again_is_told_so(two: Two) -> None:
    report = await deleted(two, "recreate")
    assert (there(two.right), said(report)) == (["Mine"], ["MEM-1 was deleted there, and is made again"])


async def test_a_held_deletion_that_is_taken_back_has_everything_made_again(two: Two) -> None:
    policy(two, "delete")
    two.guard = {"deletes": {"count": 0, "share": 0.0}}
    mine = two.left.add(title="Mine")
    two.left.add(Kind.TASK, title="Step", parent=mine)
    two.left.say(mine, "About it")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"))
    for kind in (Kind.TASK, Kind.COMMENT):
        two.right.remove(two.right.present(kind)[0].id)
    held = await two.sync()
    assert (held.outcome, there(two.right)) == ("held", [])
    with two.hub() as hub:
        assert spare(hub.store, hub.store.entries_of(held.run)) == {"REQ-1"}
    report = await two.sync()
    assert (report.outcome, report.spokes["left"]["writes"], there(two.left)) == ("done", 0, ["Mine"])
    assert (there(two.right), there(two.right, Kind.TASK), len(there(two.right, Kind.COMMENT))) == (
        ["Mine"],
        ["Step"],
        1,
    )
    assert (await two.sync(full=True)).writes == 0
