"""What an undo has set aside waits for a person, whatever the rules say. Pure.

An undo gives a field its old value back, and leaves alone the copies on which people had typed the new one. Judged as edits,
those would win at once, and the undo would have been for nothing. So nobody wins until a person decides, edits such a copy
once more, or somebody else comes to want the very same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.model import NOTHING
from hub.reconcile.facts import Binding, Contender, Hold

UNDO = "undo "
"""So begins the reason of whatever an undo has set."""


def undone(hold: Hold | None) -> Contender | None:
    """The entity's own value in a hold that an undo has opened; None for any other."""
    own = (c for c in hold.contenders if c.own and c.stamp.because.startswith(UNDO)) if hold else ()
    return next(iter(own), None)


def set_aside(hold: Hold | None, candidates: Sequence[Contender]) -> bool:
    """Whether somebody still wants what an undo has set aside, and nobody has come to want the same since."""
    if hold is None or undone(hold) is None:
        return False
    before = {c.connection: c.value for c in hold.contenders if not c.own}
    waiting = [c for c in candidates if c.connection in before and before[c.connection] == c.value]
    at_one = all(c.value == candidates[0].value for c in candidates)
    return bool(waiting) and not (len(waiting) < len(candidates) and at_one)


def is_pending(hold: Hold | None, binding: Binding, shown: Any) -> bool:
    """Whether a copy that contends in a hold shows what it did before the undo: what it goes back to is not written yet.

    What a copy shows that was given back, or that a person had typed, is remembered of none that contends.
    """
    if hold is None or undone(hold) is None:
        return False
    seen = binding.seen_of(hold.field)
    return seen is not NOTHING and bool(seen == shown)


def showing(hold: Hold, contender: Contender, bindings: Mapping[str, Binding]) -> Any:
    """What the copy of a contender in a hold shows, as far as is known: of what an undo writes, its tie knows first."""
    binding = bindings.get(contender.connection)
    seen = binding.seen_of(hold.field) if binding and undone(hold) else NOTHING
    return contender.shown if seen is NOTHING else seen
