"""A service whose clock is set back dates later edits earlier: they are still edits, and a full reading shows them."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.sync.two import Two


@pytest.mark.parametrize("full", [False, True])
async def test_an_edit_after_a_clock_was_set_back_is_seen_by_a_full_reading_at_the_latest(
    tmp_path: Path, full: bool
) -> None:
    two = Two(tmp_path)
    one = two.left.add(title="Old")
    await two.sync()
    two.left.clock = lambda: two.clock() - timedelta(minutes=10)
    two.left.edit(one, title="New")
    await two.sync(full=full)
    await two.sync(full=True)
    assert two.shows(two.right) == ["New"]
