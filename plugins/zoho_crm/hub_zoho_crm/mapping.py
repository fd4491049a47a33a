"""Which canonical field is seen through which field of a record."""

from collections.abc import Mapping

from pydantic import BaseModel

from hub.sdk import (
    ACCEPTANCE,
    BACKGROUND,
    Author,
    Choice,
    CustomFields,
    Day,
    FieldMap,
    Kind,
    KindSettings,
    KindSpec,
    LabelSet,
    Lens,
    Moment,
    Number,
    OnePerson,
    Operation,
    Owner,
    Position,
    Priority,
    Ref,
    RequirementStatus,
    RequirementType,
    RichText,
    Same,
    SectionItems,
    SectionText,
    TaskStatus,
    Text,
    Vocabulary,
)
from hub_zoho_crm.config import ClientOptions, ContactOptions, RequirementOptions, TaskOptions
from hub_zoho_crm.layouts import CUSTOM_VALUES, Layout, layout_of
from hub_zoho_crm.lenses import Domain, PersonName
from hub_zoho_crm.texts import NOTE_LIMIT, TEXT_LIMIT, Note, PlainText

BATCH = 100
"""Most records of one request."""
LINE_LIMIT, SUBJECT_LIMIT, NAME_LIMIT, TAG_LIMIT = 120, 255, 200, 25
LARGEST_FILE = 20_000_000
TASK_STATUS = Vocabulary(
    {
        "todo": ("Not Started", "Deferred"),
        "doing": ("In Progress", "Waiting for input"),
        "done": ("Completed",),
    }
)
"""What Tasks are called by until an administrator changes it."""


def client(layout: Layout) -> FieldMap:
    """The lenses of accounts."""
    names = layout.fields
    lenses: dict[str, Lens] = {"name": Text(names.get("name", "Account_Name"), limit=NAME_LIMIT, untitled="(unnamed)")}
    if "domain" in names:
        lenses["domain"] = Domain(names["domain"])
    lenses |= {name: Same(names[name]) for name in ("phone", "tier") if name in names}
    if "owner" in names:
        lenses["owner"] = Owner(names["owner"])
    if "description" in names:
        lenses["description"] = RichText(names["description"], dialect=PlainText(), limit=TEXT_LIMIT)
    return FieldMap(**lenses, custom=CustomFields(CUSTOM_VALUES))


def contact(layout: Layout) -> FieldMap:
    """The lenses of contacts."""
    names = layout.fields
    lenses: dict[str, Lens] = {"name": PersonName(names["name"])}
    lenses |= {name: Same(names[name]) for name in ("email", "phone", "role") if name in names}
    if "client" in names:
        lenses["client"] = Ref(names["client"], Kind.CLIENT)
    return FieldMap(**lenses)


def requirement(layout: Layout) -> FieldMap:
    """The lenses of the module whose records are requirements."""
    names = layout.fields
    lenses = _texts(layout)
    choices = (("status", RequirementStatus, False), ("type", RequirementType, False), ("priority", Priority, True))
    for name, values, optional in choices:
        if name in names:
            lenses[name] = Choice(names[name], values, optional=optional)
    lenses |= {name: Day(names[name]) for name in ("due", "start") if name in names}
    if "estimate_hours" in names:
        lenses["estimate_hours"] = Number(names["estimate_hours"])
    kinds = {"client": Kind.CLIENT, "requester": Kind.CONTACT, "parent": Kind.REQUIREMENT}
    lenses |= {name: Ref(names[name], kind) for name, kind in kinds.items() if name in names}
    if "assignees" in names:
        lenses["assignees"] = OnePerson(names["assignees"])
    if "labels" in names:
        lenses["labels"] = LabelSet(names["labels"], forbid=",", limit=TAG_LIMIT)
    return FieldMap(**lenses, custom=CustomFields(CUSTOM_VALUES))


