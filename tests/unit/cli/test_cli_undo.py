"""Taking back, looking back and checking the history, from the command line."""

from collections.abc import Callable
from typing import Any

import pytest

Office = Any


@pytest.fixture
def edited(office: Office) -> str:
    """A new date that went from left to right; the run that brought it there."""
    office.left.add(title="Login page", due="2026-01-01")
    office.json("sync")
    office.left.edit("1", due="2026-02-02", title="Sign-in page")
    (report,) = office.json("sync")
    return str(report["run"])


def due(office: Office) -> list[str]:
    return [service.state("1").fields["due"] for service in (office.left, office.right)]


def test_an_undo_prints_a_run_report(office: Office, edited: str) -> None:
    report = office.json("undo", edited, code=1)
    assert {"sync", "run", "outcome", "dry_run", "seconds", "spokes", "problems"} <= set(report)
    assert (report["outcome"], report["spokes"]["right"]["writes"]) == ("problems", 1)
    assert due(office) == ["2026-02-02", "2026-01-01"]


def test_a_dry_run_shows_the_plan_and_changes_nothing(office: Office, edited: str) -> None:
    (entry,) = office.json("undo", edited, "--dry-run", code=1)["plan"]
    assert (entry["spoke"], entry["operation"], entry["fields"]["due"]) == (
        "right",
        "update",
        {"from": "2026-02-02", "to": "2026-01-01"},
    )
    assert due(office) == ["2026-02-02"] * 2
    shown = office.run("undo", edited.lower(), "--dry-run")
    assert "due: 2026-02-02 → 2026-01-01" in shown.stdout
    assert f"Do it with: hub undo {edited}" in shown.stderr


def test_a_dry_run_of_a_part_says_how_to_undo_just_that_part(office: Office, edited: str) -> None:
    part = ("--field", "due", "--actor", "Ann Lee", "--everywhere", "--key", "req-1")
    office.left.edit("1", by="Ann Lee", due="2026-03-03")
    run = office.json("sync")[0]["run"]
    shown = office.run("undo", run, *part, "--dry-run")
    assert f"Do it with: hub undo {run} --field=due '--actor=Ann Lee' --key=req-1 --everywhere" in shown.stderr


def test_people_are_told_how_to_bring_it_back(office: Office, edited: str) -> None:
    result = office.run("undo", edited)
    assert "waits for a person: hub conflicts" in result.stdout
    assert "Bring it back again with: hub undo R-3" in result.stderr
    assert office.run("undo", "R-3").exit_code == 0
    assert due(office) == ["2026-02-02"] * 2


def test_everywhere_and_the_filters_are_passed_on(office: Office, edited: str) -> None:
    options = ("--field", "due", "--key", "req-1", "--rule", "edit", "--actor", "Ann", "--everywhere")
    report = office.json("undo", edited, *options)
    assert report["outcome"] == "done"
    assert due(office) == ["2026-01-01"] * 2
    assert office.right.state("1").fields["title"] == "Sign-in page"


def test_a_second_undo_says_that_nothing_is_left(office: Office, edited: str) -> None:
    office.json("undo", edited, "--everywhere")
    again = office.json("undo", edited, "--everywhere")
    assert [p["message"] for p in again["problems"]] == [f"nothing of {edited} is left to be taken back"]
    shown = office.run("undo", edited, "--dry-run")
    assert "No copy would be written." in shown.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("R-99",), "there is no run R-99"),
        (("R-1", "--field", "colour"), "there is no field 'colour'"),
        (("R-1", "--key", "REQ-9"), "there is no REQ-9"),
    ],
)
def test_what_does_not_exist_is_explained(office: Office, edited: str, given: tuple[str, ...], said: str) -> None:
    assert said in office.json("undo", *given, code=2)["error"]["message"]


def test_show_at_tells_what_was_known_then_and_by_whom(office: Office, edited: str) -> None:
    then = office.json("show", "REQ-1", "--at", edited)
    assert (then["title"], then["fields"]["due"]) == ("Login page", "2026-01-01")
    assert (then["blame"]["due"]["who"], then["blame"]["due"]["connection"]) == ("Ann", "left")
    shown = office.run("show", "REQ-1", "--at", edited).stdout
    assert "Login page" in shown
    assert "2026-01-01" in shown
    assert "no time" in office.json("show", "REQ-1", "--at", "soon", code=2)["error"]["message"]


def test_history_verify_finds_what_was_tampered_with(office: Office, edited: str) -> None:
    assert office.json("history", "--verify") == {"ok": True, "problems": []}
    assert "nothing was changed" in office.run("history", "--verify").stdout
    _tamper(office, "UPDATE events SET who = 'Nobody' WHERE id = 1")
    found = office.json("history", "--verify", code=1)
    assert (found["ok"], len(found["problems"])) == (False, 1)
    result = office.run("history", "--verify")
    assert (result.exit_code, "event 1 of REQ-1" in result.stdout) == (1, True)


def test_history_wants_a_key_or_verify_and_not_both(office: Office) -> None:
    for given in ((), ("REQ-1", "--verify"), ("--verify", "--field", "due")):
        assert office.run("history", *given).exit_code == 2


def test_a_held_run_can_be_taken_back_instead_of_approved(
    office: Office, edited: str, hold_run: Callable[[], str]
) -> None:
    before = office.json("show", "REQ-1")["fields"]["due"]
    held = hold_run()
    office.json("undo", held, "--everywhere")
    assert office.json("show", "REQ-1")["fields"]["due"] == before
    (report,) = office.json("sync")
    assert (report["outcome"], office.json("status")["syncs"]["delivery"].get("held")) == ("done", None)


@pytest.fixture
def hold_run(office: Office) -> Callable[[], str]:
    """Have a run held by the guard; its name."""

    def hold() -> str:
        limited = "\n[syncs.delivery.guard]\nwrites = { count = 0, share = 0.0 }\n"
        office.file.write_text(office.file.read_text(encoding="utf-8") + limited, encoding="utf-8")
        office.left.edit("1", due="2026-03-03")
        (report,) = office.json("sync", code=1)
        assert report["outcome"] == "held"
        return str(report["run"])

    return hold


def _tamper(office: Office, sql: str) -> None:
    from sqlite3 import connect

    with connect(office.folder / "hub.db") as database:
        database.execute(sql)
    database.close()


@pytest.mark.parametrize(
    ("option", "value", "there"),
    [("actor", "Anne", "Ann"), ("rule", "lastest", "edit"), ("field", "owner", "due, title")],
)
def test_a_part_that_the_run_does_not_have_is_taken_for_a_typo(
    office: Office, edited: str, option: str, value: str, there: str
) -> None:
    before = due(office)
    result = office.run("undo", edited, f"--{option}={value}")
    assert result.exit_code == 2
    assert f"{edited} has nothing of the {option} {value!r}" in result.stderr
    assert f"there are: {there}" in result.stderr
    assert due(office) == before
