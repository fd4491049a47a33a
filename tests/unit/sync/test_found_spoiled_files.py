"""A kept file whose bytes went bad on the disk is not passed on."""

from pathlib import Path
from typing import Any

from hub.errors import ServiceDown
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


async def test_bytes_that_do_not_have_their_hash_are_not_passed_on(tmp_path: Path) -> None:
    two = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    need = two.left.add(title="Export")
    await two.sync()
    two.left.attach(need, "spec.txt", b"as agreed")
    two.right.faults.append(Fault("create", ServiceDown("down"), times=9))
    await two.sync()
    two.right.faults.clear()
    (kept,) = (file for file in (tmp_path / "hub.db.files").rglob("*") if file.is_file())
    kept.write_bytes(b"as spoilt")
    for _ in range(3):
        await two.sync()
    passed_on = [two.right.files[state.id] for state in two.right.present(Kind.ATTACHMENT)]
    assert passed_on in ([], [b"as agreed"])
