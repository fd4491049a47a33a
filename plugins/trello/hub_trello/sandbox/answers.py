"""What Trello says when it says no: mostly one line of text/plain."""

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

NOT_FOUND = "The requested resource was not found."
NO_RIGHT = "unauthorized permission requested"
NO_RIGHT_TO_CARD = "unauthorized card permission requested"


class Refusal(Exception):
    """A request that the service answers with *status* and the words *text*; newer routes do so in JSON."""

    def __init__(self, status: int, text: str, *, as_json: bool = False) -> None:
        self.status, self.text, self.as_json = status, text, as_json
        super().__init__(text)

    def response(self) -> Response:
        """The answer on the wire."""
        if self.as_json:
            return JSONResponse({"message": self.text, "error": "ERROR"}, status_code=self.status)
        return PlainTextResponse(self.text, status_code=self.status)


def invalid(name: str) -> Refusal:
    """The refusal of a bad value of parameter *name*."""
    return Refusal(400, f"invalid value for {name}")


def not_found(text: str = NOT_FOUND) -> Refusal:
    """The refusal of an object that is not there."""
    return Refusal(404, text)


def no_such_route(method: str, path: str) -> Response:
    """The page of the web framework behind the service, for a path it does not know."""
    page = f'<!DOCTYPE html>\n<html lang="en">\n<body>\n<pre>Cannot {method} {path}</pre>\n</body>\n</html>\n'
    return HTMLResponse(page, status_code=404)


def too_many_calls() -> Response:
    """The documented answer over the limit; no `Retry-After` and no rate headers are documented."""
    return JSONResponse({"error": "API_TOKEN_LIMIT_EXCEEDED", "message": "Rate limit exceeded"}, status_code=429)


def failure(status: int) -> Response:
    """A failure with *status*: the proxy's HTML page for gateway errors, else a line of text (wording UNVERIFIED)."""
    reasons = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Time-out"}
    if reason := reasons.get(status):
        page = f"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n</body>\r\n</html>\r\n"
        return HTMLResponse(page, status_code=status)
    texts = {401: "invalid token", 404: NOT_FOUND, 449: "sub-request failed", 500: "Internal Server Error"}
    return PlainTextResponse(texts.get(status, "error"), status_code=status)