def task(layout: Layout) -> FieldMap:
    """The lenses of tasks."""
    names = layout.fields
    lenses: dict[str, Lens] = {"title": Text(names["title"], limit=_title_limit(layout), untitled="(untitled)")}
    if "description" in names:
        lenses["description"] = RichText(names["description"], dialect=PlainText(), limit=TEXT_LIMIT)
    if "status" in names:
        lenses["status"] = Choice(names["status"], TaskStatus, names=TASK_STATUS)
    if "due" in names:
        lenses["due"] = Day(names["due"])
    if "assignees" in names:
        lenses["assignees"] = OnePerson(names["assignees"])
    if "position" in names:
        lenses["position"] = Position(names["position"])
    return FieldMap(**lenses, requirement=Ref(names["requirement"], Kind.REQUIREMENT))


def _texts(layout: Layout) -> dict[str, Lens]:
    """Title and long texts: what has no field of its own is a section of the description."""
    names = layout.fields
    lenses: dict[str, Lens] = {"title": Text(names["title"], limit=_title_limit(layout), untitled="(untitled)")}
    body = names.get("description")
    sections = {"background": BACKGROUND, "acceptance": ACCEPTANCE}
    inside = tuple(heading for name, heading in sections.items() if name not in names)
    if body:
        lenses["description"] = RichText(body, dialect=PlainText(), limit=TEXT_LIMIT, apart=inside)
    if "background" in names:
        lenses["background"] = RichText(names["background"], dialect=PlainText(), limit=TEXT_LIMIT)
    elif body:
        lenses["background"] = SectionText(body, BACKGROUND, dialect=PlainText(), limit=TEXT_LIMIT, apart=inside)
    if "acceptance" in names:
        own = names["acceptance"]
        lenses["acceptance"] = SectionItems(own, ACCEPTANCE, dialect=PlainText(), limit=TEXT_LIMIT, apart=(ACCEPTANCE,))
    elif body:
        lenses["acceptance"] = SectionItems(body, ACCEPTANCE, dialect=PlainText(), limit=TEXT_LIMIT, apart=inside)
    return lenses


def _title_limit(layout: Layout) -> int:
    return SUBJECT_LIMIT if layout.module in {"Cases", "Tasks"} else LINE_LIMIT


COMMENT = FieldMap(
    body=RichText("body", dialect=Note(), limit=NOTE_LIMIT),
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
    parent=Ref("parent", Kind.REQUIREMENT),
)
_OF_LAYOUT = {Kind.CLIENT: client, Kind.CONTACT: contact, Kind.REQUIREMENT: requirement, Kind.TASK: task}
_FIXED = {Kind.COMMENT: COMMENT, Kind.ATTACHMENT: ATTACHMENT}


def mapping_of(kind: Kind, kinds: Mapping[Kind, KindSettings]) -> FieldMap:
    """The lenses of a kind as a connection's configuration wants them."""
    return _OF_LAYOUT[kind](layout_of(kind, kinds)) if kind in _OF_LAYOUT else _FIXED[kind]


def _as_installed(kind: Kind) -> FieldMap:
    """The lenses of a kind without a configuration, but with every vocabulary that one may give."""
    plain = mapping_of(kind, {})
    if kind is not Kind.REQUIREMENT:
        return plain
    return plain.plus(priority=Choice("Priority", Priority, optional=True))


TAGS = frozenset({"Tag"})


def _held(kind: Kind, options: type[BaseModel]) -> KindSpec:
    """Zoho refuses what was changed since `Record.at` itself; but tags are added and removed by what they are there."""
    return KindSpec(
        _as_installed(kind), create_batch=BATCH, update_batch=BATCH, conditional=True, looks_for=TAGS, options=options
    )


KINDS = {
    Kind.CLIENT: _held(Kind.CLIENT, ClientOptions),
    Kind.CONTACT: _held(Kind.CONTACT, ContactOptions),
    Kind.REQUIREMENT: _held(Kind.REQUIREMENT, RequirementOptions),
    Kind.TASK: _held(Kind.TASK, TaskOptions),
    Kind.COMMENT: KindSpec(COMMENT, create_batch=BATCH, update_batch=BATCH),
    Kind.ATTACHMENT: KindSpec(
        ATTACHMENT,
        frozenset({Operation.READ, Operation.CREATE, Operation.DELETE}),
        create_batch=20,
        largest=LARGEST_FILE,
    ),
}
