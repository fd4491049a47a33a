"""A copy that was made only in part, and a service that does not say which part was refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.model import Kind
from hub.sdk.records import Draft, Outcome, Refusal
from hub.testing import MemoryConnector
from hub.testing.service import HUB
from tests.unit.sync.two import Two, ends


async def test_what_a_half_made_copy_lacks_is_still_owed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = Two(tmp_path)

    async def half(self: MemoryConnector, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        (draft,) = drafts
        made = self.service.add(kind, by=HUB.id, marker=draft.marker, title=draft.fields["title"])
        found = await self.fetch(kind, [made])
        return [Refusal("it seems that you tried an illegal workflow operation", {}, found[made])]  # type: ignore[arg-type]

    two.left.add(title="One", status="Review", labels=["a"])
    with monkeypatch.context() as patched:
        patched.setattr(MemoryConnector, "create", half)
        assert ends(await two.sync(), "right")["blocked"] == 1
    await two.sync()
    assert (two.shows(two.right, "status"), two.shows(two.right, "labels")) == (["Review"], [["a"]])


async def test_a_new_copy_that_shows_a_value_without_a_name_blocks_that_field_only(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["right"]["status"] = {"in_progress": "In Progress"}
    one = two.left.add(title="One", status="Review")
    report = await two.sync()
    assert "blocked" in ends(report, "right")
    assert not [problem for problem in report.problems if "unforeseen" in problem["message"]]
    two.left.edit(one, title="Two", status="In Progress")
    for _ in range(2):
        await two.sync()
    assert two.shows(two.right) == ["Two"]
