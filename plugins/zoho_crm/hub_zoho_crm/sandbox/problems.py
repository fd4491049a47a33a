"""The answers Zoho gives when something is wrong: its envelope, at the top of an answer or for one row of it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

Json = dict[str, Any]


class Problem(Exception):
    """A request, or one row of it, that Zoho refuses.

    Args:
        status: HTTP status of a request that is refused for this.
        code: Zoho's own word, such as INVALID_DATA.
        details: Where and what, by Zoho's names.
    """

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.details = status, code, message, dict(details or {})

    def as_json(self) -> Json:
        """The envelope."""
        return {"code": self.code, "details": self.details, "message": self.message, "status": "error"}

    def response(self) -> Response:
        """The whole answer."""
        return answer(self.as_json(), self.status)


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer as Zoho labels it."""
    return JSONResponse(body, status, headers=dict(headers or {}), media_type="application/json;charset=UTF-8")


def empty(status: int = 204) -> Response:
    """An answer without a body: 204 where there are no records, 304 where none has changed."""
    return Response(status_code=status)


def invalid(message: str = "invalid data", **details: Any) -> Problem:
    """A 400 INVALID_DATA."""
    return Problem(400, "INVALID_DATA", message, details)


def invalid_id(**details: Any) -> Problem:
    """A 400 for an id that never was one of this module."""
    return invalid("the id given seems to be invalid", **details)


def invalid_module(**details: Any) -> Problem:
    """A 400 for a module that is not there; without *details*, one of the path."""
    found = details or {"resource_path_index": 0}
    return Problem(400, "INVALID_MODULE", "The module name given seems to be invalid", found)


def invalid_url() -> Problem:
    """A 404 for an address that means nothing."""
    return Problem(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")


def missing_parameter(name: str) -> Problem:
    """A 400 for a query parameter that is required."""
    return Problem(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {"param_name": name})


def missing_key(name: str, path: str) -> Problem:
    """A 400 for a key of the body, or a field, that is required."""
    return Problem(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": name, "json_path": path})


def bad_parameter(name: str, **details: Any) -> Problem:
    """A 400 for a query parameter that cannot be read."""
    found = {"param_name": name, **details}
    return Problem(400, "PATTERN_NOT_MATCHED", "Please check whether the input values are correct", found)


def limit_exceeded(message: str, **details: Any) -> Problem:
    """A 400 for too many of something."""
    return Problem(400, "LIMIT_EXCEEDED", message, details)


def invalid_token() -> Problem:
    """The 401 for an access token that is wrong, expired or absent."""
    return Problem(401, "INVALID_TOKEN", "invalid oauth token")


def too_many_requests() -> Response:
    """The 429: for concurrency and for credits alike, and without any header that says when to come back."""
    message = "You have made too many requests. Please try again after some time."
    return Problem(429, "TOO_MANY_REQUESTS", message).response()


_FAILURES = {
    500: ("INTERNAL_ERROR", "Internal Server Error"),
    502: ("BAD_GATEWAY", "Bad Gateway"),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable"),
}


def failing(status: int) -> Response:
    """An answer of a service that fails."""
    code, message = _FAILURES.get(status, _FAILURES[500])
    return Problem(status, code, message).response()
