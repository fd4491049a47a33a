"""What an update without an answer wrote is the hub's own, in whatever way the service shows it."""

from pathlib import Path

from hub.errors import AnswerLost
from hub.testing import Fault
from tests.unit.sync.two import Two


async def test_a_title_kept_in_capitals_is_nobodys_edit_though_the_answer_was_lost(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.right.shouts = True
    one = two.left.add(title="one")
    await two.sync()
    two.left.edit(one, title="two")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=True))
    for _ in range(3):
        await two.sync()
    with two.hub() as hub:
        authors = [event["who"] for event in hub.history("REQ-1", "title")]
    assert (two.shows(two.left), two.shows(two.right), authors) == (["two"], ["TWO"], ["Ann", "Ann"])


async def test_a_text_does_not_merge_with_what_a_service_made_of_it(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.right.shouts = True
    one = two.left.add(title="one", body="first\n")
    await two.sync()
    two.left.edit(one, body="first\n\nsecond\n")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=True))
    for _ in range(3):
        await two.sync()
    assert two.shows(two.left, "body") == ["first\n\nsecond\n"]
