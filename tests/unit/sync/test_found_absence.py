"""Copies that go away and come back, at awkward moments."""

from pathlib import Path

import pytest

from hub.errors import ServiceDown
from hub.model import Kind
from hub.sdk.records import Absence, Record
from hub.testing import Fault
from tests.unit.sync.two import Two


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


@pytest.mark.parametrize("why", [Absence.MOVED, Absence.HIDDEN])
async def test_a_copy_that_comes_back_unchanged_is_kept_in_step_again(two: Two, why: Absence) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.right.remove("1", why=why)
    await two.sync(full=True)
    two.left.edit(one, title="New")
    await two.sync()
    del two.right.absent["1"]
    await two.sync(full=True)
    assert two.shows(two.right) == ["New"]


async def test_a_deletion_is_not_forgotten_when_looking_at_the_copy_fails(two: Two) -> None:
    two.left.add(title="Kept")
    two.spokes["right"]["on_delete"] = "recreate"
    await two.sync()
    two.right.remove("1")
    two.right.faults.append(Fault("fetch", ServiceDown("down")))
    await two.sync()
    for _ in range(2):
        await two.sync()
    assert two.shows(two.right) == ["Kept"]


@pytest.mark.parametrize("full", [True, False])
async def test_a_record_deleted_before_it_was_taken_up_is_not_made_anywhere(two: Two, full: bool) -> None:
    await two.sync()
    one = two.left.add(title="Short-lived")
    with two.hub() as hub:
        (record,) = (await hub.bare_connector("left").fetch(Kind.REQUIREMENT, [one])).values()
        assert isinstance(record, Record)
        hub.store.keep_records("left", Kind.REQUIREMENT, [record], two.clock())
    two.left.remove(one)
    await two.sync(full=full)
    assert two.shows(two.right) == []
