"""A store that an earlier hub has written goes on to be what it was."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from hub.model import NOTHING, Kind
from hub.store import Store
from hub.store.migrations import migrations

AT = "2026-03-01T09:00:00.000000Z"
ENTITY = f'{{"values":{{"title":"Order"}},"stamps":{{"title":["Ann","left","{AT}","edit"]}}}}'
RECORD = '{"archived":false,"at":null,"fields":{"title":"New"},"id":"8","key":null,"marker":null,"touched":null,"touches":{},"url":null,"version":""}'


@pytest.fixture
def old(tmp_path: Path) -> str:
    """A store of the second schema, with one of everything that the third keeps in another way."""
    path = str(tmp_path / "hub.db")
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.apply(Database(connection), stop_before="m003_proof")
    rows = {
        "entities": ("REQ-1", "requirement", 1, "Order", ENTITY, None, None, 0),
        "bindings": (
            *(
                "left",
                "requirement",
                "7",
                "REQ-1",
                '{"title":"Order ","due":null}',
                '{"title":"Order","due":{"$":"NOTHING"}}',
            ),
            *("{}", '{"due":"no day"}', "abc", "L-7", "http://left/7", "bound", AT, 1),
        ),
        "inbox": ("left", "requirement", "8", RECORD, "def", AT, None),
        "events": (1, "REQ-1", "title", '""', '"Order"', "Ann", "left", AT, "edit", "R-1"),
    }
    for table, row in rows.items():
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    connection.close()
    return path


def test_ties_stay_what_they_were(old: str) -> None:
    store = Store.open(old)
    (tie,) = store.bindings_of(["REQ-1"])["REQ-1"]
    assert (tie.remote, tie.seen["title"], tie.agreed["title"]) == ("7", "Order ", "Order")
    assert tie.agreed["due"] is NOTHING
    assert (tie.blocked, tie.shown_key, tie.at) == ({"due": "no day"}, "L-7", datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert [owed.key for owed in store.owed("left", Kind.REQUIREMENT)] == ["REQ-1"]
    store.close()


def test_who_set_a_value_is_known_still(old: str) -> None:
    store = Store.open(old)
    entity = store.entities(["REQ-1"])["REQ-1"]
    assert (entity.value("title"), entity.stamps["title"].who) == ("Order", "Ann")
    store.close()


def test_what_waits_goes_on_waiting(old: str) -> None:
    store = Store.open(old)
    (kept,) = store.inbox(["left"], Kind.REQUIREMENT)
    assert (kept.record.id, kept.record.fields) == ("8", {"title": "New"})
    store.close()


def test_the_history_is_sealed_as_it_stands(old: str) -> None:
    store = Store.open(old)
    (event,) = store.history("REQ-1")
    assert (event["old"], event["new"], event["noted"]) == ("", "Order", AT)
    assert store.broken_seals() == []
    store.close()


def test_everything_is_considered_once_more_as_nothing_is_known_of_what_lacks_copies(old: str) -> None:
    store = Store.open(old)
    pieces = store.lacking("both", "right", Kind.REQUIREMENT, ["left", "right"])
    assert [entity.key for piece in pieces for entity in piece] == ["REQ-1"]
    store.close()
