"""Two things that look just alike, both made without an answer."""

from pathlib import Path
from typing import Any

from hub.errors import AnswerLost
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


async def test_two_comments_of_the_same_words_whose_answers_were_lost_stay_two(tmp_path: Path) -> None:
    two = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    two.right.unmarked = frozenset({Kind.COMMENT})
    need = two.left.add(title="Export")
    await two.sync()
    for _ in range(2):
        two.left.say(need, "+1")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True, times=2))
    for _ in range(3):
        await two.sync()
    assert len(two.right.present(Kind.COMMENT)) == len(two.left.present(Kind.COMMENT)) == 2
