"""Which of a service's names stands for which of the hub's values, by what the names say. Pure; nothing is guessed."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType

from hub.config.synonyms import CLOSING, FAILING, OF_A_SALE, STEPS, SYNONYMS
from hub.sdk.connector import Phase

CLOSE = 0.82
"""How alike two names must be to be one name spelt twice."""

STAND_INS: Mapping[str, tuple[str, ...]] = {
    "new": ("clarifying", "approved"),
    "clarifying": ("new",),
    "approved": ("new",),
    "in_progress": ("review", "approved", "new"),
    "review": ("in_progress", "new"),
    "delivered": ("accepted",),
    "accepted": ("delivered",),
    "on_hold": ("new", "in_progress"),
    "rejected": ("delivered",),
    "todo": ("doing",),
    "doing": ("todo",),
    "critical": ("high",),
    "high": ("critical", "medium"),
    "medium": ("high", "low"),
    "low": ("medium",),
}
"""A value for which a service has no name is shown there under the name of the first of these that has one.

What has ended is never shown as what goes on, and a rejected requirement only under a name that praises nothing.
"""
DONE, REJECTED = frozenset({"delivered", "accepted", "done"}), "rejected"
ENDED = DONE | {REJECTED}
NEGATIONS = ("not ", "not yet ", "never ", "no longer ", "un", "未", "不", "非", "无法")
AWAITED = ("to be ", "ready to ", "ready for ", "waiting for ", "waiting to be ", "pending ", "awaiting ", "待", "即将")
"""What comes before an end that is still to come: `To be released`, `待完成`."""
READY = "ready"
USUAL: Mapping[Phase, tuple[str, ...]] = {
    Phase.TODO: ("new", "todo"),
    Phase.DOING: ("in_progress", "doing"),
    Phase.DONE: ("delivered", "done"),
    Phase.DROPPED: ("rejected",),
}
"""What a name stands for that says nothing, where the service says how far it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """A proposed vocabulary.

    Args:
        names: Canonical value → its names; values with names of their own stand before those that borrow one.
        borrowed: The values that are shown under another value's name.
        read: What a name is read as that no value has.
        unknown: Those names.
        nameless: The values that have no name, nor one to borrow.
    """

    names: Mapping[str, tuple[str, ...]]
    borrowed: tuple[str, ...] = ()
    read: str | None = None
    unknown: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()


def propose_names(
    values: Sequence[str],
    remote: Sequence[str],
    otherwise: str | None = None,
    phases: Mapping[str, Phase] = MappingProxyType({}),
) -> Names:
    """Which of *remote*, a service's names, stands for which of *values*.

    Args:
        otherwise: The value that names are read as for which there is no better.
        phases: By name: how far a record is that shows it, where the service says so.
    """
    found: dict[str, list[tuple[float, int, str]]] = {}
    unknown = []
    for place, name in enumerate(remote):
        likeness, value = _placed(name, values, phases.get(name))
        if value is None:
            unknown.append(name)
        else:
            found.setdefault(value, []).append((-likeness, place, name))
    named = {value: tuple(name for _, _, name in sorted(found[value])) for value in values if value in found}
    borrowed = {value: _borrowed(value, named) for value in values if value not in named}
    lent = {value: names for value, names in borrowed.items() if names}
    over = any(phases.get(name) in {Phase.ENDED, Phase.DONE, Phase.DROPPED} for name in unknown)
    read = otherwise if unknown and named and not over else None
    nameless = tuple(value for value in borrowed if value not in lent) if named else ()
    return Names({**named, **lent}, tuple(lent), read, tuple(unknown), nameless)


