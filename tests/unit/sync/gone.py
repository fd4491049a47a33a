"""Two services with families, of which copies get lost."""

from pathlib import Path
from typing import Any

from hub.model import Kind
from hub.sync import Report
from hub.testing import MemoryService
from tests.unit.sync.two import Two

BOTH = {"originates": True, "creates": True}
KINDS = ("client", "contact", "requirement", "task", "comment", "attachment")


def families(folder: Path) -> Two:
    """Two services that share everything."""
    return Two(folder, spokes={name: dict.fromkeys(KINDS, BOTH) for name in ("left", "right")})


def policy(two: Two, name: str, spoke: str = "right") -> None:
    two.spokes[spoke]["on_delete"] = name


def there(service: MemoryService, kind: Kind = Kind.REQUIREMENT, field: str = "title") -> list[Any]:
    return [state.fields.get(field) for state in service.present(kind)]


def copy_of(service: MemoryService, title: str, kind: Kind = Kind.REQUIREMENT) -> str:
    """The id of the record with that title (or name, or body)."""
    (found,) = [
        state.id
        for state in service.present(kind)
        if title in (state.fields.get("title"), state.fields.get("name"), state.fields.get("body"))
    ]
    return found


def said(report: Report) -> list[str]:
    return [str(problem["message"]) for problem in report.problems]
