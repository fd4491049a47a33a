"""What became of the writes of a batch, in the words of the contract."""

from collections.abc import Iterable

from hub.errors import (
    AnswerLost,
    BadAnswer,
    ChangedMeanwhile,
    NotFound,
    PermissionLost,
    Refused,
    ServiceDown,
    ServiceError,
    SignInRejected,
    Transient,
    Unreachable,
)
from hub.sdk.records import Delayed, Outcome, Record, Refusal, Unknown


def outcome_of(error: ServiceError, shown: Record | None = None) -> Outcome:
    """The outcome that *error* is for one record; *shown* is what it shows now if a part was done.

    Refused credentials are a delay here: `stop_if_signed_out` tells them once all outcomes are known. What was done in
    part and put off is no delay, which would mean that nothing was done: it is looked at. An error that is none of one
    record's is raised again.
    """
    outcome = _outcome_of(error, shown)
    return Unknown(error) if shown and isinstance(outcome, Delayed) else outcome


def _outcome_of(error: ServiceError, shown: Record | None) -> Outcome:
    match error:
        case ChangedMeanwhile():
            return Delayed(error)
        case Refused():
            return Refusal(error.message, dict(error.fields), shown)
        case NotFound() | PermissionLost():
            return Refusal(error.message, {}, shown)
        case Unreachable():
            return Delayed(error)
        case AnswerLost() | ServiceDown() | BadAnswer():
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
