"""Sentences with numbers in them, for none, one and several."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.cli.check import _next
from hub.cli.screen import ago
from hub.config import Breaker
from hub.config.live import strangers
from hub.mapping import Account
from hub.model import Kind
from hub.model.counting import counted, form
from hub.sync.breaker import sentence
from hub.sync.guard import SENTENCES, Breach
from hub.sync.remapping import Remapped

Office = Any
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 copies"), (1, "1 copy"), (2, "2 copies"), (1.0, "1 copy"), (2.5, "2.5 copies")]
)
def test_a_noun_goes_with_its_number(number: float, said: str) -> None:
    assert counted(number, "copy", "copies") == said


def test_a_verb_goes_with_its_number() -> None:
    assert [form(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 seconds ago"), (1, "1 second ago"), (59, "59 seconds ago"), (120, "2 minutes ago")]
)
def test_how_long_ago_something_was(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_a_pair_that_is_tied_is_one(office: Office) -> None:
    for title in ("Export to Excel", "Import of contacts"):
        assert "No two records" in office.run("match", "delivery").stderr
        office.left.add(title=title)
        office.right.add(title=title)
        assert "1 pair is tied." in office.run("match", "delivery", "--apply").stderr
    assert "1 pair" not in office.run("match", "delivery").stderr


def test_kinds_of_which_nothing_is_in_step_are_no_lines_of_a_report(office: Office) -> None:
    file = office.file.read_text().replace("creates = true }", "creates = true }\ntask = { originates = true }")
    office.file.write_text(file)
    assert "Nothing is the same in left and right yet." in office.run("sync").stdout
    office.left.add(title="Login page")
    said = office.run("sync").stdout
    assert "1 requirement is the same in left and right." in said
    assert "task" not in said
    assert "Nothing" not in said


@pytest.mark.parametrize("harm", SENTENCES)
def test_what_is_held_is_told_of_one_copy_as_of_many(harm: str) -> None:
    assert "1 of 1 copy in left" in str(Breach("left", harm, 1, 1))
    assert "1 of 1,200 copies in left" in str(Breach("left", harm, 1, 1200))


def test_writes_that_something_fights_over_are_counted() -> None:
    said = sentence(Breaker(1, timedelta(minutes=1)), "REQ-1", [])
    assert "was written 0 times within 1 minute, so" in said


def test_one_person_whom_nobody_else_knows_is_one() -> None:
    here, there = [Account("1", "Ann", "a@x.example")], [Account("2", "Bo", "b@x.example"), Account("3", "Cy")]
    messages = [finding.message for finding in strangers({}, {"here": here, "there": there})]
    assert messages[0].startswith("1 of 1 person of here is known nowhere else")
    assert messages[1].startswith("2 of 2 people of there are known nowhere else")


@pytest.mark.parametrize(
    ("was", "now", "one", "two"),
    [
        ("due", None, "what 1 copy shows in due", "what 2 copies show in due"),
        (None, "due", "what 1 copy shows in due", "what 2 copies show in due"),
        ("a", "b", "1 copy is read anew", "2 copies are read anew"),
        ("a", "a", "0 of 1 copy would be written", "0 of 2 copies would be written"),
    ],
)
def test_copies_of_a_changed_mapping_are_counted(was: str | None, now: str | None, one: str, two: str) -> None:
    changed = [Remapped("left", Kind.REQUIREMENT, "due", was, now, copies, 0, 0) for copies in (1, 2)]
    assert one in _next(changed[0])
    assert two in _next(changed[1])
