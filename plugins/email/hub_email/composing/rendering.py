"""Templates: those that come with the hub, and those that a folder of the user's puts in their place.

A template sees the plain values of `view_of` and nothing besides: no object of ours, no global of Jinja, no chance.
"""

import difflib
import re
import traceback
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hub_email.composing.letter import KINDS, LANGUAGES
from hub_email.composing.view import MARKER

SUFFIXES: Final = ("txt", "html")
NAMES: Final = tuple(
    f"{stem}.{language}.{suffix}"
    for stem in ("frame", *(kind.kind for kind in KINDS))
    for language in LANGUAGES
    for suffix in SUFFIXES
)
"""Every template there is: one for each kind of letter, language and part, in a frame that says hello and good-bye."""

_KEPT_FROM_TEMPLATES = ("safe", "random", "pprint", "attr")
"""Filters that would let a client's words be HTML, make every rendering another, or show what things are inside."""
_BROKEN = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)
_UNSHOWN = re.compile(r"<head\b.*?</head>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BUILT_IN: Final = "delete the file to use the built-in one"


class TemplateBroken(ValueError):
    """A template cannot be used.

    Args:
        file: The template's name, `update.zh-CN.html`.
        line: The line in it; 0 if the mistake has none.
        message: What is wrong, as a sentence.
        fix: What to do about it.
    """

    def __init__(self, file: str, line: int, message: str, fix: str) -> None:
        self.file, self.line, self.message, self.fix = file, line, message, fix
        super().__init__(f"{file}{f', line {line}' if line else ''}: {message}\n  Next: {fix}")


def overrides_in(folder: Path) -> tuple[dict[str, str], list[TemplateBroken]]:
    """The templates in *folder* by name, and what is wrong with its files before one is rendered.

    Only its .txt and .html files are looked at, and not those that begin with a dot.
    """
    found, problems = {}, []
    if not folder.is_dir():
        missing = TemplateBroken(folder.name, 0, f"there is no folder {folder}", "make it, or take the setting out")
        return {}, [missing]
    for file in sorted(each for suffix in SUFFIXES for each in folder.glob(f"[!.]*.{suffix}")):
        if file.name not in NAMES:
            problems.append(_misnamed(file.name))
            continue
        try:
            found[file.name] = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            line = file.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(TemplateBroken(file.name, line, "this is not UTF-8", "save the file as UTF-8"))
        except OSError as error:
            reason = f"it cannot be read: {error.strerror or error}"
            problems.append(TemplateBroken(file.name, 0, reason, "make it a file that the hub may read"))
    return found, problems


def _misnamed(name: str) -> TemplateBroken:
    near = difflib.get_close_matches(name, NAMES, 1)
    better = f"call it {near[0]}" if near else f"call it one of: {', '.join(NAMES)}"
    return TemplateBroken(name, 0, "no mail is written by a template of this name", better)


class Templates:
    """All templates, read once.

    Args:
        folder: Where templates lie that take the place of built-in ones of the same name; None for none.

    Raises:
        TemplateBroken: A file in *folder* has a wrong name or cannot be read; the first one, `check` tells all.
    """

    def __init__(self, folder: Path | None = None) -> None:
        overrides, problems = overrides_in(folder) if folder else ({}, [])
        if problems:
            raise problems[0]
        self._prepare(overrides)

    @classmethod
    def of(cls, overrides: Mapping[str, str]) -> "Templates":
        """Templates with the given texts, by name, in place of the built-in ones."""
        made = cls()
        made._prepare(overrides)
        return made

    def _prepare(self, overrides: Mapping[str, str]) -> None:
        built_in = files(__package__).joinpath("templates")
        self._texts = {name: built_in.joinpath(name).read_text(encoding="utf-8") for name in NAMES} | dict(overrides)
        self._environment = _environment(self._texts)

    def render(self, name: str, view: Mapping[str, Any]) -> str:
        """The template of that name, filled in.

        Raises:
            TemplateBroken: It, or the frame around it, is wrong or does not begin with the marker line.
        """
        try:
            rendered = self._environment.get_template(name).render(view)
        except _BROKEN as error:
            raise _explained(error, name, view) from None
        if not begins_with_marker(rendered, html=name.endswith(".html")):
            frame = f"frame.{name.partition('.')[2]}"
            file = frame if frame in self._texts[name] else name
            fix = "put {{ marker }} before all other words of the mail"
            raise TemplateBroken(file, 0, "the marker is not the first line", fix)
        return rendered

    def undeclared(self, name: str) -> list[tuple[str, int]]:
        """The names that a template expects to be given, each with the line it is used in.

        Raises:
            TemplateBroken: It is not written as Jinja wants it.
        """
        try:
            tree = self._environment.parse(self._texts[name], name, name)
            wanted = meta.find_undeclared_variables(tree)
        except TemplateSyntaxError as error:
            raise _explained(error, name, {}) from None
        return [(node.name, node.lineno) for node in tree.find_all(nodes.Name) if node.name in wanted]


def begins_with_marker(rendered: str, *, html: bool) -> bool:
    """Whether the marker is the first thing that a reader of the mail sees."""
    before, marker, _ = rendered.partition(MARKER)
    return bool(marker) and not (_UNSHOWN.sub("", before) if html else before).strip()


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which escaping cannot be switched off."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if unescaped := tree.find(nodes.ScopedEvalContextModifier):
            raise TemplateSyntaxError("'autoescape' may not be changed", unescaped.lineno, name, filename)
        return tree


def _environment(texts: Mapping[str, str]) -> _Environment:
    environment = _Environment(
        loader=FunctionLoader(lambda name: (texts[name], name, None) if name in texts else None),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    for name in _KEPT_FROM_TEMPLATES:
        del environment.filters[name]
    return environment


def _printable(value: object) -> object:
    """*value*, if it reads the same to everybody: a list or a function would be shown as Python writes it."""
    if isinstance(value, str | int | float | Undefined):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be printed; print one of the values in it")


def _explained(error: BaseException, name: str, view: Mapping[str, Any]) -> TemplateBroken:
    """What Jinja found, with the file, the line and the next step."""
    message = str(error.args[0] if error.args else error) or type(error).__name__
    if isinstance(error, TemplateSyntaxError):
        fix = f"mend this line, or {_BUILT_IN}"
        file = error.name if error.name in NAMES else name
        return TemplateBroken(file, error.lineno, error.message or message, fix)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in NAMES]
    file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else (name, 0)
    missing = re.match(r"'(\w+)' is undefined", message)
    fix = undefined_fix(missing[1], view) if missing else f"mend this line, or {_BUILT_IN}"
    return TemplateBroken(file, line, message, fix)


def undefined_fix(missing: str, known: Mapping[str, Any]) -> str:
    """What to write in place of a name that is not there."""
    near = difflib.get_close_matches(missing, known, 1)
    return f"write {near[0]}" if near else f"use only: {', '.join(sorted(known))}"
