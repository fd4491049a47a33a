"""What was changed, read, and changed back before anybody judged it, is as it was."""

from pathlib import Path

import pytest

from hub.sync.intake import Intake
from tests.unit.sync.two import Two


async def test_an_edit_that_was_taken_back_before_it_was_judged_never_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Two(tmp_path)
    one = two.left.add(title="one")
    await two.sync()
    await two.sync()
    two.left.edit(one, title="two")
    with monkeypatch.context() as broken:
        broken.setattr(Intake, "work", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await two.sync()
    two.left.edit(one, title="one")
    for _ in range(3):
        await two.sync()
    assert (two.shows(two.left), two.shows(two.right)) == (["one"], ["one"])
