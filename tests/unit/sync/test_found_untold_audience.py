"""Every value of an entity is told by its history, so that what it was at any time can be replayed."""

from pathlib import Path

from hub.errors import AnswerLost, ServiceDown
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two

BOTH = {"originates": True, "creates": True}


async def test_for_whom_a_new_file_is_stands_in_its_history(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["left"] |= {"audience": "client", "attachment": {"originates": True}}
    parent = two.left.add(title="one")
    two.left.attach(parent, "plan.txt", b"all of it")
    for _ in range(2):
        await two.sync()
    with two.hub() as hub:
        told = {event["field"]: event["new"] for event in hub.history("ATT-1")}
        assert told["audience"] == hub.detail("ATT-1")["fields"]["audience"] == "client"


async def test_who_marks_a_copy_that_was_made_without_an_answer_is_asked_nothing(tmp_path: Path) -> None:
    spokes = {name: {"requirement": BOTH, "comment": BOTH} for name in ("left", "right")}
    two = Two(tmp_path, spokes=spokes, rules={"default": "ask"})
    two.right.unmarked = frozenset({Kind.COMMENT})
    parent = two.left.add(title="one")
    two.left.say(parent, "Among us")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True, skip=1))
    two.right.faults.append(Fault("find", ServiceDown("down"), times=8))
    await two.sync()
    two.right.faults.clear()
    (said,) = two.right.present(Kind.COMMENT)
    two.right.edit(said.id, body="@client Come and see", by="bo")
    await two.sync()
    with two.hub() as hub:
        assert hub.conflicts() == []
        assert hub.detail("CMT-1")["fields"]["audience"] == "client"
