"""`hub doctor`: everything that can be broken in the hub's memory is found, and what can be derived is mended."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ServiceDown
from hub.model import Kind
from hub.store import only_one_now
from hub.testing.memory import Fault

Office = Any
KINDS = "requirement = { originates = true, creates = true }"
MORE = "\n".join(
    f"{kind} = {{ originates = true, creates = true }}" for kind in ("requirement", "comment", "attachment")
)

TOLD = ("title", "body", "name", "size", "status")


@contextmanager
def opened(office: Office) -> Iterator[sqlite3.Connection]:
    """The database, under the hands of somebody who breaks it."""
    connection = sqlite3.connect(office.folder / "hub.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def do(office: Office, *statements: str) -> None:
    """Break it; every statement has to hit something."""
    with opened(office) as db:
        db.execute("PRAGMA writable_schema = ON")
        assert all(db.execute(statement).rowcount != 0 for statement in statements), statements


def blob_of(office: Office) -> Path:
    """The one file that is kept."""
    (file,) = (each for each in (office.folder / "hub.db.files").rglob("*") if each.is_file())
    return Path(file)


@pytest.fixture
def clinic(office: Office) -> Office:
    """An office whose services are in step: two requirements, a comment, a file, and one open conflict."""
    office.file.write_text(office.file.read_text().replace(KINDS, MORE))
    one = office.left.add(title="Login page", due="2026-01-01")
    office.left.add(title="Export", body="Please")
    office.left.attach(one, "spec.txt", b"as agreed")
    office.left.add(Kind.COMMENT, parent=one, body="Well said")
    office.json("sync")
    office.left.edit("1", due="2026-02-02")
    office.right.edit(_copy_of(office, "Login page"), due="2026-03-03")
    office.json("sync", code=1)
    office.healthy = office.json("doctor")
    return office


def _copy_of(office: Office, title: str) -> str:
    (found,) = (s.id for s in office.right.present(Kind.REQUIREMENT) if s.fields["title"] == title)
    return str(found)


def in_step(office: Office) -> None:
    """Both services show the same, once, and a run finds nothing to write."""
    office.json("sync", code=1)
    (report,) = office.json("sync", code=1)
    assert [spoke["writes"] for spoke in report["spokes"].values()] == [0, 0]
    assert {problem["message"] for problem in report["problems"]} == {"due waits for a person: hub conflicts"}
    for kind in (Kind.REQUIREMENT, Kind.COMMENT, Kind.ATTACHMENT):
        shown = [
            sorted(json.dumps([s.fields.get(name) for name in TOLD], default=str) for s in service.present(kind))
            for service in (office.left, office.right)
        ]
        assert shown[0] == shown[1], kind


def test_a_healthy_memory_has_no_findings(clinic: Office) -> None:
    assert clinic.healthy == {"ok": True, "findings": []}
    result = clinic.run("doctor")
    assert (result.exit_code, "nothing is wrong" in result.stdout) == (0, True)


def test_without_a_database_none_is_made(office: Office) -> None:
    assert office.json("doctor") == {"ok": True, "findings": []}
    assert [file.name for file in office.folder.iterdir()] == ["hub.toml"]


BREAKS: dict[str, tuple[str, str, str]] = {
    "a title that is listed wrong": ("entities", "error", "UPDATE entities SET title = 'x' WHERE key = 'REQ-1'"),
    "a number that is listed wrong": ("entities", "error", "UPDATE entities SET number = 77 WHERE key = 'REQ-1'"),
    "an owner that is listed wrong": ("entities", "error", "UPDATE entities SET owner = 'REQ-2' WHERE key = 'CMT-1'"),
    "an identity that is lost": ("entities", "error", "UPDATE entities SET identity = NULL WHERE key = 'ATT-1'"),
    "an entity of garbage": ("entities", "error", "UPDATE entities SET doc = '{]' WHERE key = 'REQ-2'"),
    "an entity of other JSON": ("entities", "error", "UPDATE entities SET doc = '[1]' WHERE key = 'REQ-2'"),
    "an entity of no text": (
        "entities",
        "error",
        "UPDATE entities SET doc = CAST(x'ff7b7d' AS TEXT) WHERE key = 'REQ-2'",
    ),
    "an entity of no day": (
        "entities",
        "error",
        """UPDATE entities SET doc = replace(doc, '"20', '"2q') WHERE key = 'REQ-2'""",
    ),
    "a value that was never set": (
        "values",
        "error",
        "UPDATE entities SET doc = replace(doc, 'Please', 'Qlease') WHERE key = 'REQ-2'",
    ),
    "an index that is not there": ("schema", "error", "DROP INDEX bindings_owed"),
    "an entity that is gone": ("entities", "error", "DELETE FROM entities WHERE key = 'REQ-2'"),
    "an owner that is gone": ("entities", "error", "DELETE FROM entities WHERE key = 'REQ-1'"),
    "a copy whose state is garbage": (
        "ties",
        "error",
        "UPDATE bindings SET seen = '{]' WHERE key = 'REQ-2' AND connection = 'left'",
    ),
    "a copy of no kind": (
        "ties",
        "error",
        "UPDATE bindings SET kind = 'reqdirement' WHERE key = 'REQ-2' AND connection = 'left'",
    ),
    "a copy of no text": (
        "ties",
        "error",
        "UPDATE bindings SET seen = CAST(x'ff7b7d' AS TEXT) WHERE key = 'REQ-2' AND connection = 'right'",
    ),
    "a copy whose agreement is garbage": (
        "ties",
        "error",
        "UPDATE bindings SET agreed = '7' WHERE key = 'REQ-2' AND connection = 'right'",
    ),
    "a copy that is marked as owed": ("owed", "warning", "UPDATE bindings SET owed = 1 WHERE key = 'REQ-2'"),
    "a record of garbage": (
        "inbox",
        "error",
        "UPDATE inbox SET record = '{]' WHERE connection = 'left' AND kind = 'requirement'",
    ),
    "a write of nothing": (
        "intents",
        "warning",
        "INSERT INTO intents VALUES ('left', 'requirement', 'REQ-9', 'create', '{}', '{}', '2026-01-01T00:00:00Z', NULL)",
    ),
    "a write of garbage": (
        "intents",
        "error",
        "INSERT INTO intents VALUES ('left', 'requirement', 'REQ-2', 'update', '{]', '[]', '2026-01-01T00:00:00Z', NULL)",
    ),
    "a batch of writes of nothing": (
        "intents",
        "warning",
        """INSERT INTO underway VALUES (NULL, 'left', 'requirement', 'create', '2026-01-01T00:00:00Z', 'REQ-2,REQ-9',
           '{"REQ-2":[{},{}],"REQ-9":[{},{}]}')""",
    ),
    "a batch of writes of garbage": (
        "intents",
        "error",
        """INSERT INTO underway VALUES (NULL, 'left', 'requirement', 'update', '2026-01-01T00:00:00Z', 'REQ-1,REQ-2',
           '{"REQ-1":7}')""",
    ),
    "a conflict about nothing": ("holds", "warning", "UPDATE holds SET key = 'REQ-9' WHERE state = 'open'"),
    "a conflict of garbage": ("holds", "error", "UPDATE holds SET doc = '{]' WHERE state = 'open'"),
    "a conflict with nobody": (
        "holds",
        "warning",
        """UPDATE holds SET doc = replace(doc, '"right"', '"elsewhere"') WHERE state = 'open'""",
    ),
    "a reading of garbage": (
        "cursors",
        "error",
        "UPDATE cursors SET cursor = '{]' WHERE connection = 'left' AND kind = 'requirement'",
    ),
    "a reading that nobody asked for": (
        "cursors",
        "warning",
        "UPDATE cursors SET sync = 'former' WHERE connection = 'left' AND kind = 'comment'",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_follows_from_the_rest_is_found_and_mended(clinic: Office, name: str) -> None:
    what, level, statement = BREAKS[name]
    do(clinic, statement)
    answer = clinic.json("doctor", code=1)
    assert (what, level) in {(each["what"], each["level"]) for each in answer["findings"]}, answer
    assert not any(each["repaired"] for each in answer["findings"])
    mended = clinic.json("doctor", "--repair")
    assert mended["ok"]
    assert all(each["repaired"] for each in mended["findings"]), mended
    assert clinic.json("doctor") == {"ok": True, "findings": []}
    in_step(clinic)
    assert clinic.json("doctor") == {"ok": True, "findings": []}


def test_a_copy_that_is_owed_a_write_nobody_would_send_gets_it_after_a_repair(clinic: Office) -> None:
    clinic.right.faults.append(Fault("update", ServiceDown("down"), times=9))
    clinic.left.edit("2", title="Export!")
    clinic.json("sync", code=1)
    clinic.right.faults.clear()
    do(clinic, "UPDATE bindings SET owed = 0 WHERE key = 'REQ-2'")
    (finding,) = (each for each in clinic.json("doctor", code=1)["findings"] if each["what"] == "owed")
    assert finding["message"] == "REQ-2: its copy in right is owed a write that nobody would send"
    clinic.run("doctor", "--repair")
    in_step(clinic)
    assert "Export!" in [s.fields["title"] for s in clinic.right.present(Kind.REQUIREMENT)]


def test_a_repair_copies_the_database_first_and_says_where(clinic: Office) -> None:
    do(clinic, "UPDATE entities SET title = 'x' WHERE key = 'REQ-1'")
    result = clinic.run("doctor", "--repair")
    (copy,) = clinic.folder.glob("hub.db.backup-*")
    assert str(copy) in result.stderr
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT title FROM entities WHERE key = 'REQ-1'").fetchall() == [("x",)]
    db.close()
    clinic.json("doctor", "--repair")
    assert len(list(clinic.folder.glob("hub.db.backup-*"))) == 1, "nothing to repair, nothing to copy"


def test_an_entity_is_made_again_as_its_history_ends(clinic: Office) -> None:
    clinic.left.edit("2", title="Export of orders", body="Please, and soon")
    clinic.json("sync", code=1)
    before = clinic.json("show", "REQ-2")["fields"]
    do(clinic, "DELETE FROM entities WHERE key = 'REQ-2'")
    assert clinic.json("doctor", "--repair")["ok"]
    assert clinic.json("show", "REQ-2")["fields"] == before


def test_who_had_set_what_is_known_of_an_entity_that_is_made_again(clinic: Office) -> None:
    clinic.left.edit("2", title="Export of orders")
    clinic.json("sync", code=1)
    then = clinic.json("show", "REQ-2", "--at", "2100-01-01")["blame"]["title"]
    assert then["who"], then
    do(clinic, "DELETE FROM entities WHERE key = 'REQ-2'")
    clinic.json("doctor", "--repair")
    assert clinic.json("show", "REQ-2", "--at", "2100-01-01")["blame"]["title"] == then


def test_a_value_is_not_judged_by_a_history_that_was_tampered_with(clinic: Office) -> None:
    do(clinic, "UPDATE events SET new = replace(new, 'Please', 'Qlease')")
    assert {each["what"] for each in clinic.json("doctor", code=1)["findings"]} == {"history"}


def test_what_cannot_be_derived_is_said_and_left(clinic: Office) -> None:
    do(
        clinic,
        "DELETE FROM entities WHERE key = 'REQ-2'",
        "DELETE FROM events WHERE key IN ('REQ-2', '')",
        "UPDATE bindings SET seen = '{]', agreed = '{]' WHERE key = 'REQ-2'",
    )
    answer = clinic.json("doctor", "--repair", code=1)
    left = [each for each in answer["findings"] if not each["repaired"]]
    assert {each["what"] for each in left} == {"entities", "ties", "history"}
    assert all("restore a backup" in each["fix"] for each in left if each["what"] != "history")


def test_a_changed_history_is_said_and_never_mended(clinic: Office) -> None:
    do(clinic, """UPDATE events SET who = 'Nobody' WHERE id = (SELECT min(id) FROM events)""")
    for options in ((), ("--repair",)):
        findings = clinic.json("doctor", *options, code=1)["findings"]
        assert {each["what"] for each in findings} == {"history"}
        assert "compare with a backup" in findings[0]["fix"]


def test_an_index_that_misses_something_is_built_anew(clinic: Office) -> None:
    with opened(clinic) as db:
        (definition,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'events_by_run'").fetchone()
        db.execute("PRAGMA writable_schema = ON")
        shorter = f"{definition} WHERE id < 2"
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'events_by_run'", [shorter])
    with opened(clinic) as db:
        db.execute("REINDEX events_by_run")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'events_by_run'", [definition])
    findings = clinic.json("doctor", code=1)["findings"]
    assert {each["what"] for each in findings} == {"database"}
    assert clinic.json("doctor", "--repair")["ok"]
    assert clinic.json("doctor") == {"ok": True, "findings": []}


# The bytes of attachments.


def _lose(file: Path) -> None:
    file.unlink()


def _spoil(file: Path) -> None:
    file.write_bytes(b"as never agreed")


def _lose_all(file: Path) -> None:
    shutil.rmtree(file.parent.parent)


@pytest.mark.parametrize("harm", [_lose, _spoil, _lose_all])
def test_lost_and_wrong_bytes_are_fetched_again(clinic: Office, harm: Callable[[Path], None]) -> None:
    file = blob_of(clinic)
    harm(file)
    (finding,) = clinic.json("doctor", code=1)["findings"]
    assert (finding["what"], finding["level"]) == ("files", "error")
    assert finding["message"].startswith("ATT-1: its file ")
    assert clinic.json("doctor", "--repair")["ok"]
    assert clinic.json("doctor") == {"ok": True, "findings": []}
    in_step(clinic)
    assert file.read_bytes() == b"as agreed"
    assert len(clinic.left.present(Kind.ATTACHMENT)) == len(clinic.right.present(Kind.ATTACHMENT)) == 1
    assert clinic.json("doctor") == {"ok": True, "findings": []}


def test_files_of_nobody_are_taken_away(clinic: Office) -> None:
    kept = blob_of(clinic)
    folder = clinic.folder / "hub.db.files"
    for place in (folder / "part-abc" / "file", folder / "aa" / ("a" * 64), folder / "notes.txt"):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"what a run left that was broken off")
    assert len(clinic.json("doctor", code=1)["findings"]) == 3
    assert clinic.json("doctor", "--repair")["ok"]
    assert blob_of(clinic) == kept
    assert not (folder / "part-abc").exists()


# What only a person can do something about.


def test_connections_that_do_not_work_are_told_with_their_next_step(clinic: Office) -> None:
    clinic.left.token = "other"
    clinic.json("sync", code=1)
    (finding,) = clinic.json("doctor", "--repair", code=1)["findings"]
    assert (finding["what"], finding["repaired"]) == ("connections", False)
    assert finding["fix"]
    assert not list(clinic.folder.glob("hub.db.backup-*")), "there was nothing to mend"


def test_a_full_disk_is_told_before_it_is_full(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(clinic.folder)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    (finding,) = clinic.json("doctor", code=1)["findings"]
    assert (finding["what"], finding["level"]) == ("room", "warning")
    assert "3 MB are free" in finding["message"]


def test_while_a_run_goes_on_it_says_so_and_repairs_nothing(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["hub.cli.doctor"], "PATIENCE_S", 0.0)
    do(clinic, "UPDATE entities SET title = 'x' WHERE key = 'REQ-1'")
    with only_one_now(str(clinic.folder / "hub.db")):
        findings = clinic.json("doctor", code=1)["findings"]
        assert {each["what"] for each in findings} == {"lock", "entities"}
        refused = clinic.run("doctor", "--repair")
    assert refused.exit_code == 3
    assert "another run is still going on" in refused.stderr
    assert clinic.json("doctor", "--repair")["ok"]


def test_people_get_a_table_and_a_last_line(clinic: Office) -> None:
    do(clinic, "UPDATE entities SET title = 'x' WHERE key = 'REQ-1'")
    result = clinic.run("doctor")
    assert result.exit_code == 1
    assert "hub doctor --repair" in result.stdout
    assert "1 finding, 0 repaired." in result.stdout
    mended = clinic.run("doctor", "--repair")
    assert mended.exit_code == 0
    assert "1 finding, 1 repaired." in mended.stdout


def test_a_file_that_is_no_database_cannot_be_examined(clinic: Office) -> None:
    for file in clinic.folder.glob("hub.db*"):
        if file.is_file() and file.name != "hub.db.lock":
            file.write_bytes(b"not a database at all, " * 400)
    result = clinic.run("doctor", "--json")
    assert result.exit_code == 3
    assert "hub.db" in json.loads(result.stdout)["error"]["message"]
    assert "recover.md" in json.loads(result.stdout)["error"]["fix"]
