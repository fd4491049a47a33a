"""A text that is cut, a write of it whose answer is lost, and a person's edit on top of that."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import AnswerLost
from hub.testing import Call, Fault
from tests.unit.sync.many import Many


def words(name: str, count: int) -> str:
    return " ".join(f"{name}{number:03}" for number in range(count))


def paragraphs(name: str, count: int) -> str:
    return "\n\n".join(f"{name}{number:03} and so on" for number in range(count))


def edited_right_after(many: Many, method: str, change: Callable[[str], str]) -> None:
    """Bo edits the copy the moment after it was written, and the hub never hears that it was."""
    service = many["right"]

    def on_answer(call: Call) -> None:
        if call.method == method:
            service.on_answer = lambda _: None
            many.clock.later(1)
            service.edit("1", by="bo", body=change(service.state("1").fields["body"]))

    service.on_answer = on_answer
    service.faults.append(Fault(method, AnswerLost("gone"), after=True))


@pytest.fixture
def many(tmp_path: Path) -> Many:
    return Many(tmp_path, plugins={"left": "beside", "right": "sectioned"})


@pytest.mark.parametrize("text", [words, paragraphs])
async def test_an_edit_on_top_of_an_unanswered_update_takes_nothing_out_of_the_middle(
    many: Many, text: Callable[[str, int], str]
) -> None:
    long = text("word", 100)
    one = many["left"].add(title="One", body=long, note="why")
    await many.sync()
    new = f"these are new words at the very beginning of it\n\n{long}"
    many["left"].edit(one, body=new)
    edited_right_after(many, "update", lambda shown: f"BO {shown}")
    await many.sync()
    await many.sync()
    assert many.holds() == []
    merged = many.value("REQ-1", "description")
    assert merged.startswith("BO these are new words at the very beginning of it\n\n")
    assert merged.endswith(long), "nothing of what could not be seen there is gone"


async def test_an_edit_on_top_of_an_unanswered_create_takes_nothing_out_of_the_middle(many: Many) -> None:
    long = words("word", 100)
    many["left"].add(title="One", body=long, note="why " + words("not", 12))
    heading = "\n\n## Background"
    edited_right_after(many, "create", lambda shown: f"BO {shown.partition(heading)[0]}{heading}\n\nwhy")
    await many.sync()
    await many.sync()
    assert many.value("REQ-1", "background") == "why"
    assert many.value("REQ-1", "description") == f"BO {long}"
