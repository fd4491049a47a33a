"""References to what has no copy yet, or is not known yet."""

from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, Refused
from hub.model import Kind
from hub.testing import Fault, MemoryConnector
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})


@pytest.mark.parametrize("error", [AnswerLost("gone"), Refused("not today")])
async def test_a_copy_refers_to_its_client_as_soon_as_that_has_a_copy_too(two: Two, error: Exception) -> None:
    client = two.left.add(Kind.CLIENT, name="Acme")
    two.left.add(title="Export", client=client)
    two.right.faults.append(Fault("create", error))
    await two.sync()
    two.left.edit(client, name="Acme Ltd")
    for _ in range(2):
        report = await two.sync()
    assert report.outcome == "done"
    (copied,) = two.right.present(Kind.CLIENT)
    assert two.shows(two.right, "client") == [copied.id]
    assert (await two.sync()).writes == 0


async def test_a_change_of_client_waits_for_the_copy_of_the_new_one(two: Two) -> None:
    first = two.left.add(Kind.CLIENT, name="Acme")
    need = two.left.add(title="Export", client=first)
    await two.sync()
    second = two.left.add(Kind.CLIENT, name="Bolt")
    two.left.edit(need, client=second)
    two.right.faults.append(Fault("create", Refused("not today")))
    await two.sync()
    assert two.shows(two.right, "client") == [two.right.present(Kind.CLIENT)[0].id]
    two.left.edit(second, name="Bolt Ltd")
    for _ in range(2):
        await two.sync()
    assert two.shows(two.right, "client") == [two.right.present(Kind.CLIENT)[1].id]


async def test_a_client_added_while_a_run_reads_is_not_lost_to_what_refers_to_it(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, need = MemoryConnector.changes, two.left.add(title="Export")
    await two.sync()

    def late(self: MemoryConnector, kind: Kind, *given: Any, **more: Any) -> Any:
        if kind is Kind.REQUIREMENT and self.service is two.left and not two.left.present(Kind.CLIENT):
            two.left.edit(need, client=two.left.add(Kind.CLIENT, name="Acme"), title="Export for Acme")
        return changes(self, kind, *given, **more)

    monkeypatch.setattr(MemoryConnector, "changes", late)
    report = await two.sync()
    assert (report.outcome, report.problems) == ("done", ())
    assert two.shows(two.right) == ["Export for Acme"]
    assert two.shows(two.left, "client") == [two.left.present(Kind.CLIENT)[0].id]
    await two.sync()
    assert two.shows(two.right, "client") == [two.right.present(Kind.CLIENT)[0].id]
    assert (await two.sync()).writes == 0


async def test_where_clients_are_not_kept_a_requirement_waits_for_none(two: Two) -> None:
    del two.spokes["right"]["client"]
    client = two.left.add(Kind.CLIENT, name="Acme")
    two.left.add(title="Export", client=client)
    assert (await two.sync()).outcome == "done"
    with two.hub() as hub:
        assert hub.in_step("both")[Kind.REQUIREMENT] == 1
        assert hub.store.owed("right", Kind.REQUIREMENT) == []
