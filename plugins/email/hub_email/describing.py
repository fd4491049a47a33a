"""What there is in a mailbox, for `hub init` and `hub check`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hub.sdk import Audience, FieldInfo, Kind, RequirementStatus, RequirementType


def _choices(name: str, label: str, choices: type[StrEnum]) -> FieldInfo:
    return FieldInfo(name, label, "choice", tuple(each.value for each in choices))


_AUTHOR, _AT = FieldInfo("author", "Author", "person"), FieldInfo("at", "Sent", "moment")
_PARENT, _AUDIENCE = FieldInfo("parent", "Thread", "reference"), _choices("audience", "Audience", Audience)

FIELDS: Final[Mapping[Kind, tuple[FieldInfo, ...]]] = {
    Kind.CLIENT: (FieldInfo("name", "Name"), FieldInfo("domain", "Domain", required=True)),
    Kind.CONTACT: (
        FieldInfo("name", "Name"),
        FieldInfo("email", "Address", required=True),
        FieldInfo("client", "Domain", "reference"),
    ),
    Kind.REQUIREMENT: (
        FieldInfo("title", "Subject"),
        FieldInfo("description", "Text", "markdown"),
        _choices("status", "Status", RequirementStatus),
        _choices("type", "Type", RequirementType),
        FieldInfo("due", "Due date", "day"),
        FieldInfo("start", "Start date", "day"),
        FieldInfo("client", "Client", "reference"),
        FieldInfo("requester", "Requester", "reference", required=True),
    ),
    Kind.COMMENT: (FieldInfo("body", "Text", "markdown", required=True), _AUTHOR, _AT, _PARENT, _AUDIENCE),
    Kind.ATTACHMENT: (
        FieldInfo("name", "Name", required=True),
        FieldInfo("media_type", "Media type"),
        FieldInfo("size", "Size", "number"),
        _AUTHOR,
        _AT,
        _PARENT,
        _AUDIENCE,
    ),
}
"""By kind: the fields of its records."""
