"""The answers Jira gives when something is wrong: its error envelope, rate limits, and failures of the machines before it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

ISSUE_MISSING = "Issue does not exist or you do not have permission to see it."
ISSUE_ABSENT = "Issue Does Not Exist"
LOGIN_NEEDED = "Client must be authenticated to access this resource."


class Problem(Exception):
    """A request that Jira refuses.

    Args:
        status: HTTP status.
        messages: Sentences about the request as a whole.
        errors: A sentence by field id.
    """

    def __init__(self, status: int, messages: Sequence[str] = (), errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, *messages)
        self.status, self.messages, self.errors = status, list(messages), dict(errors or {})

    def as_json(self) -> dict[str, Any]:
        """The `ErrorCollection` of the API."""
        return {"errorMessages": self.messages, "errors": self.errors}

    def response(self) -> Response:
        """The whole answer."""
        return answer(self.as_json(), self.status)


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer as Jira labels it."""
    return JSONResponse(body, status, headers=dict(headers or {}), media_type="application/json;charset=UTF-8")


def bad(message: str) -> Problem:
    """A 400 about the request as a whole."""
    return Problem(400, [message])


def bad_field(field: str, message: str) -> Problem:
    """A 400 about one field."""
    return Problem(400, errors={field: message})


def missing(message: str = ISSUE_MISSING) -> Problem:
    """A 404: absent, or not to be seen."""
    return Problem(404, [message])


def hidden() -> Problem:
    """Data Center's 401 for an issue that anonymous callers may not see."""
    return Problem(401, ["You do not have the permission to see the specified issue.", "Login Required"])


def rate_limited(retry_after_s: float, now: datetime) -> Response:
    """The 429 of the per-second burst limit.

    Source: developer.atlassian.com, "Rate limiting": `Retry-After` in whole seconds (0 occurs), the reset time with
    minute precision, and the reason that tells how widely to pause.
    """
    seconds = int(retry_after_s)
    reset = now + timedelta(seconds=seconds + 59)
    body = {
        "errorMessages": ["The request has been rate-limited. Please try again later."],
        "errors": {},
        "status": 429,
    }
    return answer(
        body,
        429,
        {
            "Retry-After": str(seconds),
            "X-RateLimit-Limit": "350",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%MZ"),
            "X-RateLimit-NearLimit": "true",
            "RateLimit-Reason": "jira-burst-based",
        },
    )


def failing(status: int, *, html: bool) -> Response:
    """An answer of a service that fails: JSON from Jira itself, or HTML from a machine before it."""
    headers = {"Retry-After": "5"} if status == 503 else {}
    if html:
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Something went wrong</h1></body></html>"
        return HTMLResponse(page, status, headers=headers)
    return Response(
        json.dumps({"errorMessages": ["Internal server error"], "errors": {}}), status, headers, "application/json"
    )
