"""The answers of Data Center to what it does not have, and to too many calls."""

import math

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hub_jira.sandbox.http import Call
from hub_jira.sandbox.problems import answer

_DEAD = "<html><head><title>Oops, you've found a dead link. - Jira</title></head><body></body></html>"


def absent(call: Call) -> Response:
    """What an operation of Cloud meets here."""
    return answer({"message": f"null for uri: {call.request.url}", "status-code": 404}, 404)


async def dead_link(_: Request) -> Response:
    """What every path of a version of the API meets that is not here."""
    return HTMLResponse(_DEAD, 404)


def rate_limited(retry_after_s: float, *, requests: int, per_s: float) -> Response:
    """The 429 of an empty token bucket that holds *requests*, and gets as many again every *per_s* seconds.

    Source: "Improving instance stability with rate limiting": these five headers, `retry-after` in whole seconds.
    """
    headers = {
        "X-RateLimit-Limit": str(requests),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-FillRate": str(requests),
        "X-RateLimit-Interval-Seconds": str(math.ceil(per_s)),
        "retry-after": str(math.ceil(retry_after_s)),
    }
    return answer({"message": "Rate limit exceeded."}, 429, headers)
