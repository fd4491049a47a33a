"""Every value of an entity is told by its history, so that what it was at any time can be replayed."""

from pathlib import Path

from tests.unit.sync.two import Two


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
