"""Ties are changed where they stand, and what a store remembers having read is what it would read again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.config.tables import WhereTable
from hub.model import Criterion, Entity, Kind, Person, Requirement, RequirementStatus, Stamp
from hub.reconcile import STEERING, Binding, Route, Where, steers
from hub.store import Store

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TIE = Binding("left", Kind.REQUIREMENT, "1", "REQ-1", {"title": "a"}, {"title": "a"}, {"title": "t#1"}, digest="d")


@pytest.fixture
def store() -> Iterator[Store]:
    """Two requirements, one of them with a copy."""
    store = Store.open(":memory:")
    store.keep_entities([Requirement(key=f"REQ-{number}", title="a") for number in (1, 2)])
    store.keep_ties([(TIE, False)])
    yield store
    store.close()


def ties(store: Store) -> list[Binding]:
    found = store.bindings_of(["REQ-1", "REQ-2"])
    return [tie for some in found.values() for tie in some]


def test_a_changed_tie_stays_in_its_row_with_all_that_it_says(store: Store) -> None:
    (before,) = store.db.conn.execute("SELECT id FROM bindings").fetchall()
    changed = Binding(
        *("left", Kind.REQUIREMENT, "1", "REQ-1", {"title": "b"}, {"title": "c"}, {"title": "t#2"}, {"": "no"}),
        *("e", "L-1", "http://left/1", "bound", AT),
    )
    store.keep_bindings([(changed, True)])
    assert ties(store) == [changed]
    assert store.db.conn.execute("SELECT id FROM bindings").fetchall() == [before]
    assert store.owed("left", Kind.REQUIREMENT) == [changed]


def test_a_new_tie_a_copy_that_is_anothers_now_and_another_copy_of_the_same_are_kept_alike(store: Store) -> None:
    store.keep_bindings([(TIE, False), (replace(TIE, connection="right"), False)])
    assert {tie.connection for tie in ties(store)} == {"left", "right"}
    store.keep_bindings([(replace(TIE, key="REQ-2"), False)])
    assert {(tie.connection, tie.remote, tie.key) for tie in ties(store)} == {
        ("left", "1", "REQ-2"),
        ("right", "1", "REQ-1"),
    }
    store.keep_bindings([(replace(TIE, remote="9", connection="right"), False)])
    assert {(tie.connection, tie.remote, tie.key) for tie in ties(store)} == {
        ("left", "1", "REQ-2"),
        ("right", "9", "REQ-1"),
    }


@pytest.mark.parametrize("count", [1, 49, 50, 130])
def test_many_ties_at_once_are_each_kept_as_they_are_whatever_they_have_in_common(store: Store, count: int) -> None:
    store.keep_entities([Requirement(key=f"REQ-{n}") for n in range(1, count + 1)])
    values = {"title": "a", "status": RequirementStatus.NEW, "labels": frozenset("ab")}
    shown = {"title": "a", "status": "New", "labels": ["a", "b"]}
    many = [
        Binding(
            *("right", Kind.REQUIREMENT, str(n), f"REQ-{n}", dict(shown), dict(list(values.items())[: n % 4])),
            *({"title": "t#1"}, {} if n % 7 else {"title": "no"}, f"d{n}", f"R-{n}" if n > 50 else None),
        )
        for n in range(1, count + 1)
    ]
    store.keep_ties([(tie, tie.remote == "3") for tie in many])
    assert store.bindings_at("right", Kind.REQUIREMENT, [tie.remote for tie in many]) == {t.remote: t for t in many}
    assert store.owed("right", Kind.REQUIREMENT) == many[2:3]
    other = [replace(tie, remote=f"{tie.remote}b", digest="x") for tie in many[::2]]
    store.keep_ties([(tie, False) for tie in other])
    assert set(store.remotes("right", Kind.REQUIREMENT)) == {tie.remote for tie in [*other, *many[1::2]]}


def test_whether_a_copy_is_owed_something_is_noted_beside_what_its_tie_says(store: Store) -> None:
    store.keep_owed([(TIE, True)])
    assert store.owed("left", Kind.REQUIREMENT) == [TIE]
    store.keep_owed([(TIE, False)])
    assert store.owed("left", Kind.REQUIREMENT) == []
    assert ties(store) == [TIE]


def test_the_key_and_state_of_ties_are_found_by_their_copies(store: Store) -> None:
    assert store.ties_at("left", Kind.REQUIREMENT, ["1", "2"]) == {"1": ("REQ-1", "bound")}


STAMP = Stamp("Ann", "left", AT)
ENTITIES = [
    Requirement(
        key="REQ-1", title="plain", status=RequirementStatus.REVIEW, due=date(2026, 3, 1), labels=frozenset("ab")
    ),
    Requirement(key="REQ-1", title="b", description="half a \ud83d pair", stamps={"title": STAMP}),
    Requirement(key="REQ-1", estimate_hours=float("inf")),
    Requirement(key="REQ-1", estimate_hours=2.0, custom={"b": 1, "a": "x"}),
    Requirement(key="REQ-1", acceptance=(Criterion(text="works"),), assignees=frozenset({Person(name=" Ann ")})),
]


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_remembered_of_an_entity_is_what_another_process_reads(entity: Entity, tmp_path: Path) -> None:
    mine = Store.open(str(tmp_path / "hub.db"))
    mine.keep_entities([entity])
    others = Store.open(mine.path)
    assert mine.entities(["REQ-1"]) == others.entities(["REQ-1"])
    mine.close()
    others.close()


def test_what_somebody_else_has_written_is_read_though_something_else_is_remembered(tmp_path: Path) -> None:
    mine, others = (Store.open(str(tmp_path / "hub.db")) for _ in range(2))
    mine.keep_entities([Requirement(key="REQ-1", title="a")])
    mine.keep_ties([(TIE, False)])
    assert (mine.entities(["REQ-1"])["REQ-1"].label, ties(mine)) == ("a", [TIE])
    others.keep_entities([Requirement(key="REQ-1", title="b")])
    others.keep_bindings([(replace(TIE, digest="e"), False)])
    assert (mine.entities(["REQ-1"])["REQ-1"].label, ties(mine)[0].digest) == ("b", "e")
    mine.close()
    others.close()


def test_an_entity_that_goes_where_it_went_is_changed_without_anybody_asking_anew_who_lacks_it(store: Store) -> None:
    before = store.revision()
    store.change_entities([Requirement(key="REQ-1", title="b")])
    assert (store.entities(["REQ-1"])["REQ-1"].label, store.revision()) == ("b", before)


@pytest.mark.parametrize("name", WhereTable.model_fields)
def test_every_field_that_a_filter_can_ask_for_steers(name: str) -> None:
    values = {"labels": frozenset({"x"}), "status": "x", "client": "x", "type": "x"}
    entities = [Requirement.restored("REQ-1", {field: value}, {}) for field, value in values.items()]
    (taken,) = [entity for entity in entities if Route(where=Where({name: frozenset({"x"})})).where.takes(entity)]
    assert steers(taken, [field for field, value in values.items() if taken.value(field) == value])
    assert values.keys() <= STEERING
