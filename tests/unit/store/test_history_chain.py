"""The history is sealed: whoever changes, adds or takes out an event is found out."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hub.model import Stamp
from hub.reconcile import Event
from hub.store import Store

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
EVENTS = 9


@pytest.fixture
def store() -> Store:
    """Nine events of three entities, noted in three runs."""
    store = Store.open(":memory:")
    for run in range(3):
        stamp = Stamp(who="Ann", connection="jira", at=NOW)
        for key in ("REQ-1", "REQ-2", "REQ-3"):
            store.keep_events([Event(key, "title", f"{run}", f"{run + 1}", stamp)], f"R-{run + 1}", NOW)
    return store


def changing(column: str, value: str) -> Callable[[Store], None]:
    return lambda store: _run(store, f"UPDATE events SET {column} = {value} WHERE id = 5")


def deleting(which: str) -> Callable[[Store], None]:
    return lambda store: _run(store, f"DELETE FROM events WHERE id {which}")


def swapping(one: int, other: int) -> Callable[[Store], None]:
    def swap(store: Store) -> None:
        for old, new in ((one, 999), (other, one), (999, other)):
            _run(store, f"UPDATE events SET id = {new} WHERE id = {old}")

    return swap


def inserting(number: str, chain: str) -> Callable[[Store], None]:
    columns = "key, field, old, new, who, connection, at, because, run, noted, overruled"
    copy = f"INSERT INTO events (id, {columns}, chain) SELECT {number}, {columns}, {chain} FROM events WHERE id = 5"

    def insert(store: Store) -> None:
        if number == "6":
            _run(store, "UPDATE events SET id = id + 100 WHERE id > 5")
        _run(store, copy)

    return insert


def _run(store: Store, sql: str) -> None:
    store.db.conn.execute(sql)


TAMPERING: dict[str, Callable[[Store], None]] = {
    "a value is changed": changing("new", "'\"9\"'"),
    "a name is changed": changing("who", "'Bo'"),
    "a time is changed": changing("noted", "'2026-03-01T09:00:00.000001Z'"),
    "a run is changed": changing("run", "'R-9'"),
    "an event is said to be overruled": changing("overruled", "1"),
    "a seal is changed": changing("chain", "'00'"),
    "the first is deleted": deleting("= 1"),
    "one in the middle is deleted": deleting("= 5"),
    "the last is deleted": deleting("= 9"),
    "the last three are deleted": deleting("> 6"),
    "all are deleted": deleting("> 0"),
    "two neighbours are swapped": swapping(4, 5),
    "two far apart are swapped": swapping(1, 9),
    "one is inserted in the middle": inserting("6", "chain"),
    "one is appended": inserting("10", "chain"),
}


def test_a_history_that_nobody_has_touched_is_sound(store: Store) -> None:
    assert store.broken_seals() == []


def test_an_empty_history_is_sound() -> None:
    assert Store.open(":memory:").broken_seals() == []


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found(store: Store, tamper: Callable[[Store], None]) -> None:
    tamper(store)
    assert store.broken_seals()


def test_what_was_changed_is_named(store: Store) -> None:
    changing("new", "'\"9\"'")(store)
    assert store.broken_seals() == ["event 5 of REQ-2 is not what was written, or one before it was taken out"]


def test_the_history_goes_on_after_tampering_and_the_break_stays_to_be_seen(store: Store) -> None:
    deleting("= 9")(store)
    store.keep_events([Event("REQ-1", "title", "3", "4", Stamp(who="", connection="hub", at=NOW))], "R-4", NOW)
    assert len(store.history("REQ-1")) == EVENTS // 3 + 1
