"""An undo of a run of which one write was never answered, but was found to be carried out."""

from pathlib import Path

from hub.errors import AnswerLost
from hub.testing import Fault
from tests.unit.sync.many import Many


async def test_what_was_written_without_an_answer_is_set_back_as_well(tmp_path: Path) -> None:
    many = Many(tmp_path, ("left", "mid", "right"))
    one = many["left"].add(title="One", due="2026-01-01")
    await many.sync()
    many["left"].edit(one, due="2026-02-02")
    many["mid"].faults.append(Fault("update", AnswerLost("gone"), after=True))
    run = await many.sync()
    await many.sync()
    assert many.shows("due") == {"left": ["2026-02-02"], "mid": ["2026-02-02"], "right": ["2026-02-02"]}
    await many.undo(run)
    await many.sync()
    assert many.shows("due") == {"left": ["2026-02-02"], "mid": ["2026-01-01"], "right": ["2026-01-01"]}
    assert [each["connection"] for each in many.holds()[0]["candidates"]] == ["hub", "left"]
