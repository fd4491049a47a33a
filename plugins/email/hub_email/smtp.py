"""Handing mails in: what became of each is sure, or said to be unsure."""

import contextlib
import ssl
from collections.abc import Sequence

import aiosmtplib

from hub.sdk import AnswerLost, Delayed, Refusal, ServiceDown, ServiceError, Setup, Unknown
from hub_email import troubles
from hub_email.config import EmailConfig
from hub_email.imap import Access
from hub_email.signing_in import SigningIn

TIMEOUT_S = 60.0
Failure = Refusal | Delayed | Unknown


class Smtp:
    """The outgoing server; a connection lasts from `open` to `close`.

    Attributes:
        messages: How many were handed in, or tried to be.
    """

    def __init__(self, setup: Setup, signing_in: SigningIn, trust: ssl.SSLContext) -> None:
        self._setup, self._signing_in, self._trust = setup, signing_in, trust
        self._config: EmailConfig = setup.config
        self._client: aiosmtplib.SMTP | None = None
        self.messages = 0

    async def open(self) -> aiosmtplib.SMTP:
        """Connect and sign in. Raises SignInRejected, Refused, ServiceDown."""
        if self._client is not None and self._client.is_connected:
            return self._client
        access = await self._signing_in.access()
        try:
            self._client = await self._signed_in(access)
        except aiosmtplib.SMTPAuthenticationError as error:
            if not access.by_token:
                raise troubles.of_smtp(error, self._setup.connection) from error
            self._client = await self._again(access)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise troubles.of_smtp(error, self._setup.connection) from error
        return self._client

    async def _again(self, refused: Access) -> aiosmtplib.SMTP:
        try:
            return await self._signed_in(await self._signing_in.access(refused))
        except (aiosmtplib.SMTPException, OSError) as error:
            raise troubles.of_smtp(error, self._setup.connection) from error

    async def _signed_in(self, access: Access) -> aiosmtplib.SMTP:
        server = self._config.smtp_server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._trust if server.tls != "none" else None,
            local_hostname=self._config.domain if self._config.domain.isascii() else "localhost",
            timeout=TIMEOUT_S,
        )
        try:
            await client.connect()
            await client.ehlo()
            await self._authenticated(client, access)
        except BaseException:
            client.close()
            raise
        return client

    async def _authenticated(self, client: aiosmtplib.SMTP, access: Access) -> None:
        """Sign in by what the server offers; one that offers nothing trusts who can reach it."""
        if not client.supports_extension("auth"):
            return
        if access.by_token:
            await client.auth_xoauth2(access.user, access.secret)
        elif "plain" in client.supported_auth_methods:
            await client.auth_plain(access.user, access.secret)
        else:
            await client.login(access.user, access.secret)

    async def close(self) -> None:
        """Say good-bye."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()

    async def send(self, raw: bytes, recipients: Sequence[str], *, in_utf8: bool = False) -> Failure | None:
        """Hand one mail in; None if the server took it for one recipient at least.

        Raises SignInRejected and Refused where the connection itself is refused.
        """
        try:
            client = await self.open()
        except ServiceDown as error:
            return Delayed(error)
        self.messages += 1
        try:
            if failed := await self._addressed(client, raw, recipients, in_utf8=in_utf8):
                return failed
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._before_it_went(error)
        try:
            await client.data(raw)
        except aiosmtplib.SMTPResponseException as error:
            return self._answered(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Unknown(AnswerLost(f"no answer came to a mail: {error}", connection=self._setup.connection))
        return None

    async def _addressed(
        self, client: aiosmtplib.SMTP, raw: bytes, recipients: Sequence[str], *, in_utf8: bool
    ) -> Failure | None:
        """Say from whom and to whom; what is wrong with all of the recipients, if all are refused."""
        largest = client.esmtp_extensions.get("size", "")
        if largest.isdigit() and 0 < int(largest) < len(raw):
            return Refusal(f"the mail has {len(raw):,} bytes, and the outgoing server takes {int(largest):,} at most")
        options = ["SMTPUTF8"] if in_utf8 else []
        encoding = "utf-8" if in_utf8 else "ascii"
        await client.mail(self._config.address, options=options, encoding=encoding)
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for recipient in recipients:
            try:
                await client.rcpt(recipient, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused.append(error)
        if len(refused) < len(recipients):
            return None
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.rset()
        worst = min(refused, key=lambda error: error.code)
        return self._answered(worst.code, worst.message)

    def _before_it_went(self, error: Exception) -> Failure:
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return self._answered(error.code, error.message)
        told: ServiceError = troubles.of_smtp(error, self._setup.connection)
        return Delayed(told) if isinstance(told, ServiceDown) else Refusal(told.message)

    def _answered(self, code: int, message: str) -> Failure:
        """4xx is for now, 5xx for good (RFC 5321 §4.2.1)."""
        said = f"{code} {' '.join(message.split())}"
        if code >= 500:
            return Refusal(f"the outgoing server refused the mail: {said}")
        return Delayed(ServiceDown(f"the outgoing server puts the mail off: {said}", connection=self._setup.connection))
