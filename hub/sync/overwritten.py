"""What a write has replaced without anybody having seen it: told afterwards, by the order of a field's history. Pure.

A service without conditional writes takes a write whatever the record shows by then. An edit that falls between our last
look and our write is gone from the record, and stays in its history: there it stands between the state that our write was
decided on and the step that is our write.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.model import NOTHING
from hub.sdk.records import Edit, Record


@dataclass(frozen=True, slots=True)
class WrittenField:
    """One field of one of our writes.

    Args:
        field: The record's field.
        before: What it showed when the write was decided.
        after: What it showed when the write was answered.
        at: When that was by the service's clock, as far as that is known: it tells several writes of one value apart.
        seen_until: Until when the look before the write had seen the field's history, by the service's clock; see
            `seen_until`. None if that is not known: then values alone decide.
    """

    field: str
    before: Any
    after: Any
    at: datetime
    seen_until: datetime | None = None


def seen_until(base: Record, field: str) -> datetime | None:
    """Until when *base* shows the history of *field*, by the service's clock."""
    touch = base.touches.get(field)
    known = [at for at in (touch.at if touch else None, base.at) if at]
    return max(known, default=None)


def lost(record: Record, account: str, written: Sequence[WrittenField]) -> list[Edit]:
    """The edits that our writes replaced unseen, one of each field at most: the one that the write met.

    Its value is NOTHING where no history tells it.

    Args:
        record: As `changes` gave it, with its edits.
        account: The id of our own account there.
    """
    return [edit for each in written if (edit := _lost(_steps(record, each.field), account, each))]


def told(record: Record, account: str, written: Sequence[WrittenField]) -> list[WrittenField]:
    """Those of our writes that stand in the history of *record*: what `lost` says of them is final."""
    return [each for each in written if _place(_steps(record, each.field), account, each) is not None]


def _steps(record: Record, field: str) -> list[Edit]:
    return [edit for edit in record.edits if edit.field == field]


def _place(steps: Sequence[Edit], account: str, written: WrittenField) -> int | None:
    """Which step is our write: of those of our account that may be it and came after the look, the nearest in time."""
    own = [
        number
        for number, step in enumerate(steps)
        if step.touch.who.id == account and (step.value is NOTHING or same(step.value, written.after))
    ]
    # A service that tells coarse times may have noted the write at the very moment of the look.
    since = [n for n in own if written.seen_until is None or steps[n].touch.at >= written.seen_until]
    fits = since or own
    return min(fits, key=lambda number: (abs(steps[number].touch.at - written.at), -number), default=None)


def _lost(steps: Sequence[Edit], account: str, written: WrittenField) -> Edit | None:
    """Back from our write, over all the steps it took, to the state it was decided on, or to somebody else's edit."""
    place = _place(steps, account, written)
    if place is None:
        return None
    for step, following in _back(steps[: place + 1]):
        if step.touch.who.id == account:
            began_there = following is not None and same(step.value, written.before)
            if began_there or same(step.before, written.before):
                return None
        elif same(step.value, written.before) or _was_seen(step, written):
            return None
        else:
            return replace(step, value=following.before) if step.value is NOTHING and following else step
    return None


def _back(steps: Sequence[Edit]) -> Iterator[tuple[Edit, Edit | None]]:
    """Each step from the last to the first, with the one that followed it."""
    following: Edit | None = None
    for step in reversed(steps):
        yield step, following
        following = step


def _was_seen(step: Edit, written: WrittenField) -> bool:
    return written.seen_until is not None and step.touch.at <= written.seen_until


def same(one: Any, other: Any) -> bool:
    """Whether two values of a field are the same; what is not told is the same as nothing. People are known by ids."""
    if one is NOTHING or other is NOTHING:
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping) and "id" in one and "id" in other:
        return bool(one["id"] == other["id"])
    return bool(one == other)
