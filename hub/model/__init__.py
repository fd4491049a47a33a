"""The canonical model: what a client, a contact, a requirement, a task, a comment and an attachment are.

Pure data; no I/O, no clock. Everything else of the hub speaks in these words.
"""

from hub.model.data import frozen
from hub.model.entities import (
    Attachment,
    Client,
    Comment,
    Contact,
    Entity,
    Requirement,
    Stamp,
    Task,
    defaults_of,
    entity_class,
)
from hub.model.fields import PLAIN, Field, Merge, as_it_is, fields_of
from hub.model.kinds import Kind
from hub.model.nothing import NOTHING, Nothing
from hub.model.values import (
    Audience,
    Criterion,
    Person,
    Priority,
    RequirementStatus,
    RequirementType,
    TaskStatus,
    Value,
)

__all__ = [
    "NOTHING",
    "PLAIN",
    "Attachment",
    "Audience",
    "Client",
    "Comment",
    "Contact",
    "Criterion",
    "Entity",
    "Field",
    "Kind",
    "Merge",
    "Nothing",
    "Person",
    "Priority",
    "Requirement",
    "RequirementStatus",
    "RequirementType",
    "Stamp",
    "Task",
    "TaskStatus",
    "Value",
    "as_it_is",
    "defaults_of",
    "entity_class",
    "fields_of",
    "frozen",
]
