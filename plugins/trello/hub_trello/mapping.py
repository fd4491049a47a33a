"""How a board shows requirements, tasks, comments and attachments."""

from typing import Any

from hub.sdk import (
    BACKGROUND,
    Author,
    Checklist,
    Choice,
    CustomFields,
    DayOfInstant,
    FieldMap,
    Kind,
    LabelSet,
    Lens,
    Moment,
    OnePerson,
    PeopleSet,
    Position,
    Ref,
    RequirementStatus,
    RichText,
    Same,
    SectionText,
    TaskStatus,
    Text,
)

NAME_LIMIT = 16_384
"""Most characters of the name of a card, label or checklist item (API introduction, "Cards" and "Labels")."""
DESC_LIMIT = 16_000
"""Most characters of a description that are written: Trello takes 16,384, the rest is room for its own escaping."""
COMMENT_LIMIT = 16_000
"""Most characters of a comment that are written: what is left of 16,384 is room for the line that says who wrote it."""
FILE_NAME_LIMIT = 256
"""Most characters of an attachment's name (REST reference, "Create Attachment On Card")."""
UNTITLED = "(untitled)"
OPEN, DONE = "incomplete", "complete"
"""The states of a checklist item."""


class Ticked(Lens):
    """Whether a checklist item is ticked off: a task that is begun and not done is kept here.

    It is no `Choice`: what a configuration says of `status` is meant for cards, and could call these two nothing else.
    """

    def get(self, remote: Any) -> TaskStatus:
        """Done if it is complete, else to do."""
        return TaskStatus.DONE if remote == DONE else TaskStatus.TODO

    def put(self, value: TaskStatus, current: Any) -> str:
        """Complete if it is done."""
        del current
        return DONE if value == TaskStatus.DONE else OPEN


def lenses_of_comments_and_files() -> dict[str, Lens]:
    """Who wrote it, when, and on which card."""
    return {"author": Author("author"), "at": Moment("at"), "parent": Ref("parent", Kind.REQUIREMENT)}


REQUIREMENT = FieldMap(
    title=Text("name", limit=NAME_LIMIT, untitled=UNTITLED),
    description=RichText("desc", limit=DESC_LIMIT, apart=(BACKGROUND,)),
    background=SectionText("desc", BACKGROUND, limit=DESC_LIMIT, apart=(BACKGROUND,)),
    acceptance=Checklist("acceptance"),
    status=Choice("list", RequirementStatus),
    due=DayOfInstant("due"),
    start=DayOfInstant("start"),
    assignees=PeopleSet("members"),
    labels=LabelSet("labels", limit=NAME_LIMIT),
    custom=CustomFields("custom"),
)

TASK = FieldMap(
    title=Text("name", limit=NAME_LIMIT, untitled=UNTITLED),
    status=Ticked("state"),
    due=DayOfInstant("due"),
    assignees=OnePerson("member"),
    position=Position("pos"),
    requirement=Ref("parent", Kind.REQUIREMENT),
)

COMMENT = FieldMap(body=RichText("body", limit=COMMENT_LIMIT), **lenses_of_comments_and_files())

ATTACHMENT = FieldMap(
    name=Text("name", limit=FILE_NAME_LIMIT, untitled="file"),
    media_type=Same("media_type"),
    size=Same("size"),
    **lenses_of_comments_and_files(),
)
