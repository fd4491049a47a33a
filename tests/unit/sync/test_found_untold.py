"""Fields that clients are not told, and fill in themselves."""

from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.testing import MemoryConnector
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """The team works on the left; clients read on the right."""
    return Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL, "audience": "client"}})


async def test_what_a_client_fills_in_while_the_copy_is_written_is_not_lost(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, need = MemoryConnector.changes, two.left.add(title="Export")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    two.left.edit(need, title="Export to Excel")

    def late(self: MemoryConnector, kind: Kind, *given: Any, **more: Any) -> Any:
        if kind is Kind.ATTACHMENT and self.service is two.right:
            two.right.edit(copy.id, body="With all columns")
        return changes(self, kind, *given, **more)

    monkeypatch.setattr(MemoryConnector, "changes", late)
    await two.sync()
    monkeypatch.undo()
    await two.sync()
    assert two.shows(two.left, "body") == ["With all columns"]
    assert two.shows(two.right) == ["Export to Excel"]
    assert (await two.sync()).writes == 0


async def test_what_a_service_fills_in_by_itself_is_nobodys_edit(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    make = two.right.make

    def by_default(kind: Kind, fields: Any, **more: Any) -> str:
        return make(kind, {"priority": "Low", **fields} if kind is Kind.REQUIREMENT else fields, **more)

    monkeypatch.setattr(two.right, "make", by_default)
    need = two.left.add(title="Export", priority="High")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    two.clock.later()
    two.right.edit(copy.id, title="Export to Excel")
    await two.sync()
    assert two.left.state(need).fields["priority"] == "High"
    assert two.shows(two.left) == ["Export to Excel"]


async def test_a_copy_that_shows_clients_all_that_they_may_see_is_in_step(two: Two) -> None:
    two.left.add(title="Export", body="Between us", priority="High")
    await two.sync()
    (copy,) = two.right.present(Kind.REQUIREMENT)
    two.right.edit(copy.id, title="Export to Excel")
    assert (await two.sync()).outcome == "done"
    with two.hub() as hub:
        assert hub.in_step("both")[Kind.REQUIREMENT] == 1
