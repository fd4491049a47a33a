"""What holds when somebody changes a mapping while copies stand for what they were agreed on: nobody edited anything."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mapping import FieldMap, Vocabulary
from hub.reconcile import Observation, Reconciliation
from tests.laws.test_reconcile_laws import CHECKS, everybody_agrees
from tests.laws.worlds import (
    MAPPINGS,
    NEW_DOING_DONE,
    STATUSES,
    World,
    actions,
    bound,
    happen,
    requirements,
    rule_sets,
    stands_for,
    teams,
    world,
)

EXTRA = {"jira": ("In_Progress", "Accepted"), "crm": ("Review", "Delivered"), "trello": ("Doing",)}
"""Names beside those that people choose."""


@st.composite
def vocabularies(draw: st.DrawFn, connection: str) -> Vocabulary:
    """Each status that all services know under some names, shared or not, and every name read as one of them."""
    names = st.sampled_from([*STATUSES[connection], *EXTRA[connection]])
    some = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
    table = {status: draw(some) for status in draw(st.permutations(list(NEW_DOING_DONE.names)))}
    return Vocabulary(table, read=draw(st.sampled_from(list(NEW_DOING_DONE.names))))


@st.composite
def mappings(draw: st.DrawFn, connection: str) -> FieldMap:
    """Another vocabulary, and perhaps another field for the due date, or none."""
    mapping = bound(connection, status=draw(vocabularies(connection)))
    where = draw(st.sampled_from(["as it was", "as it was", "elsewhere", "nowhere"]))
    if where == "elsewhere":
        return mapping.plus(due=type(mapping["due"])("another day"))
    return FieldMap(**{name: lens for name, lens in mapping.items() if name != "due" or where != "nowhere"})


@st.composite
def quiet_worlds(draw: st.DrawFn) -> tuple[World, dict[str, FieldMap]]:
    """A world in which all copies agree, and another vocabulary for each service."""
    team = draw(teams)
    made = world(draw(requirements), team, draw(rule_sets))
    return made, {name: bound(name, status=draw(vocabularies(name))) for name in team}


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, list[tuple[Any, ...]]]:
    """A world, and what happens in it while its configuration changes."""
    team = draw(teams)
    made = world(draw(requirements), team, draw(rule_sets))
    change = st.sampled_from(team).flatmap(lambda name: st.tuples(st.just("remap"), st.just(name), mappings(name)))
    return made, draw(st.lists(st.one_of(actions(team), actions(team), change), max_size=12))


def go_on(made: World, action: tuple[Any, ...], check: Any = None) -> None:
    """Let *action* happen, a change of the configuration included; nobody edits what is not mapped."""
    match action:
        case "remap", connection, mapping:
            made.remap(connection, mapping)
        case "edit", connection, name, _, _ if name not in made.mappings[connection]:
            return
        case _:
            happen(made, action, check)


@given(quiet=quiet_worlds())
def test_another_vocabulary_is_nobodys_edit(quiet: Any) -> None:
    made, changed = quiet
    entity = made.entity
    for name, mapping in changed.items():
        made.remap(name, mapping)
    found = made.round(made.copies)
    assert (found.entity, found.events, found.holds, found.blocked) == (entity, (), (), ())
    for name in made.copies:
        assert stands_for(made, name, "status") == entity.status
    assert made.round(made.copies) == Reconciliation(entity, ())


@given(quiet=quiet_worlds())
def test_a_mapping_changed_there_and_back_writes_nothing(quiet: Any) -> None:
    made, changed = quiet
    for name, mapping in changed.items():
        made.remap(name, mapping)
    observations = {name: copy.observe() for name, copy in made.copies.items()}
    made.take(made.reconciled(observations))
    for name in changed:
        made.remap(name, MAPPINGS[name])
    found = made.round(made.copies)
    assert (found.events, found.holds, made.writes) == ((), (), 0)
    assert made.round(made.copies) == Reconciliation(made.entity, ())


@given(quiet=quiet_worlds(), data=st.data())
def test_copies_read_one_after_the_other_are_rebased_as_those_read_at_once(quiet: Any, data: st.DataObject) -> None:
    made, changed = quiet
    one_by_one = replace(made, bindings=dict(made.bindings), copies={n: replace(c) for n, c in made.copies.items()})
    for each in (made, one_by_one):
        for name, mapping in changed.items():
            each.remap(name, mapping)
    at_once: Mapping[str, Observation] = {name: copy.observe() for name, copy in made.copies.items()}
    made.take(made.reconciled(at_once))
    for name in data.draw(st.permutations(sorted(made.copies))):
        one_by_one.take(one_by_one.reconciled({name: at_once[name]}))
    assert (one_by_one.entity, one_by_one.bindings) == (made.entity, made.bindings)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(history=histories())
def test_whatever_the_mapping_was_every_reconcile_is(check: Any, history: Any) -> None:
    made, happenings = history
    for action in happenings:
        go_on(made, action, check)
    made.round(made.copies, check)


@given(history=histories())
def test_after_the_last_change_all_copies_become_one_and_then_nothing_moves(history: Any) -> None:
    made, happenings = history
    for action in happenings:
        go_on(made, action)
    everybody_agrees(made)
