"""What a spoke's table may say of each kind, beyond what every connector has."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hub.sdk import Kind, Setup
from hub_trello.config import TrelloConfig
from hub_trello.layout import Layout

MEGABYTE = 1024 * 1024


def _names(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Name = Annotated[str, Field(min_length=1)]


class RequirementOptions(BaseModel):
    """Of `requirement = { … }`.

    Args:
        acceptance_checklist: The name of the checklist that holds the acceptance criteria; by default the one called
            "Acceptance criteria" or "验收标准".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    acceptance_checklist: Name | None = None


class TaskOptions(BaseModel):
    """Of `task = { … }`.

    Args:
        checklists: The names of the checklists whose items are tasks; new ones go to the first. By default all but that
            of the acceptance criteria, and new ones go to one called "Tasks" or "任务".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    checklists: Annotated[tuple[Name, ...], BeforeValidator(_names)] = ()


class AttachmentOptions(BaseModel):
    """Of `attachment = { … }`.

    Args:
        attachment_limit_mb: The largest file that the workspace takes: 10 in a free one, 250 in a paid one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attachment_limit_mb: Annotated[float, Field(gt=0)] = 10


def layout_of(setup: Setup) -> Layout:
    """Where things are on cards, as the settings of all kinds say it together."""
    config: TrelloConfig = setup.config
    said = {kind: settings.options for kind, settings in setup.kinds.items()}
    cards, tasks = said.get(Kind.REQUIREMENT), said.get(Kind.TASK)
    named = setup.kinds[Kind.REQUIREMENT].custom if Kind.REQUIREMENT in setup.kinds else {}
    return Layout(
        acceptance=cards.acceptance_checklist if isinstance(cards, RequirementOptions) else None,
        tasks=tasks.checklists if isinstance(tasks, TaskOptions) else (),
        custom=tuple(sorted(set(named.values()))),
        language=config.language,
    )


def largest_file(setup: Setup) -> int:
    """Most bytes of a file that the workspace takes."""
    settings = setup.kinds.get(Kind.ATTACHMENT)
    options = settings.options if settings else None
    limit = options if isinstance(options, AttachmentOptions) else AttachmentOptions()
    return int(limit.attachment_limit_mb * MEGABYTE)
