"""Stores that cannot be opened or read: each is refused in words, changed by nobody, and used again once it is mended."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import StoreError
from hub.model import Kind
from hub.store import Store, database
from hub.store.migrations import migrations
from tests.unit.store.desk import Desk, opening

COMMANDS = (("sync",), ("status",), ("list",), ("conflicts",), ("sync", "--dry-run"), ("doctor",))


def _by_text(store: Path) -> None:
    store.write_text("This is a letter, and no database. " * 300)


def _by_noise(store: Path) -> None:
    store.write_bytes(random.Random(1).randbytes(40_000))


def _by_a_folder(store: Path) -> None:
    store.unlink()
    store.mkdir()


def _by_half_of_it(store: Path) -> None:
    content = store.read_bytes()
    store.write_bytes(content[: len(content) // 2 // 4096 * 4096])


def _by_its_head(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:50])


@pytest.mark.parametrize("replace", [_by_text, _by_noise, _by_a_folder, _by_half_of_it, _by_its_head])
def test_what_is_no_sound_database_is_refused_and_a_backup_of_it_goes_on(
    desk: Desk, replace: Callable[[Path], None]
) -> None:
    desk.works()
    desk.all_is_well()
    good = desk.at_rest()
    desk.works()
    replace(desk.store)
    for command in COMMANDS[:4]:
        said = desk.refused(*command)
        assert any(word in said for word in ("recover.md", "check that the folder")), said
    assert len(desk.titles(desk.right)) == 3, "no service was written to"
    _put_back(desk, good)
    desk.all_is_well()


def _put_back(desk: Desk, good: bytes) -> None:
    for file in desk.folder.glob("hub.db*"):
        if file.name != "hub.db.lock" and not file.name.endswith(".files"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    desk.store.write_bytes(good)


@pytest.mark.parametrize("seed", range(6))
def test_bytes_that_were_overwritten_are_never_a_surprise_of_the_program(desk: Desk, seed: int) -> None:
    for _ in range(8):
        desk.works()
    desk.all_is_well()
    good, chance = desk.at_rest(), random.Random(seed)
    for _ in range(8):
        page = chance.randrange(len(good) // 4096)
        at = page * 4096 + chance.randrange(4096)
        broken = good[:at] + chance.randbytes(chance.choice((16, 600, 4096)))
        _put_back(desk, (broken + good[len(broken) :])[: len(good)])
        for command in COMMANDS:
            result = desk.run(*command)
            said = f"{command} page {page}: {result.output}"
            assert result.exit_code in (0, 1, 3), said
            assert "Traceback" not in result.output, said
            assert "Unexpected error" not in result.output, said
            assert result.exit_code != 3 or "Next: " in result.stderr, said


@pytest.mark.parametrize("seed", range(4))
def test_a_byte_that_flips_is_never_a_surprise_of_the_program(desk: Desk, seed: int) -> None:
    for _ in range(8):
        desk.works()
    desk.all_is_well()
    good, chance = desk.at_rest(), random.Random(seed)
    used = [at for at, byte in enumerate(good) if byte]
    for _ in range(25):
        broken, at = bytearray(good), chance.choice(used)
        broken[at] ^= 1 << chance.randrange(8)
        _put_back(desk, bytes(broken))
        for command in (*COMMANDS[1:], ("show", "REQ-1"), ("history", "REQ-2"), ("doctor", "--repair"), ("sync",)):
            result = desk.run(*command)
            said = f"{command} byte {at} of {broken[at]}: {result.output}"
            assert result.exit_code in (0, 1, 3), said
            assert "Unexpected error" not in result.output, said
            assert ":memory:" not in result.output, said
            assert result.exit_code != 3 or "Next: " in result.stderr, said


@pytest.mark.parametrize("state", ["gone", "empty"])
def test_a_store_that_vanished_is_missed_and_no_copy_is_made_twice(desk: Desk, state: str) -> None:
    desk.works()
    desk.all_is_well()
    good = desk.at_rest()
    for file in desk.folder.glob("hub.db*"):
        if file.name != "hub.db.lock":
            file.unlink()
    if state == "empty":
        desk.store.touch()
    for command in COMMANDS:
        said = desk.refused(*command)
        assert f"is {state}, though a hub has worked with it" in said
        assert "delete hub.db.lock as well" in said
    assert desk.store.exists() == (state == "empty")
    desk.store.write_bytes(good)
    desk.all_is_well()


def test_a_store_of_a_newer_hub_is_refused_and_left_as_it_is(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    with sqlite3.connect(desk.store) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('hub', 'm999_later', '')")
    db.close()
    before = desk.at_rest()
    for command in COMMANDS:
        said = desk.refused(*command)
        assert "was written by a newer hub (its schema has m999_later)" in said
        assert "upgrade requirement-hub" in said
    assert desk.at_rest() == before


def test_the_database_of_something_else_is_refused_and_left_as_it_is(desk: Desk) -> None:
    with sqlite3.connect(desk.store) as db:
        db.execute("CREATE TABLE songs (title TEXT)")
    db.close()
    before = desk.at_rest()
    assert "is the database of something else (it has songs)" in desk.refused("sync")
    assert desk.at_rest() == before


STEPS = [step.name for step in migrations.pending(database.Database(memory=True))]


@pytest.mark.parametrize("upto", STEPS[1:])
def test_a_store_of_an_older_hub_is_brought_up_to_date_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, upto: str
) -> None:
    path = str(tmp_path / "hub.db")
    with sqlite3.connect(path, isolation_level=None) as old:
        migrations.apply(database.Database(old), stop_before=upto)
        before = list(old.iterdump())
    old.close()
    statements, done = 1, False
    while not done:
        done = _opens(path, monkeypatch, statements)
        if not done:
            with sqlite3.connect(path) as now:
                assert list(now.iterdump()) == before, f"stopped at statement {statements}"
            now.close()
        statements += 1
    assert statements > 5
    with sqlite3.connect(path) as now:
        applied = [name for (name,) in now.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    now.close()
    assert applied == STEPS


def _opens(path: str, monkeypatch: pytest.MonkeyPatch, statements: int) -> bool:
    """Whether the store opens if the disk fails at some change of the schema."""
    left = statements

    def denies(action: int, *_: object) -> int:
        nonlocal left
        left -= action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX)
        return sqlite3.SQLITE_OK if left > 0 else sqlite3.SQLITE_DENY

    with opening(monkeypatch, lambda connection: connection.set_authorizer(denies)):
        try:
            Store.open(path).close()
        except StoreError:
            return False
    return True


# Who may not.


def test_a_place_where_no_file_can_be_is_said(desk: Desk) -> None:
    desk.store_at("hub.toml/hub.db")
    assert "check that the folder exists" in desk.refused("sync")
    desk.store_at("nowhere/hub.db")
    assert "check that the folder exists" in desk.refused("sync")


def test_a_file_that_may_only_be_read_is_said_before_anything_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.works()
    desk.all_is_well()
    desk.works()
    with opening(monkeypatch, lambda connection: connection.execute("PRAGMA query_only = ON")):
        said = desk.refused("sync")
    assert "readonly" in said
    assert "folder and file may be written to" in said
    assert len(desk.titles(desk.right)) == 3
    desk.all_is_well()


def test_while_another_program_writes_a_command_waits_and_then_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.works()
    desk.all_is_well()
    desk.works()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    other = sqlite3.connect(desk.store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = desk.refused("sync")
    assert "locked" in said
    assert "another hub is writing" in said
    assert desk.run("list").exit_code == 0, "reading goes on"
    assert len(desk.titles(desk.right)) == 3
    other.execute("ROLLBACK")
    other.close()
    desk.all_is_well()


def test_a_lock_of_garbage_is_said_with_what_to_do(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    lock = desk.folder / "hub.db.lock"
    lock.write_bytes(b"garbage " * 1000)
    assert "delete that file while no hub is running" in desk.refused("sync")
    lock.unlink()
    desk.all_is_well()


# The log beside the database.


def test_a_log_of_garbage_or_no_log_costs_no_more_than_what_stood_in_it(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    good = desk.at_rest()
    for content in (b"", b"garbage " * 4000, os.urandom(100)):
        _put_back(desk, good)
        desk.store.with_name("hub.db-wal").write_bytes(content)
        desk.all_is_well()


# The folder of files.


def test_a_folder_of_files_that_is_no_folder_is_said_and_the_file_passed_on_later(desk: Desk) -> None:
    desk.works()
    desk.all_is_well()
    desk.left.attach("1", "plan.pdf", b"drawing")
    folder = desk.folder / "hub.db.files"
    folder.write_text("in the way")
    result = desk.run("sync")
    assert result.exit_code == 3
    assert "hub.db.files" in result.stderr
    assert "Next: " in result.stderr
    assert not desk.right.present(Kind.ATTACHMENT)
    folder.unlink()
    desk.all_is_well()
    assert [desk.right.files[each.id] for each in desk.right.present(Kind.ATTACHMENT)] == [b"drawing"]
