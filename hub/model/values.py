"""The values that canonical fields hold."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from hub.model.nothing import Nothing

Value = Any
"""A canonical value: None, str, float, date, datetime, an enum, a Person, or a frozenset, tuple or mapping of these."""


def _day(shown: Any) -> Any:
    return shown["day"] if isinstance(shown, dict) and shown.keys() == {"day"} else shown


_Day = Annotated[date, BeforeValidator(_day), PlainSerializer(lambda day: {"day": day.isoformat()}, when_used="json")]
CustomValue = str | float | bool | _Day | tuple[str, ...]
"""A value of a custom field. A day is `{"day": "2026-12-01"}` in JSON, so that it is told from a text that looks like one."""
Agreed = Value | Nothing


class RequirementType(StrEnum):
    """What a requirement asks for."""

    FEATURE = "feature"
    CHANGE = "change"
    DEFECT = "defect"
    QUESTION = "question"


class RequirementStatus(StrEnum):
    """Where a requirement stands, from first words to the client's acceptance."""

    NEW = "new"
    CLARIFYING = "clarifying"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    REVIEW = "review"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ON_HOLD = "on_hold"
    REJECTED = "rejected"


class Priority(StrEnum):
    """How urgent; defined from the highest to the lowest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class TaskStatus(StrEnum):
    """Where a task stands."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"


class Audience(StrEnum):
    """Who may see something; what is internal never reaches a client."""

    INTERNAL = "internal"
    CLIENT = "client"


class Person(BaseModel):
    """Somebody, known by e-mail or, where a service hides it, by an account of one connection.

    Two persons are equal when their identities are: a changed display name is no edit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str | None = None
    name: str = ""
    account: str | None = None
    """`CONNECTION:ACCOUNT-ID`, only when the e-mail is not known."""

    @property
    def identity(self) -> str:
        """The lower-case e-mail, else the account, else the name."""
        return (self.email or "").lower() or self.account or self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def __str__(self) -> str:
        return self.name or self.identity


class Criterion(BaseModel):
    """One acceptance criterion: what must hold, and whether it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    met: bool = False


Custom = Mapping[str, CustomValue]
