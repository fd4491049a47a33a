"""The connector: a mailbox as a spoke. Its copy of a requirement is what the client was last told."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from hub.sdk import (
    Absence,
    Audience,
    Connector,
    Cursor,
    Description,
    Draft,
    Identity,
    Kind,
    Outcome,
    Page,
    Patch,
    Record,
    Refusal,
    Refused,
    Sandbox,
    Setup,
    Written,
)
from hub_email.book import Book
from hub_email.composing import check
from hub_email.config import AttachmentOptions, EmailConfig
from hub_email.describing import FIELDS
from hub_email.downloading import Downloading
from hub_email.letters import Letters
from hub_email.looking import Looking
from hub_email.mailbox import Mailbox
from hub_email.mapping import KINDS, LARGEST
from hub_email.outbox import Outbox
from hub_email.saying import Saying
from hub_email.signing_in import SigningIn
from hub_email.smtp import Smtp
from hub_email.telling import Telling

FIXED = "a mail that was sent cannot be changed"


class EmailConnector(Connector):
    """One mailbox, read over IMAP and written over SMTP."""

    name = "email"
    audience = Audience.CLIENT
    Config = EmailConfig
    kinds = KINDS

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._config: EmailConfig = setup.config
        options = settings.options if (settings := setup.kinds.get(Kind.ATTACHMENT)) else None
        self._largest = int(options.largest_mb * 1_000_000) if isinstance(options, AttachmentOptions) else LARGEST
        own = {**KINDS, Kind.ATTACHMENT: replace(KINDS[Kind.ATTACHMENT], largest=self._largest)}
        vars(self)["kinds"] = own  # the limit is this connection's own
        trust = ssl.create_default_context(cafile=self._ca_file())
        self._signing_in = SigningIn(setup)
        self._mailbox = Mailbox(setup, self._signing_in, trust)
        self._smtp = Smtp(setup, self._signing_in, trust)
        self._book = Book(setup, self._mailbox)
        self._looking = Looking(setup, self._book)
        letters, outbox = Letters(setup, self._looking), Outbox(setup, self._mailbox, self._book, self._smtp)
        self._telling = Telling(setup, self._looking, letters, outbox)
        self._saying = Saying(setup, self._looking, letters, outbox)
        self._downloading = Downloading(setup, self._mailbox, self._looking)

    def _ca_file(self) -> str | None:
        return str(self.setup.folder / self._config.ca_file) if self._config.ca_file else None

    @property
    def calls(self) -> int:
        """How many commands of IMAP read or wrote mails, how many mails went out, how many tokens were fetched."""
        return self._mailbox.commands + self._smtp.messages + self._signing_in.calls

    async def open(self) -> Identity:
        """Sign in to IMAP and look for the folders. Raises SignInRejected, Refused, ServiceDown."""
        self._check_templates()
        self._book.look_again()
        await self._mailbox.sent()
        return Identity(self._looking.records.account, f"{self._config.address}/{self._config.inbox}")

    def _check_templates(self) -> None:
        folder = self._config.templates
        problems = check(self.setup.folder / folder) if folder else ()
        if problems:
            said = "\n  ".join(f"{p.file}{f', line {p.line}' if p.line else ''}: {p.message}" for p in problems)
            raise Refused(
                f"the templates cannot be used:\n  {said}", connection=self.setup.connection, fix=problems[0].fix
            )

    async def describe(self) -> Description:
        """The fields that a mailbox tells, with their choices; signs in to SMTP too, so that mistakes show early."""
        await self._smtp.open()
        await self._smtp.close()
        return Description(fields=FIELDS)

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What came since *cursor*; one command for all kinds together if nothing did."""
        async for page in self._looking.changes(kind, cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """How things are now; what was put into another folder is MOVED, and nothing is ever DELETED."""
        return await self._looking.fetch(kind, ids) if ids else {}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Contacts are only taken note of; everything else is mailed."""
        if kind is Kind.CONTACT:
            return [self._contact(draft) for draft in drafts]
        if not drafts:
            return []
        try:
            if kind is Kind.REQUIREMENT:
                return await self._telling.create(drafts)
            if kind is Kind.COMMENT:
                return await self._saying.comments(drafts)
            return await self._saying.attachments(drafts, self._largest)
        finally:
            await self._smtp.close()

    def _contact(self, draft: Draft) -> Outcome:
        address = str(draft.fields.get("email") or "").strip().lower()
        if "@" not in address:
            return Refusal("a contact without an e-mail address cannot be written to")
        return Written(self._looking.named(address, str(draft.fields.get("name") or "")))

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """A mail for each requirement; a contact's name is only taken note of; what was mailed stays as it was."""
        if kind is Kind.CONTACT:
            return [Written(self._looking.named(p.id, str(p.fields.get("name") or ""))) for p in patches]
        if kind is not Kind.REQUIREMENT:
            return [Refusal(FIXED) for _ in patches]
        if not patches:
            return []
        try:
            return await self._telling.update(patches)
        finally:
            await self._smtp.close()

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """By the markers of our own copies. What nobody knows to have gone out is sent again, under the same id."""
        del since
        return await self._looking.find(kind, drafts) if drafts else {}

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment."""
        async for piece in self._downloading.download(remote):
            yield piece

    async def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until something new comes (RFC 2177); False if nothing did for so many seconds, nine minutes at most."""
        return await self._mailbox.wait(timeout_s)

    async def close(self) -> None:
        """Let go of connections."""
        await self._smtp.close()
        await self._mailbox.close()
        await self._signing_in.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0, edition: str = "") -> Sandbox | None:
        """A local mail provider with the hub's box, a colleague's and a client's."""
        del edition
        from hub_email.sandbox import MailSandbox  # noqa: PLC0415 - only who asks for it pays for it

        return MailSandbox(seed=seed)
