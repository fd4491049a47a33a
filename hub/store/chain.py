"""The chain of the history: each event is sealed with all before it, so that none can be changed or taken out unseen."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

BEGINNING = ""


def link(before: str, row: Iterable[Any]) -> str:
    """The seal of an event, *before* being that of the event before it, and *row* all that is kept of it."""
    return hashlib.blake2b(before.encode() + orjson.dumps(list(row)), digest_size=16).hexdigest()


def linked(before: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """*rows*, each with its seal as one more column."""
    for row in rows:
        before = link(before, row)
        yield (*row, before)
