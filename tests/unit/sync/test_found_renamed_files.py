"""Files that people rename, in services that never do."""

from pathlib import Path
from typing import Any

from hub.model import Kind
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


async def test_what_a_service_cannot_change_is_not_changed(tmp_path: Path) -> None:
    two = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    need = two.left.add(title="Export")
    file = two.left.attach(need, "spec.txt", b"all of it")
    await two.sync()
    two.left.edit(file, name="specification.txt")
    report = await two.sync()
    assert (report.outcome, report.writes) == ("done", 0)
    assert [state.fields["name"] for state in two.right.present(Kind.ATTACHMENT)] == ["spec.txt"]
