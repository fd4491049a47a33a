"""`hub check` and `hub sync --dry-run` after a mapping was changed: what the next run makes of it, before it does."""

from pathlib import Path
from typing import Any

import pytest

Office = Any
STATUS = ["New", "Clarifying", "Approved", "In Progress", "Review", "Delivered", "Accepted", "On Hold", "Rejected"]


def names_in_left(office: Office, custom: str = "", **names: str) -> None:
    """Say in the configuration how statuses are called in `left`, and which custom fields there are."""
    named = {**{name.lower().replace(" ", "_"): name for name in STATUS}, **names}
    table = ", ".join(f'{value} = "{name}"' for value, name in named.items())
    text = office.text.replace("creates = true }", f"creates = true, custom = {{ {custom} }} }}", 1)
    file: Path = office.file
    file.write_text(
        text.replace("[syncs.delivery.spokes.right]", f"status = {{ {table} }}\n\n[syncs.delivery.spokes.right]")
    )


@pytest.fixture
def running(office: Office) -> Office:
    """An office in step, with two requirements that are worked on and one that is new."""
    office.text = office.file.read_text()
    names_in_left(office)
    for title, status in (("One", "In Progress"), ("Two", "In Progress"), ("Three", "New")):
        office.left.add(title=title, status=status)
    assert office.json("sync")[0]["outcome"] == "done"
    assert office.json("check")["findings"] == []
    return office


def findings(office: Office) -> list[tuple[str, str]]:
    return [(each["where"], each["message"]) for each in office.json("check")["findings"]]


def test_check_tells_how_many_copies_other_names_would_write(running: Office) -> None:
    names_in_left(running, in_progress="Review", review="In Progress")
    where = "syncs.delivery.spokes.left.requirement.status"
    assert findings(running) == [(where, "is mapped otherwise than in the last run: 2 of 3 copies would be written")]
    assert "hub sync delivery --dry-run" in running.run("check").stdout


def test_check_tells_what_the_new_names_do_not_know(running: Office) -> None:
    names_in_left(running, in_progress="Somewhere Else")
    ((_, told),) = findings(running)
    assert told.endswith("0 of 3 copies would be written, 2 could not be read")


def test_check_says_nothing_of_a_mapping_that_means_the_same(running: Office) -> None:
    text = running.file.read_text()
    running.file.write_text(
        text.replace('new = "New", clarifying = "Clarifying"', 'clarifying = "Clarifying", new = "New"')
    )
    assert running.file.read_text() != text
    assert findings(running) == []


def test_check_tells_of_fields_that_are_mapped_from_now_on_or_no_more(running: Office) -> None:
    names_in_left(running, custom='area = "cf_1"')
    ((where, told),) = findings(running)
    assert where == "syncs.delivery.spokes.left.requirement.custom"
    assert told == "is mapped from now on: what 3 copies show in custom is judged as at a first meeting"
    running.json("sync")
    names_in_left(running)
    ((_, told),) = findings(running)
    assert told == "is mapped no more: what 3 copies show in custom is left as it is"


def test_a_dry_run_shows_the_writes_and_says_that_nobody_edited_anything(running: Office) -> None:
    names_in_left(running, in_progress="Review", review="In Progress")
    (report,) = running.json("sync", "--dry-run", code=1)
    assert [(entry["spoke"], entry["fields"]["status"]["to"]) for entry in report["plan"]] == [
        ("left", "in_progress")
    ] * 2
    assert {entry["because"] for entry in report["plan"]} == {"names or fields are mapped otherwise now"}
    assert findings(running)


def test_once_a_run_has_judged_everything_anew_check_has_no_more_to_say(running: Office) -> None:
    names_in_left(running, in_progress="Review", review="In Progress")
    (report,) = running.json("sync", code=1)
    assert report["outcome"] == "held"
    assert findings(running) == []


def test_a_run_that_is_held_for_a_mapping_says_to_map_it_as_before_and_not_to_undo(running: Office) -> None:
    names_in_left(running, in_progress="Review", review="In Progress")
    said = running.run("sync").stdout
    assert "It is not: map it in hub.toml as before" in said
    assert "hub undo" not in said


def test_check_makes_no_database(office: Office) -> None:
    office.json("check")
    assert not (office.folder / "hub.db").exists()
