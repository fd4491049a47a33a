"""How a card shows a requirement."""

from hub.sdk import Choice, DayOfInstant, FieldMap, LabelSet, PeopleSet, RequirementStatus, RichText, Text

NAME_LIMIT = 16_384
"""Most characters of the name of a card or label (API introduction, "Cards" and "Labels")."""
DESC_LIMIT = 16_000
"""Most characters of a description that are written: Trello takes 16,384, the rest is room for its own escaping."""

REQUIREMENT = FieldMap(
    title=Text("name", limit=NAME_LIMIT, untitled="(untitled)"),
    description=RichText("desc", limit=DESC_LIMIT),
    status=Choice("list", RequirementStatus),
    due=DayOfInstant("due"),
    start=DayOfInstant("start"),
    assignees=PeopleSet("members"),
    labels=LabelSet("labels", limit=NAME_LIMIT),
)
