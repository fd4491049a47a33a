"""Text in the database that nobody wrote so: the store's own trouble, told with what to do, and nobody else's."""

import sqlite3
from pathlib import Path

import pytest

from hub.errors import HubError, StoreError
from tests.unit.sync.two import Two

GARBAGE = {
    "an entity": "UPDATE entities SET doc = '{]'",
    "what a copy showed": "UPDATE bindings SET seen = '{]'",
    "what a copy agreed to": "UPDATE bindings SET agreed = '{]'",
    "how far was read": "UPDATE cursors SET cursor = '{]'",
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_in_the_database_is_told_as_the_databases_trouble(tmp_path: Path, what: str) -> None:
    two = Two(tmp_path)
    one = two.left.add(title="Login page")
    await two.sync()
    with sqlite3.connect(tmp_path / "hub.db") as db:
        db.execute(GARBAGE[what])
    db.close()
    two.left.edit(one, title="Login")
    with pytest.raises((StoreError, ExceptionGroup)) as caught:
        await two.sync()
    told: BaseException = caught.value
    while isinstance(told, ExceptionGroup):
        told = told.exceptions[0]
    assert isinstance(told, HubError)
    assert "hub doctor" in told.fix
    assert two.shows(two.right) == ["Login page"]
