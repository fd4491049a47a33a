"""A letter as the plain values that templates may see: words, truths, and lists and tables of these; nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from jinja2.filters import FILTERS

from hub_email.composing.envelope import one_line
from hub_email.composing.letter import (
    AcknowledgementLetter,
    Change,
    CommentLetter,
    Language,
    Letter,
    OpeningLetter,
    UpdateLetter,
)
from hub_email.composing.rich import to_html, to_text
from hub_email.composing.wording import NOTES, STATUSES, day, field_name, is_unset, pick, say

View: TypeAlias = dict[str, Any]
"""What a template sees, by name."""

MARKER: Final = "##- 请在此行上方回复 / Reply above this line -##"
"""The first line of every mail of ours; what a reader of replies finds from here on was written by the hub."""
RICH: Final = frozenset({"description", "background"})
"""Fields that hold Markdown, and are told as they read now."""
_CRITERIA: Final = "acceptance"

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def clean(text: str) -> str:
    """*text* without control characters and lone surrogates, its lines ended by line feeds."""
    return _UNPRINTABLE.sub("", re.sub(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029", "\n", text))


def view_of(letter: Letter) -> View:
    """What the templates of this letter's kind see.

    Raises:
        TypeError: The letter is of no known kind.
    """
    common: View = {
        "language": letter.language,
        "marker": MARKER,
        "recipient": one_line(letter.recipient),
        "key": one_line(letter.key),
        "title": one_line(letter.title),
        "team": one_line(letter.team),
        "signature": [one_line(line) for line in clean(letter.signature).strip().split("\n") if line.strip()],
    }
    match letter:
        case AcknowledgementLetter():
            return common | _standing(letter)
        case UpdateLetter():
            return common | {"changes": [_change(each, letter.language) for each in letter.changes]}
        case CommentLetter():
            names = [one_line(name) for name in letter.attachments]
            return common | {"author": one_line(letter.author), **_rich("body", letter.body), "attachments": names}
        case OpeningLetter():
            return common | _standing(letter) | _opening(letter)
    raise TypeError(f"{type(letter).__name__} is no kind of letter")


def _standing(letter: AcknowledgementLetter | OpeningLetter) -> View:
    due = day(letter.due, letter.language) if letter.due else ""
    return {"status": one_line(pick(STATUSES, letter.status, letter.language)), "due": due}


def _opening(letter: OpeningLetter) -> View:
    facts = [
        {"label": _label(each, letter.language), "value": _words(each.field, each.new, letter.language)}
        for each in letter.facts
        if not is_unset(each.new)
    ]
    criteria = [_criterion(text, met=met, note="", language=letter.language) for text, met in letter.acceptance]
    return {**_rich("description", letter.description), "criteria": criteria, "facts": facts}


def _label(change: Change, language: Language) -> str:
    return one_line(field_name(change.field, language, change.label))


def _words(field: str, value: object, language: Language) -> str:
    return one_line(say(field, value, language))


def _rich(name: str, markdown: str) -> View:
    """Markdown under *name* as plain text, and under *name* with `_html` as HTML that is not escaped again."""
    text = clean(markdown)
    return {name: clean(to_text(text)), f"{name}_html": _ready(clean(to_html(text)))}  # again, for `&#27;` in it


def _ready(html: str) -> object:
    """HTML that templates put in as it is. Jinja's own mark; templates cannot set it, for they have no `safe`."""
    return FILTERS["safe"](html)


def _change(change: Change, language: Language) -> View:
    """One change as templates tell it.

    `state` is set, changed or removed; `form` is value, text or criteria, and says which of the others are filled.
    """
    state = "removed" if is_unset(change.new) else "set" if is_unset(change.old) else "changed"
    told: View = {"label": _label(change, language), "state": state, "form": "value", "old": "", "new": ""}
    told |= {"text": "", "text_html": "", "criteria": []}
    if change.field in RICH:
        return told | {"form": "text", **_rich("text", str(change.new or ""))}
    if change.field == _CRITERIA:
        return told | {"form": "criteria", "criteria": _criteria(change.old, change.new, language)}
    old, new = (_words(change.field, value, language) for value in (change.old, change.new))
    return told | {"old": old, "new": new}


def _pairs(value: object) -> list[tuple[str, bool]]:
    """Criteria as pairs, whether they came as pairs or as canonical criteria with `text` and `met`."""
    if is_unset(value):
        return []
    items = cast("Iterable[Any]", value)
    return [(str(each[0]), bool(each[1])) if isinstance(each, Sequence) else (each.text, each.met) for each in items]


def _criteria(old: object, new: object, language: Language) -> list[View]:
    """The criteria as they are now, with what became of each; then those that are gone."""
    before, now = dict(_pairs(old)), _pairs(new)
    shown = [_criterion(text, met=met, note=_note(before, text, met=met), language=language) for text, met in now]
    gone = [text for text in before if text not in dict(now)]
    return shown + [_criterion(text, met=before[text], note="removed", language=language) for text in gone]


def _note(before: Mapping[str, bool], text: str, *, met: bool) -> str:
    """What became of a criterion. Where none was told before, all are new, and it need not be said of each."""
    if not before or before.get(text) == met:
        return ""
    return "new" if text not in before else "met" if met else "unmet"


def _criterion(text: str, *, met: bool, note: str, language: Language) -> View:
    words = {"text": one_line(to_text(clean(text))), "met": met, "note": pick(NOTES, note, language)}
    return words | {"gone": note == "removed"}
