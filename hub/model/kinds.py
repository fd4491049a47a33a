"""The kinds of entity, parents before children."""

from enum import StrEnum


class Kind(StrEnum):
    """What an entity is. The order of definition is the order in which they are written: parents first."""

    CLIENT = "client"
    CONTACT = "contact"
    REQUIREMENT = "requirement"
    TASK = "task"
    COMMENT = "comment"
    ATTACHMENT = "attachment"

    @property
    def prefix(self) -> str:
        """What the keys of this kind begin with: `REQ` of `REQ-12`."""
        return _PREFIXES[self]


_PREFIXES = {
    Kind.CLIENT: "CLI",
    Kind.CONTACT: "CON",
    Kind.REQUIREMENT: "REQ",
    Kind.TASK: "TSK",
    Kind.COMMENT: "CMT",
    Kind.ATTACHMENT: "ATT",
}
