"""approve, retry and what status shows of a held run."""

from pathlib import Path
from typing import Any

import pytest

from hub.errors import Refused
from hub.model import Kind
from hub.testing import Fault
from tests.unit.cli.conftest import Office


def held(office: Office) -> dict[str, Any]:
    """The report of a run that was held: somebody has emptied 20 of 25 descriptions."""
    for number in range(25):
        office.left.add(title=f"T{number}", body="Words")
    office.json("sync")
    for state in office.right.present(Kind.REQUIREMENT)[:20]:
        office.right.edit(state.id, body="", by="bo")
    (report,) = office.json("sync", code=1)
    assert report["outcome"] == "held"
    return dict(report)


def bodies(office: Office) -> int:
    return len([state for state in office.left.present(Kind.REQUIREMENT) if state.fields["body"] == "Words"])


def test_a_held_run_leaves_with_one_and_tells_its_plan_to_scripts(office: Office) -> None:
    report = held(office)
    assert (report["run"], report["dry_run"], len(report["plan"]), bodies(office)) == ("R-2", False, 20, 25)
    assert report["problems"] == [
        {
            "key": None,
            "spoke": "left",
            "message": "would empty fields of 20 of 25 copies in left: hub approve R-2, or hub undo R-2",
        }
    ]
    assert {name: spoke["writes"] for name, spoke in report["spokes"].items()} == {"left": 0, "right": 0}


def test_a_person_sees_what_would_be_done_and_what_can_be_decided(office: Office) -> None:
    held(office)
    shown = office.run("sync").stdout
    for words in (
        "~ update REQ-1",
        "would empty fields of 20 of 25 copies",
        "Nothing was written: R-3 would do too much to do it unasked. It would update 20.",
        "See all of it, 10 more: hub approve R-3 --dry-run",
        "It is meant so: hub approve R-3",
        "Take back what led to it: hub undo R-2",
    ):
        assert words in shown
    assert shown.count("~ update") == 10


def test_status_shows_the_held_plan_until_it_is_carried_out(office: Office) -> None:
    held(office)
    shown = office.json("status")["syncs"]["delivery"]
    assert (shown["held"], shown["breaches"]) == ("R-2", ["would empty fields of 20 of 25 copies in left"])
    assert shown["since"].endswith("Z")
    said = office.run("status").stdout
    assert "delivery writes nothing: R-2 was held" in said
    assert "hub approve R-2 --dry-run" in said
    office.json("approve", "R-2")
    shown = office.json("status")["syncs"]["delivery"]
    assert (shown["held"], shown["since"], shown["breaches"], bodies(office)) == (None, None, [], 5)


def test_a_dry_approval_shows_all_and_does_nothing(office: Office) -> None:
    held(office)
    report = office.json("approve", "r-2", "--dry-run")
    assert (report["outcome"], report["dry_run"], len(report["plan"]), bodies(office)) == ("done", True, 20, 25)
    assert "~ update REQ-20" in office.run("approve", "R-2", "--dry-run").stdout


def test_an_approval_reports_what_was_done(office: Office) -> None:
    held(office)
    report = office.json("approve", "R-2")
    assert (report["outcome"], report["spokes"]["left"]["writes"], bodies(office)) == ("done", 20, 5)
    again = office.run("approve", "R-2")
    assert (again.exit_code, "carried out already" in again.stderr, "hub sync delivery" in again.stderr) == (
        2,
        True,
        True,
    )


def test_what_does_not_wait_cannot_be_approved(office: Office) -> None:
    answer = office.json("approve", "R-9", code=2)
    assert answer["error"]["message"] == "no plan of R-9 waits"
    assert answer["error"]["fix"] == "see which does with: hub status"


def test_a_dry_run_says_that_a_run_would_be_held(office: Office) -> None:
    held(office)
    result = office.run("sync", "--dry-run")
    assert result.exit_code == 1
    assert "it would be held until somebody approves it" in result.stdout


@pytest.fixture
def stuck(office: Office) -> Office:
    """An office in which one copy was refused."""
    office.left.add(title="Login page")
    office.right.faults.append(Fault("create", Refused("the board is full")))
    office.json("sync", code=1)
    return office


def test_retry_lists_what_will_be_tried_and_the_next_sync_does_it(stuck: Office) -> None:
    shown = stuck.run("retry")
    assert "the board is full" in shown.stdout
    assert "1 copy will be tried again with the next: hub sync" in shown.stderr
    assert "Nothing is stuck." in stuck.run("retry").stderr
    assert stuck.json("sync")[0]["outcome"] == "done"


def test_retry_tells_scripts_what_will_be_tried(stuck: Office) -> None:
    assert stuck.json("retry", "REQ-1", "--connection", "left") == []
    (tried,) = stuck.json("retry", "REQ-1", "--connection", "right")
    assert tried == {
        "key": "REQ-1",
        "kind": "requirement",
        "connection": "right",
        "remote": None,
        "what": "create",
        "why": "the board is full",
    }
    assert stuck.json("retry", "--connection", "nowhere", code=2)["error"]["fix"] == "there are: left, right"


@pytest.mark.parametrize("wrong", ["REQ-7", "nonsense"])
def test_retry_of_what_there_is_not_says_so(stuck: Office, wrong: str) -> None:
    assert stuck.json("retry", wrong, code=2)["error"]["message"] == f"there is no {wrong}"


def test_the_plan_of_a_held_run_is_kept_once(office: Office, tmp_path: Path) -> None:
    """A daemon that is held all weekend long must not fill the disk."""
    held(office)
    office.json("sync", code=1)
    before = (tmp_path / "hub.db").stat().st_size
    for _ in range(10):
        office.json("sync", code=1)
    assert (tmp_path / "hub.db").stat().st_size - before < 100_000
