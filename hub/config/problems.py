"""Collects what is wrong with a configuration, so that everything is told at once."""

import contextlib
import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hub.errors import Finding
from hub.sdk.secrets import FOLDER, WITHOUT, SecretAbsent

T = TypeVar("T", bound=BaseModel)


class Problems:
    """The findings so far.

    Args:
        folder: Where relative paths in the tables begin; the current folder if it is not given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.findings: list[Finding] = []
        self.folder = folder

    @property
    def errors(self) -> list[Finding]:
        """Findings with which nothing can be done."""
        return [f for f in self.findings if f.level == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """Findings that a person should know of."""
        return [f for f in self.findings if f.level == "warning"]

    def error(self, where: str, message: str, fix: str = "") -> None:
        """Note a mistake."""
        self.findings.append(Finding(where, "error", message, fix))

    def warning(self, where: str, message: str, fix: str = "") -> None:
        """Note a doubt."""
        self.findings.append(Finding(where, "warning", message, fix))

    def shaped(
        self, model: type[T], table: Mapping[str, Any], where: str, absent: list[Finding] | None = None
    ) -> T | None:
        """*table* as *model*, or None with every mistake noted at its place.

        Args:
            absent: Takes the secrets that are not to be found. They are left empty then, and are no mistakes.
        """
        try:
            return model.model_validate(dict(table), context={FOLDER: self.folder})
        except ValidationError as invalid:
            mistakes = invalid.errors()
        found = [_found(mistake, model, where) for mistake in mistakes]
        if absent is not None and all(map(_is_absence, mistakes)):
            with contextlib.suppress(ValidationError):  # where one that is empty will not do
                shaped = model.model_validate(dict(table), context={FOLDER: self.folder, WITHOUT: True})
                absent += found
                return shaped
        self.findings += found
        return None


def _is_absence(mistake: Any) -> bool:
    return isinstance(mistake.get("ctx", {}).get("error"), SecretAbsent)


def _found(mistake: Any, model: type[BaseModel], where: str) -> Finding:
    parts = [str(part) for part in _path(mistake["loc"], model)]
    place = ".".join([where, *parts]) if where else ".".join(parts)
    message = str(mistake["msg"]).removeprefix("Value error, ")
    match mistake["type"]:
        case "extra_forbidden":
            known = [info.alias or name for name, info in model.model_fields.items()]
            return Finding(place, "error", "is not a known setting", suggestion(str(mistake["loc"][-1]), known))
        case "missing":
            return Finding(place, "error", "is missing", f"add {mistake['loc'][-1]} = …")
        case _:
            return Finding(place, "error", message[:1].lower() + message[1:], _shown(mistake))


def _path(loc: Sequence[int | str], model: type[BaseModel]) -> Sequence[int | str]:
    """Where a mistake stands in the file: without the name of the alternative that a table was taken for."""
    info = model.model_fields.get(str(loc[0])) if loc else None
    return (loc[0], *loc[2:]) if info and info.discriminator and len(loc) > 1 else loc


def _shown(mistake: Mapping[str, Any]) -> str:
    given = mistake.get("input")
    return (
        f"it is {given!r}" if isinstance(given, str | int | float | bool) and mistake["type"] != "value_error" else ""
    )


def suggestion(given: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or what there is to choose from."""
    choices = sorted(known)
    close = difflib.get_close_matches(given, choices, n=1)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(choices) or 'none'}"
