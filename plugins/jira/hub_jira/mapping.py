"""Which canonical field is seen through which field of a record."""

from typing import Any

from hub.sdk import (
    ACCEPTANCE,
    BACKGROUND,
    Author,
    Choice,
    CustomFields,
    Day,
    Dialect,
    FieldMap,
    Heading,
    Kind,
    KindSpec,
    LabelSet,
    Moment,
    Number,
    OnePerson,
    Operation,
    Priority,
    Ref,
    RequirementStatus,
    RequirementType,
    RichText,
    Same,
    SectionItems,
    SectionText,
    TaskStatus,
    TellsReplaced,
    Text,
)
from hub_jira.config import AttachmentOptions, CommentOptions, JiraOptions, RequirementOptions
from hub_jira.dialects import Adf, Listed
from hub_jira.shape import CUSTOM, ESTIMATE

SUMMARY_LIMIT, LABEL_LIMIT = 255, 255
TEXT_LIMIT = 30_000
"""Markdown that is written: below Jira's 32,767, which counts what the text has become in its own format."""
BATCH, SMALL_BATCH = 200, 50
SECONDS_OF_HOUR = 3600


def requirement(dialect: Dialect, options: RequirementOptions) -> FieldMap:
    """Of issues that are requirements. No `parent`: which type may stand under which is a matter of the site's hierarchy."""
    sections = (
        *(() if options.background else (BACKGROUND,)),
        *(() if options.acceptance else (ACCEPTANCE,)),
    )
    mapping = FieldMap(
        title=Text("summary", limit=SUMMARY_LIMIT, untitled="(untitled)"),
        description=RichText("description", dialect=dialect, limit=TEXT_LIMIT, apart=sections),
        background=_background(dialect, options, sections),
        acceptance=_acceptance(dialect, options, sections),
        status=Choice("status", RequirementStatus),
        type=Choice("issuetype", RequirementType),
        priority=Choice("priority", Priority, optional=True),
        due=Day("duedate"),
        assignees=OnePerson("assignee"),
        labels=LabelSet("labels", forbid=" ", limit=LABEL_LIMIT),
        custom=CustomFields(CUSTOM),
    )
    mapping = mapping.plus(start=Day(options.start)) if options.start else mapping
    return mapping.plus(estimate_hours=Number(ESTIMATE, per=SECONDS_OF_HOUR)) if options.estimate else mapping


def _background(dialect: Dialect, options: RequirementOptions, sections: tuple[Heading, ...]) -> RichText | SectionText:
    if options.background:
        return RichText(options.background, dialect=dialect, limit=TEXT_LIMIT)
    return SectionText("description", BACKGROUND, dialect=dialect, limit=TEXT_LIMIT, apart=sections)


def _acceptance(dialect: Dialect, options: RequirementOptions, sections: tuple[Heading, ...]) -> SectionItems:
    if options.acceptance:
        listed, alone = Listed(dialect, ACCEPTANCE.english), (ACCEPTANCE,)
        return SectionItems(options.acceptance, ACCEPTANCE, dialect=listed, limit=TEXT_LIMIT, apart=alone)
    return SectionItems("description", ACCEPTANCE, dialect=dialect, limit=TEXT_LIMIT, apart=sections)


def task(dialect: Dialect) -> FieldMap:
    """Of sub-tasks. No `position`: their order can be seen in Jira, and not be set."""
    return FieldMap(
        title=Text("summary", limit=SUMMARY_LIMIT, untitled="(untitled)"),
        description=RichText("description", dialect=dialect, limit=TEXT_LIMIT),
        status=Choice("status", TaskStatus),
        due=Day("duedate"),
        assignees=OnePerson("assignee"),
        requirement=Ref("parent", Kind.REQUIREMENT),
    )


def comment(dialect: Dialect) -> FieldMap:
    """Of comments: `{"body", "author", "at", "parent"}`."""
    return FieldMap(
        body=RichText("body", dialect=dialect, limit=TEXT_LIMIT),
        author=Author("author"),
        at=Moment("at"),
        parent=Ref("parent", Kind.REQUIREMENT, Kind.TASK),
    )


ATTACHMENT = FieldMap(
    name=Text("name", limit=255),
    media_type=Same("media_type"),
    size=Same("size"),
    author=Author("author"),
    at=Moment("at"),
    parent=Ref("parent", Kind.REQUIREMENT, Kind.TASK),
)
"""`{"name", "media_type", "size", "author", "at", "parent"}`."""


def mapping_of(kind: Kind, dialect: Dialect, options: Any = None) -> FieldMap:
    """The lenses of *kind* in an edition with this *dialect*."""
    match kind:
        case Kind.REQUIREMENT:
            return requirement(dialect, options if isinstance(options, RequirementOptions) else RequirementOptions())
        case Kind.TASK:
            return task(dialect)
        case Kind.COMMENT:
            return comment(dialect)
    return ATTACHMENT


_KEPT = frozenset({Operation.READ, Operation.CREATE, Operation.DELETE})
KINDS = {
    Kind.REQUIREMENT: KindSpec(
        mapping_of(Kind.REQUIREMENT, Adf()),
        create_batch=BATCH,
        update_batch=BATCH,
        options=RequirementOptions,
        tells_replaced=TellsReplaced.AT_ONCE,
    ),
    Kind.TASK: KindSpec(
        mapping_of(Kind.TASK, Adf()),
        create_batch=BATCH,
        update_batch=BATCH,
        options=JiraOptions,
        tells_replaced=TellsReplaced.AT_ONCE,
    ),
    Kind.COMMENT: KindSpec(
        mapping_of(Kind.COMMENT, Adf()), create_batch=SMALL_BATCH, update_batch=SMALL_BATCH, options=CommentOptions
    ),
    Kind.ATTACHMENT: KindSpec(ATTACHMENT, _KEPT, create_batch=10, options=AttachmentOptions),
}
"""What holds whatever a connection says; `mapping_of` says it for its edition and options."""