def _borrowed(value: str, named: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Another value's name; none praises what was rejected."""
    lent = next((named[other] for other in STAND_INS.get(value, ()) if other in named), ())
    fitting = [name for name in lent if value != REJECTED or plain(name) in CLOSING]
    return tuple(fitting[:1])


def _placed(name: str, values: Sequence[str], phase: Phase | None) -> tuple[float, str | None]:
    """How surely *name* stands for a value, and for which; None if for no one of them."""
    said = plain(name)
    able = [value for value in values if _can_be(said, value, phase)]
    sure = [(_likeness(said, value), value) for value in able if said in _names_of(value)]
    usual = [(0.0, value) for value in (USUAL.get(phase, ()) if phase else ()) if value in able]
    alike = [] if sure or _says_something_else(said) else [(_likeness(said, value), value) for value in able]
    best = max(sure or alike, key=lambda each: each[0], default=(0.0, ""))
    if best[0] >= CLOSE and not (not sure and _is_but_a_step(said, best[1])):
        return best
    return usual[0] if usual else (0.0, None)


def _can_be(said: str, value: str, phase: Phase | None) -> bool:
    """Whether neither the service nor the name itself denies it: what was lost was never delivered."""
    match phase:
        case Phase.DROPPED if value != REJECTED:
            return False
        case Phase.DONE if value not in DONE:
            return False
        case Phase.ENDED if value not in ENDED:
            return False
        case Phase.TODO | Phase.DOING | Phase.OPEN if value in ENDED:
            return False
    return value not in DONE or not any(_within(each, said) for each in SYNONYMS[REJECTED])


def _says_something_else(said: str) -> bool:
    """A failed test, a step of a sale, or an end that is denied or still to come: no synonym inside can be trusted."""
    if any(word in said for word in OF_A_SALE) or any(_within(word, said) for word in FAILING):
        return True
    if any(_denied(each, said) for value in DONE for each in _names_of(value)):
        return True
    rejecting = any(_within(each, said) for each in SYNONYMS[REJECTED])
    return rejecting and any(_within(step, said) for step in STEPS)


def _is_but_a_step(said: str, value: str) -> bool:
    """Whether only a step of the work has ended: `Testing done`, `开发完成`."""
    return value in DONE and any(_within(step, said) for step in STEPS)


def _names_of(value: str) -> tuple[str, ...]:
    return (value.replace("_", " "), *SYNONYMS.get(value, ()))


def _likeness(said: str, value: str) -> float:
    """How surely a name that says *said* stands for *value*: the more usual a synonym, the surer."""
    synonyms = _names_of(value)
    if said in synonyms:
        return 2 - synonyms.index(said) / 100
    inside = [_place(each, said) for each in synonyms if _within(each, said)]
    if inside:
        return 1 + max(inside) / 2
    return max(_spelt(said, synonyms), default=0.0)


def _spelt(said: str, synonyms: Sequence[str]) -> Iterator[float]:
    """Likeness of spelling, which says nothing where a sign is a word: `非紧急` is not `非常紧急`."""
    for each in synonyms:
        if each.isascii() and each[0] == said[:1]:
            yield SequenceMatcher(None, said, each).ratio()


def _within(synonym: str, said: str) -> bool:
    """Whether a name says *synonym* among other words, and does not deny it: `Ready for QA`, `开发中(后端)`, not `未完成`."""
    if any(f"{no}{synonym}" in said for no in NEGATIONS):
        return False
    if synonym == READY and any(f"{READY} {what}" in said for what in ("to ", "for ")):
        return False
    return _has(synonym, said)


def _denied(synonym: str, said: str) -> bool:
    """Whether a name says that *synonym* is not so, or not yet."""
    return any(_has(f"{no}{synonym}", said) for no in (*NEGATIONS, *AWAITED))


def _has(words: str, said: str) -> bool:
    return f" {words} " in f" {said} " if words.isascii() else len(words) > 1 and words in said


def _place(synonym: str, said: str) -> float:
    """How near the end a name says *synonym*: what comes last says most, as in `Ready for QA`; then, how long it is."""
    return (said.rindex(synonym) + len(synonym)) / len(said) * 0.9 + min(len(synonym), 20) / 200


def plain(name: str) -> str:
    """*name* in lower case, without numbers, punctuation and pictures: `2. In Progress 🚧` is `in progress`."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    kept = "".join(char if char.isalnum() or char == "'" else " " for char in folded)
    words = [word for word in kept.split() if not word.isdigit()]
    return " ".join(words)
