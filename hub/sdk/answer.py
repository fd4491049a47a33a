"""What a service answered, and the error that an answer stands for."""

import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.errors import (
    BadAnswer,
    NotFound,
    PermissionLost,
    RateLimited,
    Refused,
    ServiceDown,
    ServiceError,
    SignInRejected,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON data; None if empty. Raises BadAnswer."""
        if not self.content:
            return None
        try:
            data = json.loads(self.content)
            return _without_lone_surrogates(data) if b"\\ud" in self.content.lower() else data
        except (ValueError, RecursionError):
            raise BadAnswer(
                f"the service answered {self.status} with something that is no JSON: {self.text[:120]!r}"
            ) from None

    def retry_after(self) -> float | None:
        """Seconds the service asks to wait, from `Retry-After` (RFC 9110 §10.2.3), if it does."""
        given = self.headers.get("retry-after", "").strip()
        if given.replace(".", "", 1).isdigit():
            return float(given)
        parsed = http_date(given)
        return max(0.0, (parsed - datetime.now(UTC)).total_seconds()) if parsed else None


def _without_lone_surrogates(data: Any) -> Any:
    """JSON may escape half a character, which no text can hold (RFC 8259 §8.2); it is shown as U+FFFD."""
    match data:
        case str():
            return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_without_lone_surrogates(each) for each in data]
        case dict():
            return {_without_lone_surrogates(k): _without_lone_surrogates(v) for k, v in data.items()}
    return data


def http_date(text: str) -> datetime | None:
    """An instant as headers write it (RFC 9110 §5.6.7); None if it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


Judge = Callable[[Answer], ServiceError | None]
"""Turns an answer into the error it stands for, or None if all is well."""


def judge(answer: Answer) -> ServiceError | None:
    """The error that an answer stands for by its status alone (RFC 9110 §15)."""
    said = answer.text.strip()[:300] or "(nothing)"
    match answer.status:
        case 401:
            return SignInRejected(f"the credentials were refused: {said}")
        case 403:
            return PermissionLost(f"not allowed: {said}")
        case 404 | 410:
            return NotFound(f"not there: {said}")
        case 429:
            return RateLimited("too many calls", retry_after=answer.retry_after())
        case 408 | 425 | 500 | 502 | 503 | 504:
            return ServiceDown(f"the service failed with {answer.status}: {said}", retry_after=answer.retry_after())
        case status if status >= 400:
            return Refused(f"refused with {status}: {said}")
    return None
