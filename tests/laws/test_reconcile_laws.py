"""What holds for every reconcile, whatever happened before; then each rule in a sentence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import NOTHING, Merge, Person, Priority, Requirement, RequirementStatus, Stamp, fields_of
from hub.reconcile import Observation, Reconciliation, reconcile
from hub.reconcile.merge import is_empty
from tests.laws.worlds import (
    ANN,
    BO,
    LONG,
    MAPPINGS,
    World,
    happen,
    histories,
    requirements,
    rules_of,
    stands_for,
    strangers,
    teams,
    world,
)

FIELDS = fields_of(Requirement)
EVERYBODY = ("jira", "trello", "crm")


def order_free(made: World, observations: Mapping[str, Observation], found: Reconciliation) -> None:
    for bindings in permutations(made.bindings.values()):
        shuffled = {b.connection: observations[b.connection] for b in bindings if b.connection in observations}
        holds = list(reversed(made.holds.values()))
        assert reconcile(made.entity, bindings, shuffled, made.mappings, made.rules, holds) == found


def idempotent(made: World, observations: Mapping[str, Observation], found: Reconciliation) -> None:
    after = replace(made, bindings=dict(made.bindings), holds=dict(made.holds))
    after.take(found)
    again = after.reconciled(observations)
    assert again == Reconciliation(found.entity, (), blocked=found.blocked)


def wants(made: World, observations: Mapping[str, Observation]) -> list[tuple[str, Any, Any]]:
    """Every edit that the copies show and the entity does not: field, base, value.

    Whoever types just what the hub would show there, be it cut, wants nothing else than the hub does.
    """
    found = []
    for connection, observation in observations.items():
        binding = made.bindings[connection]
        for name, lens in made.mappings[connection].items():
            shown, seen, base = observation.fields.get(lens.remote), binding.seen_of(name), binding.agreed_of(name)
            if binding.maps.get(name, "").strip("~!").partition("#")[0] not in ("", lens.remote):
                seen = base = NOTHING  # another field of the record: nothing was ever agreed about that
            now = made.entity.value(name)
            current = now if base is NOTHING else base
            value = current if shown == seen else lens.to_canonical(shown, current=current, seen=seen or None)
            silent = base is NOTHING and is_empty(value)
            wanted = value not in (current, now) and not lens.stands_for(shown, now)
            if wanted and shown != seen and not silent:
                found.append((name, base, value))
    return found


def kept(name: str, base: Any, value: Any, found: Reconciliation) -> bool:
    """Whether an edit is in the entity, in a hold, or overruled by an event that names its right."""
    now = found.entity.value(name)
    held = any(value in [c.value for c in hold.contenders] for hold in found.holds if hold.field == name)
    told = [event for event in found.events if event.field == name]
    overruled = any(e.old == value and e.stamp.because.startswith(("rule ", "decision")) for e in told)
    return now == value or held or overruled or merged(name, base, value, now, [e.stamp.because for e in told])


def merged(name: str, base: Any, value: Any, now: Any, because: list[str]) -> bool:
    """Whether an edit of a field that has parts is part of what the field became."""
    if FIELDS[name].merge is Merge.SET:
        return bool(value - (base or frozenset()) <= now)
    if FIELDS[name].merge is not Merge.TEXT:
        return False
    was, wanted, has = (set((text or "").split("\n\n")) - {""} for text in (base, value, now))
    return "merge" in because or (was <= wanted and wanted - was <= has)


def no_edit_lost(made: World, observations: Mapping[str, Observation], found: Reconciliation) -> None:
    still_held = {hold.field for hold in made.holds.values()} - {hold.field for hold in found.closes}
    for name, base, value in wants(made, observations):
        contend = [c.value for c in made.holds[name].contenders] if name in still_held else []
        others = [other for field, _, other in wants(made, observations) if field == name]
        removed = FIELDS[name].merge is Merge.SET and len(others) > 1
        assert value in contend or kept(name, base, value, found) or removed, (name, base, value, found)


def held_copies_wait(made: World, observations: Mapping[str, Observation], found: Reconciliation) -> None:
    """The contenders of a hold keep what they last showed and what was last agreed with them."""
    after = {**made.bindings, **{b.connection: b for b in found.bindings}}
    for hold in found.holds:
        assert found.entity.value(hold.field) == made.entity.value(hold.field)
        for connection in hold.connections:
            assert after[connection].seen_of(hold.field) == made.bindings[connection].seen_of(hold.field)
            assert after[connection].agreed_of(hold.field) == made.bindings[connection].agreed_of(hold.field)


def told(made: World, observations: Mapping[str, Observation], found: Reconciliation) -> None:
    """The events of a field lead from what it was to what it is, and whoever set it is remembered."""
    for name in FIELDS:
        was, now = made.entity.value(name), found.entity.value(name)
        moves = [event for event in found.events if event.field == name]
        assert (was == now) or any(event.new == now for event in moves)
        if was != now:
            assert moves[0].old == was
            assert found.entity.stamps[name] != made.entity.stamps.get(name)


CHECKS = [order_free, idempotent, no_edit_lost, held_copies_wait, told]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(history=histories())
def test_every_reconcile_is(check: Any, history: Any) -> None:
    made, happenings = history
    for action in happenings:
        happen(made, action, check)
    made.round(made.copies, check)


@given(history=histories())
def test_after_the_last_edit_all_copies_become_one_and_then_nothing_moves(history: Any) -> None:
    made, happenings = history
    for action in happenings:
        happen(made, action)
    everybody_agrees(made)


def everybody_agrees(made: World) -> None:
    """Once somebody has decided what is to be decided, every copy stands for the entity, and nothing moves any more."""
    for _ in range(3):
        made.round(made.copies)
        for name, hold in list(made.holds.items()):
            made.decide(name, hold.contenders[-1].value)
    assert not made.holds
    for connection in made.copies:
        assert made.owed(connection) == frozenset()
        for name in made.mappings[connection]:
            assert stands_for(made, connection, name) == made.entity.value(name)
    writes, entity, bindings = made.writes, made.entity, made.bindings
    assert made.round(made.copies) == Reconciliation(entity, ())
    assert (made.writes, made.bindings) == (writes, bindings)


@given(history=histories(), connection=st.sampled_from(EVERYBODY))
def test_a_copy_read_later_makes_no_difference_to_what_the_others_agree_on(history: Any, connection: str) -> None:
    """Reading one copy late never writes over what people did in it meanwhile: `World.pay` would say so."""
    made, happenings = history
    for action in happenings:
        happen(made, action)
        made.round(set(made.copies) - {connection})
    made.round(made.copies)
    made.round(made.copies)


# One by one.


def both(title: str = "Export", **fields: Any) -> World:
    return world(Requirement(key="REQ-1", title=title, **fields), EVERYBODY)


@given(entity=requirements, team=teams)
def test_a_quiet_world_changes_nothing(entity: Requirement, team: Any) -> None:
    made = world(entity, team)
    assert made.round(team) == Reconciliation(entity, ())
    assert made.writes == 0


def test_a_single_edit_is_taken_and_reaches_everybody() -> None:
    made = both()
    made.edit("jira", "title", "Import")
    found = made.round(EVERYBODY)
    assert (found.entity.value("title"), found.events[0].stamp.because) == ("Import", "edit")
    assert {copy.fields[MAPPINGS[name]["title"].remote] for name, copy in made.copies.items()} == {"Import"}


def test_edits_of_different_fields_both_survive() -> None:
    made = both()
    made.edit("jira", "title", "Import")
    made.edit("trello", "due", "2026-05-01T08:00:00.000Z")
    made.round(EVERYBODY)
    assert (made.entity.title, made.entity.due) == ("Import", date(2026, 5, 1))


def clash(rule: str, field: str = "title", *values: Any, apart: float = 10) -> tuple[World, Reconciliation]:
    made = both()
    made.rules = rules_of(rule)
    for connection, value in zip(EVERYBODY, values, strict=False):
        made.edit(connection, field, value, after=apart)
    return made, made.round(EVERYBODY)


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("latest", "third"),
        ("owner:trello", "second"),
        ("prefer:trello,jira", "second"),
        ("prefer:jira,trello", "first"),
        ("owner:jira", "first"),
    ],
)
def test_a_rule_chooses_among_edits_that_moved_apart(rule: str, title: str) -> None:
    made, found = clash(rule, "title", "first", "second", "third")
    assert made.entity.title == title
    losers = {"first", "second", "third"} - {title}
    overruled = {event.old for event in found.events if event.stamp.because == f"rule {rule}"}
    assert losers <= overruled


def test_edits_closer_than_clocks_can_tell_follow_the_order_of_the_spokes() -> None:
    made, _ = clash("latest", "title", "first", "second", "third", apart=0.5)
    assert made.entity.title == "first"


@pytest.mark.parametrize(("rule", "day"), [("highest", date(2026, 6, 30)), ("lowest", date(2026, 5, 1))])
def test_highest_and_lowest_choose_by_value(rule: str, day: date) -> None:
    made, _ = clash(rule, "due", "2026-05-01", "2026-06-30T10:00:00.000Z", "2026-05-15")
    assert made.entity.due == day


def test_the_highest_priority_is_the_most_urgent() -> None:
    made = both(priority=Priority.LOW)
    made.rules = rules_of("highest")
    made.entity = made.entity.changed({"priority": Priority.HIGH}, {"priority": made.copies["crm"].stamp})
    made.edit("jira", "priority", "CRITICAL")
    made.round(EVERYBODY)
    assert made.entity.priority is Priority.CRITICAL


def test_highest_of_what_has_no_order_asks() -> None:
    made, _ = clash("highest", "title", "first", "second")
    assert made.holds["title"].connections == {"jira", "trello"}


def test_asking_holds_the_field_alone_and_everything_stays_where_it_is() -> None:
    made, found = clash("ask", "title", "first", "second")
    assert made.entity.title == "Export"
    assert [c.value for c in found.holds[0].contenders] == ["first", "second"]
    assert (made.copies["jira"].fields["summary"], made.copies["trello"].fields["name"]) == ("first", "second")
    made.edit("jira", "labels", ["vip"])
    made.round(EVERYBODY)
    assert made.copies["trello"].fields["labels"] == ["vip"]


def test_a_hold_survives_a_reading_that_leaves_its_contenders_out() -> None:
    for read in ((), ("crm",), ("jira",), ("trello",)):
        made, _ = clash("ask", "title", "first", "second")
        made.edit("crm", "labels", ["vip"])
        found = made.round(read)
        assert (found.closes, made.entity.title, list(made.holds)) == ((), "Export", ["title"])


@pytest.mark.parametrize("by_hand", ["first", "Export"])
def test_a_hold_closes_by_itself_when_people_agree_by_hand(by_hand: str) -> None:
    made, _ = clash("ask", "title", "first", "second")
    made.edit("trello", "title", by_hand)
    found = made.round(EVERYBODY)
    assert [hold.field for hold in found.closes] == ["title"]
    assert made.entity.title == "first"
    assert made.copies["trello"].fields["name"] == "first"


def test_a_decision_spreads_to_everybody_and_remembers_what_it_overruled() -> None:
    for read in (EVERYBODY, ("crm",)):
        made, _ = clash("ask", "title", "first", "second")
        made.decide("title", "third")
        found = made.round(read)
        assert {(e.old, e.new) for e in found.events} == {("Export", "third"), ("first", "third"), ("second", "third")}
        made.round(EVERYBODY)
        assert not made.holds
        assert {copy.fields[MAPPINGS[name]["title"].remote] for name, copy in made.copies.items()} == {"third"}


def test_two_strangers_clash_instead_of_one_silently_winning() -> None:
    made = strangers(both())
    made.rules = rules_of("ask")
    made.edit("jira", "title", "Something else")
    made.round(["jira"])
    assert [c.value for c in made.holds["title"].contenders] == ["Export", "Something else"]


def test_a_value_that_nobody_set_gives_way_to_one_that_somebody_did() -> None:
    made = strangers(both())
    made.rules = rules_of("ask")
    made.entity = made.entity.model_copy(update={"stamps": {}})
    made.edit("jira", "status", "Review")
    found = made.round(["jira"])
    assert (found.holds, made.entity.status) == ((), RequirementStatus.REVIEW)


def test_strangers_that_say_the_same_agree_and_what_only_one_says_is_taken() -> None:
    made = strangers(both(title=LONG))
    made.rules = rules_of("ask")
    made.edit("trello", "due", "2026-05-01T10:00:00.000Z")
    found = made.round(EVERYBODY)
    assert (found.holds, made.entity.title, made.entity.due) == ((), LONG, date(2026, 5, 1))


def test_an_unmapped_value_blocks_its_field_alone_and_is_not_written_over() -> None:
    made = both()
    made.edit("jira", "status", "Waiting for QA")
    made.edit("jira", "title", "Import")
    made.edit("crm", "status", "Accepted")
    for _ in range(2):
        found = made.round(EVERYBODY)
        assert [(b.connection, b.field) for b in found.blocked] == [("jira", "status")]
    assert (made.entity.title, made.entity.status) == ("Import", RequirementStatus.ACCEPTED)
    assert made.copies["jira"].fields["status"] == "Waiting for QA"
    made.edit("jira", "status", "Delivered")
    found = made.round(EVERYBODY)
    assert (found.blocked, made.entity.status) == ((), RequirementStatus.DELIVERED)
    assert not made.bindings["jira"].blocked


def test_an_edit_back_to_an_older_value_is_not_taken_for_the_base_of_another_copy() -> None:
    made = both(due=date(2026, 5, 1))
    made.edit("jira", "due", None)
    made.edit("trello", "due", None)
    made.round(["jira"])
    made.edit("jira", "due", "2026-05-01")
    made.round(EVERYBODY)
    assert made.entity.due == date(2026, 5, 1)
    assert (made.copies["trello"].fields["due"] or "")[:10] == "2026-05-01"


def test_a_form_that_says_the_same_is_no_edit() -> None:
    made = both(status=RequirementStatus.CLARIFYING, due=date(2026, 5, 1))
    made.edit("trello", "status", "To Do")
    made.edit("trello", "due", "2026-05-01T17:45:00.000Z")
    found = made.round(EVERYBODY)
    assert (found.events, made.writes) == ((), 0)
    assert made.entity.status is RequirementStatus.CLARIFYING


def test_a_new_name_of_a_person_is_no_edit() -> None:
    made = both(assignees=frozenset({ANN}))
    made.edit("trello", "assignees", [{"id": "1", "name": "Ann B."}])
    assert made.round(EVERYBODY).events == ()


def test_one_new_assignee_in_a_service_of_one_does_not_drop_the_others() -> None:
    made = both(assignees=frozenset({ANN, BO}))
    shown = made.copies["jira"].fields["assignee"]["id"]
    made.edit("jira", "assignees", {"id": "9", "name": "Cy"})
    made.round(EVERYBODY)
    assert made.entity.assignees == {BO if shown == "1" else ANN, Person(account="jira:9")}


def test_an_entity_that_moved_meanwhile_contends_with_its_own_stamp() -> None:
    made = both()
    made.edit("jira", "title", "first")
    made.round(["jira"])
    made.edit("trello", "title", "second", after=-5)
    made.round(EVERYBODY)
    assert made.entity.title == "first"
    assert isinstance(made.entity.stamps["title"], Stamp)
    assert made.entity.stamps["title"].connection == "jira"
