"""A comment that becomes one for clients while others, who cannot know it yet, write on in their copies."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ServiceDown
from hub.model import Kind
from hub.testing import Fault, MemoryService
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}
SPOKES: dict[str, dict[str, Any]] = {"left": {**ALL}, "right": {**ALL}, "clients": {**ALL, "audience": "client"}}
SECRET = "margin 40 %"


class Three(Two):
    """The team works on the left and on the right."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clients = MemoryService("clients", clock=self.clock, tells_history=True)

    def told(self) -> str:
        """All that clients ever saw."""
        return json.dumps([[dict(s.fields) for s in states] for states in self.clients.states.values()])


@pytest.fixture(params=["latest", "ask", "prefer:right"])
def three(tmp_path: Path, request: pytest.FixtureRequest) -> Three:
    return Three(tmp_path, spokes=SPOKES, rules={"default": request.param})


async def said_to_all(three: Three, words: str) -> tuple[str, str]:
    """A comment on the left, and its copy on the right."""
    said = three.left.say(three.left.add(title="Export"), words)
    await three.sync()
    (copy,) = three.right.present(Kind.COMMENT)
    return said, copy.id


@pytest.mark.parametrize("words", ["It is late\n\n" + SECRET, "It is late: " + SECRET, SECRET])
@pytest.mark.parametrize("first", ["left", "right"])
async def test_what_is_written_beside_a_new_mark_waits_for_a_person(three: Three, words: str, first: str) -> None:
    said, copy = await said_to_all(three, "It is late")
    edits = {
        "left": lambda: three.left.edit(said, body="@client It is ready"),
        "right": lambda: three.right.edit(copy, body=words),
    }
    edits.pop(first)()
    three.clock.later()
    edits.popitem()[1]()
    for _ in range(3):
        await three.sync()
    assert SECRET not in three.told()
    assert "It is late" not in three.told()
    with three.hub() as hub:
        for hold in hub.conflicts():  # none where all words of one side were overruled
            hub.resolve(hold["id"], take="left")
    for _ in range(2):
        report = await three.sync()
    assert (report.outcome, report.writes) == ("done", 0)
    assert [s.fields["body"] for s in three.clients.present(Kind.COMMENT)] == ["@client It is ready"]


async def test_where_the_words_among_colleagues_are_taken_clients_are_told_nothing(three: Three) -> None:
    said, copy = await said_to_all(three, "It is late")
    three.left.edit(said, body="@client It is ready")
    three.right.edit(copy, body="It is late\n\n" + SECRET)
    await three.sync()
    with three.hub() as hub:
        (hold,) = hub.conflicts()
        hub.resolve(hold["id"], take="right")
    for _ in range(2):
        report = await three.sync()
    assert (report.outcome, report.writes) == ("done", 0)
    assert three.clients.present(Kind.COMMENT) == []
    assert three.left.state(said).fields["body"].strip() == "It is late\n\n" + SECRET


@pytest.mark.parametrize("late", ["left", "right"])
async def test_a_service_that_was_down_does_not_mix_the_two_either(three: Three, late: str) -> None:
    said, copy = await said_to_all(three, "It is late")
    service = three.left if late == "left" else three.right
    if late == "right":
        three.left.edit(said, body="@client It is ready")
    else:
        three.right.edit(copy, body="It is late\n\n" + SECRET)
    service.faults.append(Fault("open", ServiceDown("down")))
    await three.sync()
    if late == "right":
        three.right.edit(copy, body="It is late\n\n" + SECRET)
    else:
        three.left.edit(said, body="@client It is ready")
    for _ in range(2):
        await three.sync()
    assert SECRET not in three.told()


async def test_a_mark_among_edits_that_nobody_contends_reaches_clients_at_once(three: Three) -> None:
    said, copy = await said_to_all(three, "It is late")
    three.right.edit(copy, body="It is late\n\nor is it")
    await three.sync()
    three.left.edit(said, body="@client It is ready")
    report = await three.sync()
    assert report.outcome == "done"
    assert [s.fields["body"] for s in three.clients.present(Kind.COMMENT)] == ["@client It is ready"]
    three.right.edit(copy, body="@client It is ready\n\nand tested")
    await three.sync()
    assert "and tested" in three.told()


async def test_what_is_written_among_colleagues_after_a_person_decided_for_a_mark_waits_too(three: Three) -> None:
    said, copy = await said_to_all(three, "It is late")
    three.left.edit(said, body="@client It is ready")
    three.right.edit(copy, body="It is late: not ready")
    await three.sync()
    three.left.edit(said, body="@client It is ready now")
    with three.hub() as hub:
        (hold,) = hub.conflicts()
        hub.resolve(hold["id"], take="left")
    three.right.edit(copy, body="It is late: not ready\n\n" + SECRET)
    for _ in range(3):
        await three.sync()
    assert SECRET not in three.told()
