"""Taking back a held run: what it would have deleted lives on, and is made again where somebody had deleted it."""

from pathlib import Path

from tests.unit.sync.two import Two


async def test_deletions_that_were_held_are_taken_back_instead_of_carried_out(tmp_path: Path) -> None:
    two = Two(tmp_path)
    for spoke in two.spokes.values():
        spoke["on_delete"] = "delete"
    records = [two.left.add(title=f"need {number}") for number in range(40)]
    await two.sync()
    for record in records[:30]:
        two.left.remove(record)
    held = await two.sync(full=True)
    assert held.outcome == "held"
    with two.hub() as hub:
        await hub.undo(held.run)
    for _ in range(2):
        last = await two.sync()
    assert (last.outcome, last.writes) == ("done", 0)
    assert sorted(two.shows(two.left)) == sorted(two.shows(two.right)) == sorted(f"need {n}" for n in range(40))
