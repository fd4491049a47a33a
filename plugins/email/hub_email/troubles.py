"""What mail servers and the way to them answer when something is wrong, as the hub's errors."""

import ssl

import aiosmtplib
from imapclient import exceptions as imap  # type: ignore[import-untyped]

from hub.sdk import Refused, ServiceDown, ServiceError, SignInRejected

_FOR_NOW = ("UNAVAILABLE", "INUSE", "LIMIT", "THROTTL", "SERVERBUG", "TRY AGAIN", "TRY LATER", "TEMPORAR", "TOO MANY")
"""Response codes of RFC 5530, and what servers that know none write."""
_UNSAFE = "UNSAFE LOGIN"


def of_imap(error: Exception, connection: str) -> ServiceError:
    """The error that something from `Imap` stands for."""
    said = _words(error)
    passing = any(each in said.upper() for each in _FOR_NOW)
    if isinstance(error, ssl.SSLError):
        return _untrusted(error, connection, "imap")
    if isinstance(error, imap.LoginError) and not passing:
        return SignInRejected(
            f"the mailbox refused the sign-in: {said}",
            connection=connection,
            fix="check user and password; many providers want a password made for programs, or OAuth",
        )
    if _UNSAFE in said.upper():
        return SignInRejected(
            f"the mailbox is locked for programs: {said}",
            connection=connection,
            fix="allow IMAP in the mailbox's settings on the web, and use its authorisation code as the password",
        )
    if isinstance(error, OSError | imap.IMAPClientAbortError | imap.ProtocolError | EOFError) or passing:
        return ServiceDown(f"the mailbox cannot be reached: {said}", connection=connection)
    return Refused(f"the mailbox refused: {said}", connection=connection)


def is_lost(error: Exception) -> bool:
    """Whether an IMAP connection is of no more use, and another one may be."""
    return isinstance(
        error, OSError | EOFError | imap.IMAPClientAbortError | imap.ProtocolError | imap.IllegalStateError
    )


def of_smtp(error: Exception, connection: str) -> ServiceError:
    """The error that a failure before any message was handed over stands for."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) and not 400 <= error.code < 500:
        return SignInRejected(
            f"the outgoing server refused the sign-in: {error.code} {error.message}",
            connection=connection,
            fix="check user and password; at some providers SMTP has to be allowed for each mailbox",
        )
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return _untrusted(error, connection, "smtp")
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Refused(f"the outgoing server cannot do what is needed: {error.message}", connection=connection)
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500:
        return Refused(f"the outgoing server refused: {error.code} {error.message}", connection=connection)
    return ServiceDown(f"the outgoing server cannot be reached: {_words(error)}", connection=connection)


def _untrusted(error: Exception, connection: str, name: str) -> ServiceError:
    return Refused(
        f"the {name} server's certificate or encryption is not to be trusted: {_words(error)}",
        connection=connection,
        fix=f"check host and port in {name}; for a certificate of your own, name it in ca_file",
    )


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
    return " ".join(text.removeprefix("b'").removesuffix("'").split()) or type(error).__name__
