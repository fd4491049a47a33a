"""Clients, contacts, requirements and what hangs on them travel together, each once, and only where it belongs."""

from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """Two services that hold everything; neither has a place for a marker in comments and files."""
    both = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    for service in (both.left, both.right):
        service.unmarked = frozenset({Kind.COMMENT, Kind.ATTACHMENT})
    return both


def bodies(two: Two, side: str = "right") -> list[str]:
    return [state.fields["body"] for state in getattr(two, side).present(Kind.COMMENT)]


async def test_a_requirement_travels_with_its_client_contact_task_comment_and_file(two: Two) -> None:
    client = two.left.add(Kind.CLIENT, name="Acme", domain="acme.example")
    contact = two.left.add(Kind.CONTACT, name="Li Wei", email="li@acme.example", client=client)
    need = two.left.add(title="Export", client=client, requester=contact)
    task = two.left.add(Kind.TASK, title="Write it", parent=need)
    two.left.say(need, "When?")
    two.left.say(task, "Half done")
    two.left.attach(need, "spec.txt", b"all of it")
    report = await two.sync()
    assert report.outcome == "done", report.problems
    there = {kind: two.right.present(kind) for kind in Kind}
    assert [len(found) for found in there.values()] == [1, 1, 1, 1, 2, 1]
    (copied,) = there[Kind.REQUIREMENT]
    assert copied.fields["client"] == there[Kind.CLIENT][0].id
    assert copied.fields["requester"] == there[Kind.CONTACT][0].id
    assert there[Kind.TASK][0].fields["parent"] == copied.id
    assert {s.fields["parent"] for s in there[Kind.COMMENT]} == {copied.id, there[Kind.TASK][0].id}
    assert two.right.files[there[Kind.ATTACHMENT][0].id] == b"all of it"
    assert there[Kind.COMMENT][0].fields["author"]["name"] == "Ann"
    again = await two.sync()
    assert (again.outcome, again.writes) == ("done", 0)


async def test_comments_of_what_the_sync_does_not_know_wait_until_it_does(two: Two) -> None:
    two.spokes["left"]["requirement"] = {"originates": True, "creates": True, "where": {"labels": ["client"]}}
    need = two.left.add(title="Export", labels=[])
    two.left.say(need, "Said early")
    assert (await two.sync()).spokes["left"]["kinds"]["comment"]["ignored"] == 1
    assert bodies(two) == []
    two.left.edit(need, labels=["client"])
    await two.sync()
    assert bodies(two) == ["Said early"]


async def test_an_edit_of_a_comment_travels_both_ways(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "One")
    await two.sync()
    two.left.edit(said, body="Two")
    await two.sync()
    assert bodies(two) == ["Two"]
    (copy,) = two.right.present(Kind.COMMENT)
    two.right.edit(copy.id, body="Three")
    await two.sync()
    assert bodies(two, "left") == ["Three"]


async def test_a_comment_deleted_where_it_was_written_is_deleted_everywhere(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "Oops")
    await two.sync()
    two.left.remove(said)
    report = await two.sync()
    assert bodies(two) == []
    assert report.outcome == "done"
    assert (await two.sync()).writes == 0
    with two.hub() as hub:
        assert hub.listing("comment") == []


async def test_a_copy_of_a_comment_that_is_deleted_stays_away_and_the_comment_lives(two: Two) -> None:
    need = two.left.add(title="Export")
    two.left.say(need, "Keep me")
    await two.sync()
    (copy,) = two.right.present(Kind.COMMENT)
    two.right.remove(copy.id)
    await two.sync()
    await two.sync()
    assert bodies(two) == []
    assert bodies(two, "left") == ["Keep me"]


async def test_an_edit_of_a_copy_beats_the_deletion_of_a_comment(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "First")
    await two.sync()
    (copy,) = two.right.present(Kind.COMMENT)
    two.right.edit(copy.id, body="First, and more")
    two.left.remove(said)
    await two.sync()
    await two.sync()
    assert bodies(two) == ["First, and more"]


