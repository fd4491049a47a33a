"""What is written for many at once: intents of a batch in one row, and one event that tells how many entities began."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hub.model import Kind, Requirement, Stamp
from hub.reconcile import Adoption, Binding, Event
from hub.store import Intent, Store

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
REQ = Kind.REQUIREMENT


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    yield store
    store.close()


def intent(number: int, title: str = "a", **more: str) -> Intent:
    return Intent("right", REQ, f"REQ-{number}", {"name": title}, {"title": title}, AT, **more)  # type: ignore[arg-type]


def count(store: Store, table: str) -> int:
    return int(store.db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_batch_of_intents_is_one_row_and_reads_as_each_of_them(store: Store) -> None:
    batch = [intent(n) for n in range(1, 501)]
    store.keep_intents(batch)
    assert (count(store, "underway"), count(store, "intents")) == (1, 0)
    assert list(store.intents("right", REQ).values()) != []
    assert store.intents("right", REQ) == {each.key: each for each in batch}
    assert store.intents("left", REQ) == {}
    assert store.intents("right", REQ, "update") == {}


def test_a_batch_that_is_settled_is_gone_and_of_one_that_is_not_the_rest_is_left(store: Store) -> None:
    store.keep_intents([intent(n) for n in (1, 2, 3)])
    store.drop_intents("right", REQ, ["REQ-2"])
    assert set(store.intents("right", REQ)) == {"REQ-1", "REQ-3"}
    store.drop_intents("right", REQ, ["REQ-3", "REQ-1"])
    assert (store.intents("right", REQ), count(store, "underway")) == ({}, 0)


def test_a_refused_write_of_a_batch_is_kept_by_itself_and_replaced_when_it_is_asked_for_again(store: Store) -> None:
    store.keep_intents([intent(1), intent(2)])
    no = intent(1, refused="no")
    store.keep_intents([no])
    store.drop_intents("right", REQ, ["REQ-2"])
    assert store.intents("right", REQ) == {"REQ-1": no}
    again = [intent(1, "b"), intent(2, "b")]
    store.keep_intents(again)
    assert store.intents("right", REQ) == {each.key: each for each in again}
    store.drop_intents("right", REQ, ["REQ-1", "REQ-2"])
    assert (store.intents("right", REQ), count(store, "underway"), count(store, "intents")) == ({}, 0, 0)


def test_updates_of_a_copy_that_is_gone_are_dropped_from_their_batch_and_creates_are_not(store: Store) -> None:
    store.keep_intents([intent(1, operation="update"), intent(2, operation="update")])
    store.keep_intents([intent(3), intent(4)])
    store.drop_updates("right", REQ, "REQ-1")
    store.drop_updates("right", REQ, "REQ-3")
    assert set(store.intents("right", REQ, "update")) == {"REQ-2"}
    assert set(store.intents("right", REQ)) == {"REQ-3", "REQ-4"}


def begun(number: int, who: str = "Ann", **more: str) -> tuple[Adoption, Binding, bool]:
    """A requirement that *who* has entered, and whose other values, if any, Bob has."""
    key, ann, bob = f"REQ-{number}", Stamp(who, "left", AT), Stamp("Bob", "left", AT)
    values = {"title": f"Title {number}", **more}
    stamps = {name: ann if name == "title" else bob for name in values}
    entity = Requirement.restored(key, values, stamps)
    tie = Binding("left", REQ, str(number), key, values, values, {"title": "t#1"})
    return Adoption(entity, values, values, values, tie.maps, ann, by_one=not more), tie, False


def test_each_entity_that_began_with_others_has_a_history_of_its_own(store: Store) -> None:
    store.keep_imports([begun(1), begun(2, "李雷", description="Text"), begun(3)], "R-1", AT)
    assert count(store, "events") == 1
    told = [(e["key"], e["field"], e["old"], e["new"], e["who"], e["run"]) for e in store.history("REQ-2")]
    assert told == [
        ("REQ-2", "title", "", "Title 2", "李雷", "R-1"),
        ("REQ-2", "description", "", "Text", "Bob", "R-1"),
    ]
    assert [e["new"] for e in store.history("REQ-2", "description")] == ["Text"]
    assert {e["key"] for e in store.events_of("R-1")} == {"REQ-1", "REQ-2", "REQ-3"}
    assert store.begun_in("R-1") == {"REQ-1", "REQ-2", "REQ-3"}
    assert store.broken_seals() == []


def test_what_changes_later_comes_after_the_beginning_and_begins_nothing(store: Store) -> None:
    store.keep_imports([begun(1), begun(2)], "R-1", AT)
    store.keep_events([Event("REQ-1", "title", "Title 1", "New", Stamp("Cy", "right", AT))], "R-2", AT)
    assert [e["new"] for e in store.history("REQ-1")] == ["Title 1", "New"]
    assert store.begun_in("R-2") == set()
    later, hour = AT + timedelta(hours=1), timedelta(hours=1)
    assert {(key, run) for key, _, _, run in store.changed_since(["REQ-1", "REQ-2"], later, 0)} == {
        ("REQ-1", 1),
        ("REQ-1", 2),
        ("REQ-2", 1),
    }
    assert [(key, where) for key, where, _, _ in store.changed_since(["REQ-2"], AT - hour, 5)] == [("REQ-2", "left")]
    assert store.changed_since(["REQ-2"], AT, 1) == []


def test_the_beginning_of_an_entity_that_is_lost_is_still_found(store: Store) -> None:
    store.keep_imports([begun(1), begun(11)], "R-1", AT)
    store.db.conn.execute("PRAGMA foreign_keys = OFF")
    store.db.conn.execute("DELETE FROM entities WHERE key = 'REQ-1'")
    assert [e["new"] for e in store.history("REQ-1")] == ["Title 1"]
    store.keep_entities([begun(1)[0].entity])
    store.find_beginning("REQ-1")
    assert [e["new"] for e in store.history("REQ-1")] == ["Title 1"]


def test_tampering_with_the_beginning_of_many_is_found_and_named(store: Store) -> None:
    store.keep_imports([begun(n) for n in (1, 2, 3)], "R-1", AT)
    store.db.conn.execute("UPDATE events SET new = replace(new, 'Title 2', 'Title X')")
    (said,) = store.broken_seals()
    assert "REQ-1 to REQ-3" in said
