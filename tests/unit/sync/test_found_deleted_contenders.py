"""A conflict whose copy was deleted and made again: the new one is nobody's edit."""

from pathlib import Path

from tests.unit.sync.two import Two


async def test_what_a_copy_that_was_made_again_shows_is_no_edit_once_it_is_decided(tmp_path: Path) -> None:
    two = Two(tmp_path, rules={"title": "ask"})
    two.spokes["left"]["on_delete"] = "recreate"
    two.right.add(title="One")
    await two.sync()
    two.left.edit("1", title="Left's")
    two.right.edit("1", title="Right's")
    await two.sync()
    two.left.remove("1")
    await two.sync()
    assert two.shows(two.left) == ["One"]
    with two.hub() as hub:
        hub.resolve("H-1", take="right")
    for _ in range(2):
        report = await two.sync()
    assert (two.shows(two.left), two.shows(two.right), report.outcome) == (["Right's"], ["Right's"], "done")


async def test_what_a_copy_wanted_that_is_gone_can_still_be_taken(tmp_path: Path) -> None:
    two = Two(tmp_path, rules={"title": "ask"})
    two.right.add(title="One")
    await two.sync()
    two.left.edit("1", title="Left's")
    two.right.edit("1", title="Right's")
    await two.sync()
    two.left.remove("1")
    await two.sync()
    with two.hub() as hub:
        hub.resolve("H-1", take="left")
    await two.sync()
    assert two.shows(two.right) == ["Left's"]