async def test_a_comment_whose_answer_was_lost_is_found_though_it_carries_no_marker(two: Two) -> None:
    need = two.left.add(title="Export")
    await two.sync()
    two.left.say(need, "Only once")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True))
    await two.sync()
    await two.sync()
    await two.sync()
    assert bodies(two) == ["Only once"]
    assert bodies(two, "left") == ["Only once"]


async def test_the_same_file_attached_in_two_places_is_one_attachment(two: Two) -> None:
    need = two.left.add(title="Export")
    await two.sync()
    (copied,) = two.right.present(Kind.REQUIREMENT)
    two.left.attach(need, "spec.txt", b"the same")
    two.right.attach(copied.id, "spec copy.txt", b"the same")
    report = await two.sync()
    assert report.outcome == "done"
    assert len(two.left.present(Kind.ATTACHMENT)) == len(two.right.present(Kind.ATTACHMENT)) == 1
    with two.hub() as hub:
        assert len(hub.listing("attachment")) == 1
    assert (await two.sync()).writes == 0


async def test_a_file_too_large_for_a_service_is_said_and_stops_nothing_else(two: Two) -> None:
    need = two.left.add(title="Export")
    two.left.attach(need, "huge.bin", b"x" * 10_001)
    two.left.attach(need, "small.txt", b"x")
    report = await two.sync()
    assert [s.fields["name"] for s in two.right.present(Kind.ATTACHMENT)] == ["small.txt"]
    assert report.outcome == "problems"
    assert any("10,001 bytes" in p["message"] for p in report.problems)


async def test_a_contact_known_by_its_address_is_not_made_twice(two: Two) -> None:
    two.left.add(Kind.CONTACT, name="Li Wei", email="li@acme.example")
    two.right.add(Kind.CONTACT, name="Li Wei", email="LI@acme.example")
    await two.sync()
    with two.hub() as hub:
        assert len(hub.listing("contact")) == 1
    assert len(two.left.present(Kind.CONTACT)) == len(two.right.present(Kind.CONTACT)) == 1


async def test_two_contacts_of_one_service_with_one_address_stay_two(two: Two) -> None:
    for name in ("Li Wei", "Li Wei (old)"):
        two.left.add(Kind.CONTACT, name=name, email="li@acme.example")
    await two.sync()
    assert len(two.right.present(Kind.CONTACT)) == 2


async def test_custom_fields_and_acceptance_travel_by_their_names(two: Two) -> None:
    for side, field in (("left", "cf_1"), ("right", "udf7")):
        two.spokes[side]["requirement"] = {"originates": True, "creates": True, "custom": {"Contract": field}}
    custom = {"cf_1": {"type": "text", "value": "A-77"}, "cf_2": {"type": "number", "value": 3}}
    two.left.add(title="Export", custom=custom, criteria=[{"text": "Opens in Excel", "met": False}])
    await two.sync()
    (copied,) = two.right.present(Kind.REQUIREMENT)
    assert copied.fields["custom"]["udf7"]["value"] == "A-77"
    assert [c["text"] for c in copied.fields["criteria"]] == ["Opens in Excel"]
    two.right.edit(copied.id, custom={"udf7": {"type": "text", "value": "B-1"}})
    await two.sync()
    (origin,) = two.left.present(Kind.REQUIREMENT)
    assert origin.fields["custom"] == {"cf_1": {"type": "text", "value": "B-1"}, "cf_2": {"type": "number", "value": 3}}


async def test_who_deletes_a_card_does_not_delete_what_was_said_on_it_everywhere(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "Worth keeping")
    two.left.attach(need, "spec.txt", b"all of it")
    await two.sync()
    for gone in (need, said, *(state.id for state in two.left.present(Kind.ATTACHMENT))):
        two.left.remove(gone)
    await two.sync()
    await two.sync()
    assert bodies(two) == ["Worth keeping"]
    assert len(two.right.present(Kind.ATTACHMENT)) == 1
