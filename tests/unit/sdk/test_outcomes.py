"""What an error means for one record of a batch."""

import httpx
import pytest

from hub.errors import HubError
from hub.sdk import (
    AnswerLost,
    BadAnswer,
    ChangedMeanwhile,
    Delayed,
    Http,
    Network,
    NotFound,
    Outcome,
    PermissionLost,
    RateLimited,
    Record,
    Refusal,
    Refused,
    ServiceDown,
    ServiceError,
    SignInRejected,
    Unknown,
    Unreachable,
    outcome_of,
    stop_if_signed_out,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("no"), Refusal),
        (NotFound("gone"), Refusal),
        (PermissionLost("not yours"), Refusal),
        (ChangedMeanwhile("somebody was faster"), Delayed),
        (Unreachable("no way there"), Delayed),
        (RateLimited("slowly"), Delayed),
        (SignInRejected("who?"), Delayed),
        (ServiceDown("503"), Unknown),
        (AnswerLost("silence"), Unknown),
        (BadAnswer("<html>"), Unknown),
    ],
)
def test_only_what_surely_was_not_done_is_refused_or_put_off(error: ServiceError, kind: type[Outcome]) -> None:
    assert isinstance(outcome_of(error), kind)


@pytest.mark.parametrize("error", [Unreachable("no way there"), RateLimited("slowly"), SignInRejected("who?")])
def test_what_was_done_in_part_is_not_put_off_as_if_nothing_had_been_done(error: ServiceError) -> None:
    assert outcome_of(error, Record("1", {"status": "half the way"})) == Unknown(error)


def test_an_error_that_is_about_no_record_is_raised() -> None:
    with pytest.raises(ServiceError):
        outcome_of(ServiceError("something else"))


async def test_who_has_no_connection_has_sent_nothing() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    async def at_once(_seconds: float) -> None: ...

    http = Http("crm", "http://crm.test", Network(httpx.MockTransport(refused), sleep=at_once, attempts=2))
    with pytest.raises(HubError) as raised:
        await http.call("POST", "/records")
    await http.close()
    assert isinstance(raised.value, Unreachable)


def test_credentials_stop_a_batch_only_where_nothing_of_it_was_done() -> None:
    out = Delayed(SignInRejected("expired"))
    stop_if_signed_out([None, out])
    stop_if_signed_out([])
    with pytest.raises(SignInRejected):
        stop_if_signed_out([out, out, Refusal("no")])
