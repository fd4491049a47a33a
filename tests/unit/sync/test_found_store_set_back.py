"""A store that knows less than it did, or nothing: what the hub made in the meantime carries its marker."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


def once_each(two: Two, *titles: str) -> None:
    for service in (two.left, two.right):
        assert sorted(str(title) for title in two.shows(service)) == sorted(titles)


async def test_what_was_made_since_a_backup_is_not_made_again_after_that_is_restored(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.left.add(title="Old")
    await two.sync()
    backup = tmp_path / "backup.db"
    shutil.copy(tmp_path / "hub.db", backup)
    two.left.add(title="Newer from left")
    two.right.add(title="Newer from right")
    await two.sync()
    shutil.copy(backup, tmp_path / "hub.db")
    for _ in range(2):
        await two.sync()
    once_each(two, "Old", "Newer from left", "Newer from right")


async def test_a_fresh_store_ties_what_a_lost_one_had_made(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.left.add(title="From left")
    two.right.add(title="From right")
    await two.sync()
    for name in ("hub.db", "hub.db-wal", "hub.db-shm", "hub.db.lock"):
        tmp_path.joinpath(name).unlink(missing_ok=True)
    with two.hub() as hub:
        await hub.match("both", apply=True)
    for _ in range(2):
        await two.sync()
    once_each(two, "From left", "From right")


@pytest.mark.parametrize("marked", [True, False])
async def test_comments_and_files_since_a_backup_are_not_made_again_either(tmp_path: Path, marked: bool) -> None:
    two = Two(tmp_path, spokes={name: dict(ALL) for name in ("left", "right")})
    for service in (two.left, two.right):
        service.unmarked = frozenset() if marked else frozenset({Kind.COMMENT, Kind.ATTACHMENT})
    need = two.left.add(title="Export")
    await two.sync()
    backup = tmp_path / "backup.db"
    shutil.copy(tmp_path / "hub.db", backup)
    (copied,) = two.right.present(Kind.REQUIREMENT)
    two.left.add(Kind.COMMENT, parent=need, body="From left")
    two.right.add(Kind.COMMENT, parent=copied.id, body="From right")
    two.left.attach(need, "spec.txt", b"as agreed")
    await two.sync()
    shutil.copy(backup, tmp_path / "hub.db")
    for _ in range(2):
        await two.sync()
    for service in (two.left, two.right):
        assert len(service.present(Kind.COMMENT)) == 2
        assert len(service.present(Kind.ATTACHMENT)) == 1
