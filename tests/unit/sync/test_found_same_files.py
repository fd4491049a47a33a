"""The same file attached in two places, while one of them cannot be read."""

from pathlib import Path
from typing import Any

from hub.errors import ServiceDown
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


async def test_a_file_is_not_passed_on_to_where_the_same_one_may_be_already(tmp_path: Path) -> None:
    two = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    need = two.left.add(title="Export")
    await two.sync()
    (copied,) = two.right.present(Kind.REQUIREMENT)
    two.left.attach(need, "spec.txt", b"the same")
    two.left.attach(need, "other.txt", b"another")
    two.right.attach(copied.id, "specification.txt", b"the same")
    two.right.faults.append(Fault("download", ServiceDown("down")))
    await two.sync()
    assert sorted(s.fields["name"] for s in two.right.present(Kind.ATTACHMENT)) == ["other.txt", "specification.txt"]
    for _ in range(2):
        report = await two.sync()
    assert report.outcome == "done"
    assert len(two.left.present(Kind.ATTACHMENT)) == len(two.right.present(Kind.ATTACHMENT)) == 2
