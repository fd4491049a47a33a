"""A copy that is not there, and was not deleted: nothing follows elsewhere, whatever the policy."""

from pathlib import Path

import pytest

from hub.errors import ServiceDown
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.gone import BOTH, copy_of, families, policy, there
from tests.unit.sync.two import Two


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return families(tmp_path)


@pytest.mark.parametrize("name", ["close", "delete"])
@pytest.mark.parametrize("why", [Absence.MOVED, Absence.HIDDEN])
async def test_what_was_moved_or_hidden_closes_and_deletes_nothing(two: Two, name: str, why: Absence) -> None:
    policy(two, name)
    two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"), why=why)
    report = await two.sync(full=True)
    assert (report.writes, there(two.left), there(two.left, field="status")) == (0, ["Mine"], ["New"])


async def test_a_hidden_copy_is_frozen_and_shows_as_blocked(two: Two) -> None:
    mine = two.left.add(title="Mine")
    await two.sync()
    two.right.remove(copy_of(two.right, "Mine"), why=Absence.HIDDEN)
    two.left.edit(mine, title="New")
    await two.sync(full=True)
    with two.hub() as hub:
        assert hub.status()["syncs"]["both"]["blocked"] == 1
        tie = hub.detail("REQ-1")["bindings"]["right"]
    assert (tie["state"], list(tie["blocked"])) == ("hidden", ["copy"])


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_what_was_archived_or_left_the_filter_closes_and_deletes_nothing(two: Two, name: str) -> None:
    policy(two, name)
    two.spokes["right"]["requirement"] = {**BOTH, "where": {"labels": ["client"]}}
    mine = two.left.add(title="Mine", labels=["client"])
    two.left.add(title="Other", labels=["client"])
    await two.sync()
    two.left.edit(mine, labels=[])
    two.right.archive(copy_of(two.right, "Other"))
    await two.sync(full=True)
    assert (there(two.left), there(two.right)) == (["Mine", "Other"], ["Mine", "Other"])


async def test_an_archived_copy_is_kept_in_step_like_any_other(two: Two) -> None:
    mine = two.left.add(title="Mine")
    await two.sync()
    two.right.archive("1")
    two.left.edit(mine, title="New")
    await two.sync()
    assert there(two.right) == ["New"]


@pytest.mark.parametrize("name", ["close", "delete"])
async def test_a_reading_that_gives_nothing_or_breaks_off_deletes_nothing(
    two: Two, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(two, name)
    for number in range(30):
        two.left.add(title=f"T{number}")
    await two.sync()
    two.right.page_size = 10
    two.right.faults.append(Fault("changes", ServiceDown("broken off"), skip=3))  # in the second page of requirements
    assert (await two.sync(full=True)).outcome == "problems"
    two.right.faults.clear()
    with monkeypatch.context() as patch:
        patch.setattr(two.right, "listed", lambda _kind, _after: ([], False))
        report = await two.sync(full=True)
    assert (report.outcome, report.writes, len(there(two.left))) == ("done", 0, 30)
    assert set(there(two.left, field="status")) == {"New"}
    assert (await two.sync(full=True)).writes == 0
