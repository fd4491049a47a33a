"""What an undo has set aside waits for a person, whatever the rules say. Pure.

An undo gives a field its old value back, and leaves alone the copies on which people had typed the new one. Judged as edits,
those would win at once, and the undo would have been for nothing. So nobody wins until a person decides, edits such a copy
once more, or somebody else comes to want the very same.
"""

from collections.abc import Sequence

from hub.reconcile.facts import Contender, Hold

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
