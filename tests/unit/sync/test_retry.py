"""What is stuck is tried again when a person says so, and not before."""

from pathlib import Path

import pytest

from hub.errors import Refused, UsageError
from hub.model import Kind
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.two import Two, ends


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def test_a_refused_create_is_asked_for_again(two: Two) -> None:
    two.left.add(title="Mine")
    two.right.faults.append(Fault("create", Refused("the board is full")))
    assert ends(await two.sync(), "right") == {"blocked": 1}
    creates = two.right.calls["create"]
    assert ((await two.sync()).outcome, two.right.calls["create"]) == ("problems", creates)
    with two.hub() as hub:
        assert hub.retry() == [
            {
                "key": "REQ-1",
                "kind": "requirement",
                "connection": "right",
                "remote": None,
                "what": "create",
                "why": "the board is full",
            }
        ]
        assert hub.status()["syncs"]["both"]["blocked"] == 0
    assert ((await two.sync()).outcome, two.shows(two.right)) == ("done", ["Mine"])


async def test_a_refused_update_is_asked_for_again(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="New")
    two.right.faults.append(Fault("update", Refused("no such title")))
    await two.sync()
    with two.hub() as hub:
        (tried,) = hub.retry("req-1")
    assert (tried["what"], tried["remote"], tried["why"]) == ("write", "1", "no such title")
    assert ((await two.sync()).outcome, two.shows(two.right)) == ("done", ["New"])


async def test_a_copy_that_could_not_be_seen_is_looked_for_again(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.right.remove("1", why=Absence.HIDDEN)
    two.left.edit(one, title="New")
    await two.sync()
    del two.right.absent["1"]
    assert ((await two.sync()).writes, two.shows(two.right)) == (0, ["Old"])
    with two.hub() as hub:
        (tried,) = hub.retry()
    assert (tried["what"], tried["why"]) == ("read", "it cannot be seen any more")
    assert ((await two.sync()).outcome, two.shows(two.right)) == ("done", ["New"])


async def test_a_copy_that_is_hidden_still_is_left_alone_again(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.right.remove("1", why=Absence.HIDDEN)
    two.left.edit(one, title="New")
    await two.sync()
    with two.hub() as hub:
        hub.retry()
    assert ends(await two.sync(), "right") == {"blocked": 1}
    with two.hub() as hub:
        assert hub.status()["syncs"]["both"]["blocked"] == 1


async def test_a_copy_to_which_nothing_is_owed_is_looked_for_as_well(two: Two) -> None:
    two.left.add(title="Old")
    await two.sync()
    two.right.remove("1", why=Absence.HIDDEN)
    await two.sync(full=True)
    with two.hub() as hub:
        assert len(hub.retry()) == 1
    report = await two.sync()
    assert (report.outcome, ends(report, "right")) == ("problems", {"blocked": 1})
    assert ends(await two.sync(), "right") == {}, "it is looked for once"


async def test_the_bytes_of_a_file_are_asked_for_again(two: Two) -> None:
    both = {"originates": True, "creates": True}
    two.spokes = {name: {"requirement": both, "attachment": both} for name in ("left", "right")}
    one = two.left.add(title="Mine")
    two.left.attach(one, "plan.txt", b"words")
    two.left.faults.append(Fault("download", Refused("not now")))
    await two.sync()
    assert not two.right.present(Kind.ATTACHMENT)
    with two.hub() as hub:
        (tried,) = hub.retry("ATT-1", "left")
    assert (tried["what"], tried["why"]) == ("read", "content: not now")
    assert (await two.sync()).outcome == "done"
    assert [two.right.files[state.id] for state in two.right.present(Kind.ATTACHMENT)] == [b"words"]


async def test_only_what_was_named_is_tried(two: Two) -> None:
    for title in ("One", "Two"):
        two.left.add(title=title)
    two.right.faults.append(Fault("create", Refused("full"), times=2))
    await two.sync()
    with two.hub() as hub:
        assert hub.retry("REQ-1", "left") == hub.retry(connection="left") == []
        assert [each["key"] for each in hub.retry("REQ-2")] == ["REQ-2"]
    await two.sync()
    assert two.shows(two.right) == ["Two"]
    with two.hub() as hub:
        assert [each["key"] for each in hub.retry(connection="right")] == ["REQ-1"]


async def test_a_field_that_cannot_be_read_stays_protected_while_it_is_tried(two: Two) -> None:
    one = two.left.add(title="Old", status="Somewhere Else")
    await two.sync()
    with two.hub() as hub:
        (tried,) = hub.retry()
    assert (tried["what"], tried["why"].startswith("status: ")) == ("read", True)
    two.right.edit("1", status="Review", by="bo")
    await two.sync()
    assert two.shows(two.left, "status") == ["Somewhere Else"]
    two.left.edit(one, status="Delivered")
    await two.sync()
    assert (await two.sync()).outcome == "done"


async def test_strangers_are_told_so(two: Two) -> None:
    with two.hub() as hub:
        with pytest.raises(UsageError, match="there is no REQ-9"):
            hub.retry("REQ-9")
        with pytest.raises(UsageError, match="there is no connection 'middle'"):
            hub.retry(connection="middle")
