"""Every error of the hub, in one tree::

    HubError                      something a person must know; carries the connection, the record and the next step
    ├── ConfigError               hub.toml is missing, unreadable or wrong; lists every problem at once
    ├── UsageError                a command was given something that does not exist
    ├── PluginBroken              an installed plugin cannot be loaded or breaks the contract
    ├── StoreError                the hub's own database cannot be read or written
    └── ServiceError              a service, or the way to it, did not do what was asked
        ├── SignInRejected        the credentials were refused: nothing of this connection can go on
        ├── PermissionLost        the account is known but may not see or do this
        ├── NotFound              what was asked for is not there (or not visible)
        ├── Refused               the service understood and said no: final until data or config change
        │   ├── TooLarge          a file has more bytes than is allowed
        │   └── ChangedMeanwhile  somebody else was faster: nothing was done
        ├── Transient             worth trying again later
        │   ├── RateLimited       too many calls; says when to come back
        │   └── ServiceDown       5xx, network trouble, no sensible answer
        │       └── Unreachable   not even a connection: nothing was sent
        ├── AnswerLost            a write may or may not have happened
        └── BadAnswer             the service answered something that cannot be read

Data problems of one record are values (`hub.sdk.Refusal`, a hold), never exceptions.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class HubError(Exception):
    """Something a person must know about, with what to do next.

    Args:
        message: What happened, as a sentence.
        connection: The connection it happened on, if any.
        record: The record it is about (a service's id or an entity key), if any.
        fix: The next step: a command, a setting, a place to look.
    """

    def __init__(
        self, message: str, *, connection: str | None = None, record: str | None = None, fix: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.connection, self.record, self.fix = message, connection, record, fix

    def __str__(self) -> str:
        where = " ".join(part for part in (self.connection, self.record) if part)
        said = f"{where}: {self.message}" if where else self.message
        return f"{said}\n  Next: {self.fix}" if self.fix else said


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong (or doubtful) in the configuration: where it stands, what it is, how to mend it."""

    where: str
    level: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        mend = f" ({self.fix})" if self.fix else ""
        return f"{self.where}: {self.message}{mend}"


class ConfigError(HubError):
    """The configuration cannot be used; `findings` has every problem, not only the first."""

    def __init__(self, findings: Sequence[Finding], *, file: str = "hub.toml") -> None:
        self.findings = tuple(findings)
        lines = "".join(f"\n  {finding}" for finding in self.findings)
        count = len(self.findings)
        super().__init__(
            f"{file} has {count} problem{'s' if count != 1 else ''}:{lines}", fix="mend them, then run: hub check"
        )


class UsageError(HubError):
    """A command was given something that does not exist."""


class PluginBroken(HubError):
    """An installed plugin cannot be loaded, or breaks the connector contract."""


class StoreError(HubError):
    """The hub's own database cannot be read or written."""


class ServiceError(HubError):
    """A service, or the way to it, did not do what was asked."""


class SignInRejected(ServiceError):
    """The service refused the credentials of a connection."""


class PermissionLost(ServiceError):
    """The account is known, but may not see or do this."""


class NotFound(ServiceError):
    """What was asked for is not there, or not visible to this account."""


class Refused(ServiceError):
    """The service understood and said no.

    Args:
        fields: The service's words per field of the record, where it names fields.
    """

    def __init__(
        self,
        message: str,
        *,
        connection: str | None = None,
        record: str | None = None,
        fix: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, connection=connection, record=record, fix=fix)
        self.fields = fields or {}


class TooLarge(Refused):
    """A file has more bytes than a service or the configuration allows."""


class ChangedMeanwhile(Refused):
    """The record was changed since it was read, so nothing was done: it is to be judged anew."""


class Transient(ServiceError):
    """Worth trying again later, without anybody changing anything."""


class RateLimited(Transient):
    """Too many calls.

    Args:
        retry_after: Seconds the service asks to wait; a lower bound.
    """

    def __init__(self, message: str, *, connection: str | None = None, retry_after: float | None = None) -> None:
        wait = f"; wait {retry_after:.0f} s before" if retry_after else ""
        super().__init__(message, connection=connection, fix=f"it is tried again with the next sync{wait}")
        self.retry_after = retry_after


class ServiceDown(Transient):
    """The service failed, was unreachable, or gave no sensible answer."""

    def __init__(self, message: str, *, connection: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, connection=connection, fix="it is tried again with the next sync")
        self.retry_after = retry_after


class Unreachable(ServiceDown):
    """There was no connection to the service: whatever was to be sent was not, and nothing was done."""


class AnswerLost(ServiceError):
    """A write was sent and no answer came back: it may or may not have happened."""


class BadAnswer(ServiceError):
    """The service answered something that cannot be read."""
