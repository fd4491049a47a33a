"""What became of calls, in the words of the contract."""

from collections.abc import Iterable

from hub.sdk import (
    AnswerLost,
    BadAnswer,
    Delayed,
    NotFound,
    Outcome,
    PermissionLost,
    Record,
    Refusal,
    Refused,
    ServiceDown,
    ServiceError,
    SignInRejected,
    Transient,
    Unknown,
)
from hub_jira.client import Conflict


def outcome_of(error: ServiceError, shown: Record | None = None) -> Outcome:
    """The outcome that *error* is for one record; *shown* is what it shows now if a part was done.

    Refused credentials are a delay here: `stop_if_signed_out` tells them once all outcomes are known.
    """
    match error:
        case Conflict():
            return Delayed(error)
        case Refused():
            return Refusal(error.message, dict(error.fields), shown)
        case NotFound() | PermissionLost():
            return Refusal(error.message, {}, shown)
        case AnswerLost() | ServiceDown() | BadAnswer() if not _never_done(error):
            return Unknown(error)
        case Transient() | SignInRejected():
            return Delayed(error)
    raise error


def stop_if_signed_out(outcomes: Iterable[Outcome | None]) -> None:
    """Raise SignInRejected if it is all that came of a batch: what was done must be told, and the next call will raise."""
    given = list(outcomes)
    refused = [o.error for o in given if isinstance(o, Delayed) and isinstance(o.error, SignInRejected)]
    if refused and len(refused) == len([o for o in given if not isinstance(o, Refusal)]):
        raise refused[0]


def _never_done(error: ServiceError) -> bool:
    """A service that could not be reached at all has done nothing."""
    return isinstance(error, ServiceDown) and error.message.startswith("cannot be reached")
