"""Which canonical field is seen through which field of an issue."""

from typing import Any

from hub.sdk import (
    Choice,
    Day,
    FieldMap,
    Kind,
    KindSpec,
    LabelSet,
    OnePerson,
    Priority,
    Ref,
    RequirementStatus,
    RequirementType,
    RichText,
    TaskStatus,
    Text,
)
from hub_jira import adf
from hub_jira.config import JiraOptions

SUMMARY_LIMIT, LABEL_LIMIT = 255, 255
DESCRIPTION_LIMIT = 30_000
"""Markdown that is written: below Jira's 32,767, which counts what the text has become in its own format."""
BATCH = 200


class Adf:
    """The Atlassian Document Format, version 1."""

    name = "adf"

    def get(self, remote: Any) -> str:
        """The Markdown of a document; None is the empty text."""
        return adf.get(remote)

    def put(self, markdown: str, current: Any) -> Any:
        """A document with every block of *current* that was not edited."""
        return adf.put(markdown, current)


REQUIREMENT = FieldMap(
    title=Text("summary", limit=SUMMARY_LIMIT, untitled="(untitled)"),
    description=RichText("description", dialect=Adf(), limit=DESCRIPTION_LIMIT),
    status=Choice("status", RequirementStatus),
    type=Choice("issuetype", RequirementType),
    priority=Choice("priority", Priority, optional=True),
    due=Day("duedate"),
    assignees=OnePerson("assignee"),
    labels=LabelSet("labels", forbid=" ", limit=LABEL_LIMIT),
)
"""No `parent`: which type may stand under which is a matter of the site's hierarchy, and a wrong one is refused."""

TASK = FieldMap(
    title=Text("summary", limit=SUMMARY_LIMIT, untitled="(untitled)"),
    description=RichText("description", dialect=Adf(), limit=DESCRIPTION_LIMIT),
    status=Choice("status", TaskStatus),
    due=Day("duedate"),
    assignees=OnePerson("assignee"),
    requirement=Ref("parent", Kind.REQUIREMENT),
)

KINDS = {
    Kind.REQUIREMENT: KindSpec(REQUIREMENT, create_batch=BATCH, update_batch=BATCH, options=JiraOptions),
    Kind.TASK: KindSpec(TASK, create_batch=BATCH, update_batch=BATCH, options=JiraOptions),
}
