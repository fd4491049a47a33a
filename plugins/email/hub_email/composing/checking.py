"""Finds every mistake in a user's templates before a client sees one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from hub_email.composing.letter import (
    LANGUAGES,
    AcknowledgementLetter,
    Change,
    CommentLetter,
    Language,
    Letter,
    OpeningLetter,
    UpdateLetter,
)
from hub_email.composing.rendering import (
    SUFFIXES,
    TemplateBroken,
    Templates,
    overrides_in,
    undefined_fix,
)
from hub_email.composing.view import View, view_of

_CRITERIA: Final = (("Works without a mouse", True), ("Tells why it failed", False))
_CHANGES: Final = (
    Change("status", "new", "approved"),
    Change("due", None, date(2026, 12, 1)),
    Change("priority", "high", None),
    Change("description", "Old words", "New **words**"),
    Change("acceptance", (("Works without a mouse", False), ("Is blue", True)), _CRITERIA),
    Change("go_live", None, datetime(2026, 12, 1, 9, 30, tzinfo=UTC), label="Go-live"),
)


def samples(language: Language) -> Iterator[Letter]:
    """Letters of every kind, full ones and bare ones, so that every branch of a usual template is taken."""
    who: Any = {"language": language, "key": "REQ-12", "title": "Export <all> & more", "team": "Delivery"}
    for who["recipient"], who["signature"] in (("Li Wei", "Phone 123\nexample.com"), ("", "")):
        full = bool(who["recipient"])
        due = date(2026, 12, 1) if full else None
        yield AcknowledgementLetter(**who, status="new", due=due)
        yield UpdateLetter(**who, changes=_CHANGES if full else ())
        yield CommentLetter(**who, author="Ana", body="We **did** it.", attachments=("a.pdf",) if full else ())
        yield OpeningLetter(
            **who,
            status="approved",
            due=due,
            description="Words" if full else "",
            acceptance=_CRITERIA if full else (),
            facts=(Change("type", None, "change"),) if full else (),
        )


def check(folder: Path) -> tuple[TemplateBroken, ...]:
    """Everything wrong with the templates in *folder*, each mistake once, in the order of files and lines."""
    overrides, problems = overrides_in(folder)
    templates = Templates.of(overrides)
    found = [*problems, *_unknown_names(templates, overrides), *_unrenderable(templates)]
    once = {(each.file, each.line, each.message): each for each in reversed(found)}
    return tuple(once[place] for place in sorted(once))


def _unrenderable(templates: Templates) -> Iterator[TemplateBroken]:
    for letter in (each for language in LANGUAGES for each in samples(language)):
        for suffix in SUFFIXES:
            try:
                templates.render(f"{letter.kind}.{letter.language}.{suffix}", view_of(letter))
            except TemplateBroken as problem:
                yield problem


def _known(name: str) -> View:
    """What a template of that name may speak of: its kind's names; a frame, those that every kind has."""
    views = {letter.kind: view_of(letter) for letter in samples("en")}
    kind = name.partition(".")[0]
    if kind in views:
        return views[kind]
    return dict.fromkeys(set.intersection(*(set(view) for view in views.values())), "")


def _unknown_names(templates: Templates, overrides: dict[str, str]) -> Iterator[TemplateBroken]:
    """Names that no letter has, also where no sample leads."""
    for name in overrides:
        known = _known(name)
        try:
            wanted = templates.undeclared(name)
        except TemplateBroken as problem:
            yield problem
            continue
        for missing, line in wanted:
            if missing not in known:
                yield TemplateBroken(name, line, f"'{missing}' is undefined", undefined_fix(missing, known))
