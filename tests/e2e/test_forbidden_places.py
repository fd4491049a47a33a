"""A store that may be read and not written to: said in words, and no service is written to."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.killing import Office, office

STRANGER = 65_534
"""Nobody's number: whoever runs these tests as root may write everywhere, and others may not."""


@pytest.fixture
def room() -> Iterator[Office]:
    """An office in step, with more to do, in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="hub-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with office(folder, 1) as made:
            made.team.work(4)
            made.all_is_well()
            made.team.add("jira")
            yield made
            folder.chmod(0o755)


def as_somebody_else() -> dict[str, Any]:
    """How a child is told to be one who may not write."""
    return {"user": STRANGER} if os.getuid() == 0 else {}


@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_who_may_not_write_is_told_so_before_anything_is_written(room: Office, what: str) -> None:
    before = room.team.everything()
    files = [file for file in room.folder.iterdir() if file.is_file()]
    if what == "the file":
        room.folder.chmod(0o777)
    for file in files if what == "the file" else ():
        file.chmod(0o444)
    if what == "the folder":
        room.folder.chmod(0o555)
        for file in files:
            file.chmod(0o666)
    ended = room.hub("sync", "--json", **as_somebody_else())
    assert ended.code == 3, ended
    error = json.loads(ended.output)["error"]
    assert "hub.db" in error["message"]
    assert "may be written to" in error["fix"]
    assert "Traceback" not in ended.errors
    assert room.team.everything() == before
    room.folder.chmod(0o755)
    for file in files:
        file.chmod(0o644)
    room.all_is_well()
