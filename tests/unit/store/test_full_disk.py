"""A full disk: said with the file and the next step; nothing half written; the next run goes on."""

import hashlib
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.model import Kind
from tests.unit.store.desk import Desk, Opening, opening, pages


def no_more_than(more: int) -> Opening:
    """Databases may grow by so many pages, and no further."""

    def limit(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA max_page_count = {max(1, pages(connection) + more)}")

    return limit


def test_a_disk_that_is_full_before_the_first_run_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.works()
    for room in range(0, 30, 4):
        with opening(monkeypatch, no_more_than(room)):
            said = desk.refused("sync")
        assert "full" in said
        assert "make room" in said
        assert not desk.right.present(Kind.REQUIREMENT)[1:], "nothing was written"
    desk.all_is_well()


def test_a_disk_that_gets_full_at_any_moment_loses_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.works()
    desk.all_is_well()
    early = late = 0
    for room in range(200):
        for _ in range(12):
            desk.works()
        copies = _all_there_is(desk)
        with opening(monkeypatch, no_more_than(room)):
            result = desk.run("sync")
        if result.exit_code == 0:
            break
        assert (result.exit_code, "Next: make room" in result.stderr) == (3, True), result.output
        written = _all_there_is(desk) > copies
        early, late = early + (not written), late + written
        assert desk.run("sync").exit_code == 0
    desk.all_is_well()
    assert early, "there were disks that were full before any service was written to"
    assert late, "and some that were full afterwards"


def _all_there_is(desk: Desk) -> int:
    return len(desk.titles(desk.left)) + len(desk.titles(desk.right))


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Inside the block, writing beyond *size* bytes fails, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_the_system_refuses_is_no_surprise(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    for _ in range(5):
        desk.works()
    size = desk.store.stat().st_size
    for limit in (4096, size // 2, size + 4096):
        with files_no_larger_than(limit):
            said = desk.refused("sync")
        assert "disk" in said or "full" in said
    desk.all_is_well()


def test_an_attachment_that_does_not_fit_is_fetched_again_when_there_is_room(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    content = b"drawing" * 400_000
    desk.left.attach("1", "plan.pdf", content)
    with files_no_larger_than(1_500_000):
        said = desk.run("sync")
    assert said.exit_code == 3
    assert "hub.db.files" in said.stderr
    assert "Next: make room on the disk" in said.stderr
    assert not desk.right.present(Kind.ATTACHMENT)
    assert [each.name for each in desk.folder.joinpath("hub.db.files").iterdir()] == [], "no half file is left"
    desk.all_is_well()
    (copied,) = desk.right.present(Kind.ATTACHMENT)
    assert hashlib.sha256(desk.right.files[copied.id]).digest() == hashlib.sha256(content).digest()
