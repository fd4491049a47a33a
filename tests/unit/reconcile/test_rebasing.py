"""Copies whose mapping has changed, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.mapping import Choice, CustomFields, Day, FieldMap, LabelSet, People, Terms, Text, Vocabulary
from hub.model import NOTHING, Kind, Requirement, RequirementStatus, Stamp
from hub.reconcile import (
    OPEN,
    Binding,
    Hold,
    Observation,
    Reconciliation,
    Rules,
    owes,
    parse_rule,
    reconcile,
    remapped,
    written,
)
from hub.reconcile.rebasing import is_asleep

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
REVIEW, WORKED_ON = RequirementStatus.REVIEW, RequirementStatus.IN_PROGRESS


def stamp(minutes: float = 0, who: str = "Ann") -> Stamp:
    return Stamp(who=who, connection="here", at=START + timedelta(minutes=minutes))


def mapping(custom: dict[str, str] | None = None, day: str = "due", **status: Any) -> FieldMap:
    names = Vocabulary.from_config(status or {"in_progress": "Doing", "review": "Review"})
    lenses = FieldMap(
        title=Text("name"),
        status=Choice("list", RequirementStatus),
        due=Day(day),
        labels=LabelSet("labels"),
        custom=CustomFields("custom"),
    )
    return lenses.bound(Terms("here", {"status": names}, People("here"), custom=custom or {}))


OLD = mapping()
SHOWN = {"name": "Export", "list": "Doing", "due": "2026-05-01", "labels": ["a"]}


def entity(**values: Any) -> Requirement:
    fields = {"title": "Export", "status": WORKED_ON, "due": date(2026, 5, 1), "labels": frozenset("a"), **values}
    return Requirement(key="REQ-1", stamps={name: stamp() for name in fields}, **fields)


def tie(made: Requirement, under: FieldMap = OLD, **shown: Any) -> Binding:
    """A copy that stands for *made* under a mapping."""
    there = {**SHOWN, **shown}
    seen = {name: there.get(lens.remote) for name, lens in under.items()}
    agreed = {name: made.value(name) for name in under}
    return Binding("here", Kind.REQUIREMENT, "1", "REQ-1", seen, agreed, under.fingerprints())


def judged(
    made: Requirement, binding: Binding, now: FieldMap, *, rule: str = "ask", holds: tuple[Hold, ...] = (), **shown: Any
) -> tuple[Reconciliation, Binding]:
    """What becomes of a copy that shows *shown* beside what all do."""
    observation = Observation({**SHOWN, **shown}, stamp(10, "Bo"))
    rules = Rules({}, parse_rule(rule, ("here",), {}), ("here",))
    found = reconcile(made, [binding], {"here": observation}, {"here": now}, rules, holds)
    return found, next(iter(found.bindings), binding)


def owed(found: Reconciliation, binding: Binding, now: FieldMap) -> frozenset[str]:
    return owes(found.entity, binding, now, (), OPEN)


OTHER = mapping(in_progress="Review", review="Doing")


def test_an_unchanged_copy_stands_for_what_the_new_names_say_and_is_owed_the_entity() -> None:
    found, binding = judged(entity(), tie(entity()), OTHER)
    assert (found.entity, found.events, found.holds) == (entity(), (), ())
    assert (binding.agreed["status"], owed(found, binding, OTHER)) == (REVIEW, {"status"})
    assert remapped(binding) == {"status"}


def test_a_copy_that_shows_the_same_under_new_names_is_owed_nothing() -> None:
    wider = mapping(in_progress=["Doing", "Busy"], review="Review")
    found, binding = judged(entity(), tie(entity()), wider)
    assert (binding.agreed, owed(found, binding, wider), remapped(binding)) == (tie(entity()).agreed, set(), set())
    assert binding.maps == wider.fingerprints()


def test_an_edited_copy_is_an_edit_of_what_was_agreed_before_under_the_new_names() -> None:
    found, binding = judged(entity(), tie(entity()), mapping(in_progress="Doing", delivered="Review"), list="Review")
    assert [(event.old, event.new) for event in found.events] == [(WORKED_ON, RequirementStatus.DELIVERED)]
    assert remapped(binding) == frozenset()


def test_what_the_new_names_do_not_know_blocks_the_field_until_they_do() -> None:
    found, binding = judged(entity(), tie(entity()), mapping(review="Review", in_progress="Busy"))
    assert [(b.field, b.message) for b in found.blocked] == [
        ("status", "list 'Doing' has no canonical value: name 'Doing' in .status")
    ]
    mended, after = judged(entity(), binding, OLD)
    assert (mended.blocked, after.blocked, mended.events, owed(mended, after, OLD)) == ((), {}, (), set())


def test_the_sign_of_a_changed_mapping_goes_with_the_write() -> None:
    _, binding = judged(entity(), tie(entity()), OTHER)
    assert remapped(replace(binding, maps=written(binding, OTHER, ["status"]))) == frozenset()
    assert written(binding, OTHER, ["title"]) is binding.maps


def test_the_sign_goes_as_well_when_the_entity_becomes_what_the_copy_stands_for() -> None:
    _, binding = judged(entity(), tie(entity()), OTHER)
    assert remapped(judged(entity(), binding, OTHER)[1]) == {"status"}
    assert remapped(judged(entity(status=REVIEW), binding, OTHER)[1]) == frozenset()


# Another field.


@pytest.mark.parametrize("rule", ["ask", "latest"])
def test_an_empty_field_in_place_of_another_is_owed_the_value_and_takes_nothing(rule: str) -> None:
    now = mapping(day="day")
    found, binding = judged(entity(), tie(entity()), now, rule=rule, day=None)
    assert (found.events, found.holds, found.entity.due) == ((), (), date(2026, 5, 1))
    assert (owed(found, binding, now), binding.agreed_of("due"), remapped(binding)) == ({"due"}, NOTHING, {"due"})


def test_a_field_that_shows_only_its_default_in_place_of_another_says_nothing() -> None:
    now = OLD.plus(status=Choice("stage", RequirementStatus, names=Vocabulary({"new": ("N",), "in_progress": ("D",)})))
    found, binding = judged(entity(), tie(entity()), now, rule="latest", stage="N")
    assert (found.events, owed(found, binding, now)) == ((), {"status"})


def test_a_field_with_the_same_value_in_place_of_another_agrees() -> None:
    now = mapping(day="day")
    found, binding = judged(entity(), tie(entity()), now, day="2026-05-01")
    assert (found.events, owed(found, binding, now), binding.agreed["due"]) == ((), set(), date(2026, 5, 1))


def test_a_field_with_another_value_in_place_of_another_meets_it_for_the_first_time() -> None:
    found, binding = judged(entity(), tie(entity()), mapping(day="day"), day="2026-06-01")
    (hold,) = found.holds
    assert [(each.value, each.base) for each in hold.contenders] == [
        (date(2026, 5, 1), NOTHING),
        (date(2026, 6, 1), NOTHING),
    ]
    again, _ = judged(entity(), binding, mapping(day="day"), holds=(hold,), day="2026-06-01")
    assert again == Reconciliation(entity(), ())


def test_sets_that_meet_in_another_field_keep_what_both_have() -> None:
    now = OLD.plus(labels=LabelSet("tags"))
    found, _ = judged(entity(), tie(entity()), now, tags=["b"])
    assert (found.holds, found.entity.labels) == ((), frozenset("ab"))


# Fields that come and go.


@pytest.mark.parametrize("rule", ["ask", "latest"])
@pytest.mark.parametrize("stamped", [True, False])
def test_an_empty_field_that_was_never_judged_empties_nothing(rule: str, stamped: bool) -> None:
    made = entity() if stamped else entity().model_copy(update={"stamps": {}})
    binding = tie(made, FieldMap(**{name: lens for name, lens in OLD.items() if name not in {"due", "labels"}}))
    found, after = judged(made, binding, OLD, rule=rule, due=None, labels=None)
    assert (found.entity, found.events, found.holds) == (made, (), ())
    assert owed(found, after, OLD) == {"due", "labels"}
    assert judged(made, after, OLD, rule=rule, due=None, labels=None)[0] == Reconciliation(made, ())


def test_a_field_mapped_no_more_sleeps_and_wakes_with_all_it_knew() -> None:
    less = FieldMap(**{name: lens for name, lens in OLD.items() if name != "due"})
    _, asleep = judged(entity(), tie(entity()), less)
    assert is_asleep(asleep, "due")
    moved = entity(due=date(2026, 6, 1))
    assert owed(Reconciliation(moved, ()), asleep, less) == frozenset()
    assert judged(moved, asleep, less)[0] == Reconciliation(moved, ())
    found, awake = judged(moved, asleep, OLD)
    assert (found.events, owed(found, awake, OLD), awake.maps) == ((), {"due"}, OLD.fingerprints())
    edited, _ = judged(entity(), asleep, OLD, due="2026-07-01")
    assert edited.entity.due == date(2026, 7, 1)


def test_a_part_of_a_mapping_puts_nothing_to_sleep() -> None:
    found, _ = judged(entity(), tie(entity()), OLD.only("status"))
    assert found == Reconciliation(entity(), ())


# Custom fields.


def text(value: str | None) -> dict[str, Any]:
    return {"type": "text", "value": value}


def customs(before: dict[str, str], now: dict[str, str], held: dict[str, str], **shown: Any) -> tuple[Any, ...]:
    """What becomes of custom values when their table changes: what the copy is owed, the value, and the holds."""
    made = entity(custom=held)
    under = mapping(custom=before)
    there = {field: text(held[name]) for name, field in before.items() if name in held}
    seen = {**{field: text(None) for field in before.values()}, **there}
    binding = tie(made, under, custom=seen)
    found, after = judged(made, binding, mapping(custom=now), custom=shown)
    return owed(found, after, mapping(custom=now)), dict(found.entity.custom), [hold.field for hold in found.holds]


def test_only_the_custom_value_whose_field_was_replaced_is_owed() -> None:
    held = {"area": "North", "contract": "K-1"}
    before, now = {"area": "cf_1", "contract": "cf_2"}, {"area": "cf_9", "contract": "cf_2"}
    assert customs(before, now, held, cf_2=text("K-1"), cf_9=text(None)) == ({"custom"}, held, [])
    assert customs(before, now, held, cf_2=text("K-1"), cf_9=text("North")) == (set(), held, [])
    assert customs(before, now, held, cf_2=text("K-1"), cf_9=text("South"))[1:] == (held, ["custom"])
    assert customs(before, now, held, cf_2=text("K-2"), cf_9=text(None))[1] == {**held, "contract": "K-2"}


def test_two_custom_fields_that_change_places_keep_their_values_here() -> None:
    held = {"area": "North", "contract": "K-1"}
    before, now = {"area": "cf_1", "contract": "cf_2"}, {"area": "cf_2", "contract": "cf_1"}
    assert customs(before, now, held, cf_1=text("North"), cf_2=text("K-1")) == (set(), held, ["custom"])


def test_a_custom_value_without_a_field_any_more_is_kept_here_and_owed_nowhere() -> None:
    held = {"area": "North", "contract": "K-1"}
    before, now = {"area": "cf_1", "contract": "cf_2"}, {"contract": "cf_2"}
    assert customs(before, now, held, cf_2=text("K-1")) == (set(), held, [])


def test_a_custom_value_that_gets_a_field_is_owed_there_or_taken_from_there() -> None:
    before, now = {"contract": "cf_2"}, {"area": "cf_1", "contract": "cf_2"}
    held = {"area": "North", "contract": "K-1"}
    assert customs(before, now, held, cf_1=text(None), cf_2=text("K-1")) == ({"custom"}, held, [])
    assert customs(before, now, {"contract": "K-1"}, cf_1=text("East"), cf_2=text("K-1")) == (
        set(),
        {"area": "East", "contract": "K-1"},
        [],
    )
