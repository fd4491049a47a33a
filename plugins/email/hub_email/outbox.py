"""Sending, once: a copy is put down first, then the mail goes out under the same Message-ID, then the copy is marked.

Whatever breaks off in between, the next attempt finds the copy and sends the very same mail again, which the client's
server can recognise. A copy that is not marked as sent tells nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.sdk import AnswerLost, Delayed, ServiceDown, ServiceError, Setup, Unknown
from hub_email.book import Book
from hub_email.copies import SENDING, SENT, Copy, with_private, without_private
from hub_email.entry import Entry
from hub_email.mailbox import Mailbox
from hub_email.smtp import Failure, Smtp


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail that is ready to go.

    Args:
        id: Its Message-ID without brackets.
        raw: As it goes out.
        told: What it tells, for our own copy.
        in_utf8: Whether an address needs SMTPUTF8.
    """

    id: str
    raw: bytes
    copy: Copy
    told: Mapping[str, Any]
    recipients: tuple[str, ...]
    in_utf8: bool = False


class Outbox:
    """Sends parcels one after another."""

    def __init__(self, setup: Setup, mailbox: Mailbox, book: Book, smtp: Smtp) -> None:
        self._setup, self._mailbox, self._book, self._smtp = setup, mailbox, book, smtp
        self._takes_keywords: bool | None = None

    async def post(self, parcel: Parcel) -> Failure | None:
        """Send one parcel; None once it went out, now or before. Raises SignInRejected, Refused."""
        before = self._copy_of(parcel)
        if before is not None and before.copy and not before.copy.sending:
            return None
        try:
            await self._smtp.open()
            if not await self._keywords():
                return await self._send_and_keep(parcel)
            copy = await self._put_down(parcel, before)
        except ServiceDown as error:
            return Delayed(error)
        raw = await self._book.raw_copy(copy) if before is copy else None
        failure = await self._smtp.send(
            without_private(raw) if raw else parcel.raw, parcel.recipients, in_utf8=parcel.in_utf8
        )
        try:
            return await self._settle(parcel, copy, failure)
        except ServiceError as error:
            return Unknown(AnswerLost(f"a mail went out, and cannot be marked as sent: {error.message}"))

    def _copy_of(self, parcel: Parcel) -> Entry | None:
        return next((e for e in self._book.sent.entries.values() if e.id == parcel.id and e.copy), None)

    async def _keywords(self) -> bool:
        """Whether copies can be marked; asked once."""
        if self._takes_keywords is None:
            opened = await self._mailbox.open(self._book.sent.name, to_write=True)
            self._takes_keywords = opened.keywords
        return self._takes_keywords

    async def _put_down(self, parcel: Parcel, before: Entry | None) -> Entry:
        """The copy that says what is about to be sent: the one there is, or a new one where that says something else."""
        if before is not None:
            told = await self._book.told([before])
            if told.get(before.id) == parcel.told:
                return before
            await self._remove(before)
        await self._append(parcel, SENDING)
        await self._book.read_sent()
        copy = self._copy_of(parcel)
        if copy is None:
            raise ServiceDown("a copy that was put into the folder of sent mail is not there")
        return copy

    async def _append(self, parcel: Parcel, *flags: str) -> None:
        raw = with_private(parcel.raw, parcel.copy, parcel.told)
        await self._mailbox.append(self._book.sent.name, raw, ["\\Seen", *flags], self._setup.clock())

    async def _settle(self, parcel: Parcel, copy: Entry, failure: Failure | None) -> Failure | None:
        """Mark what went out; take away what did not; leave what nobody knows."""
        if isinstance(failure, Unknown):
            return failure
        if failure is not None:
            await self._remove(copy)
            return failure
        await self._mailbox.flag(self._book.sent.name, copy.uid, add=[SENT], remove=[SENDING])
        if copy.copy:
            self._book.note(replace(copy, copy=replace(copy.copy, sending=False)))
        self._book.remember_told(copy.id, dict(parcel.told))
        await self._clear(parcel)
        return None

    async def _clear(self, parcel: Parcel) -> None:
        """Take away what was put down earlier for the same purpose and never sent: there is newer news now."""
        old = [
            each
            for each in self._book.sent.entries.values()
            if each.copy
            and each.copy.sending
            and (each.copy.kind, each.copy.thread, each.copy.version, each.copy.markers)
            == (parcel.copy.kind, parcel.copy.thread, parcel.copy.version, parcel.copy.markers)
        ]
        for each in old:
            await self._remove(each)

    async def _remove(self, copy: Entry) -> None:
        await self._mailbox.remove(self._book.sent.name, copy.uid)
        self._book.drop(copy)

    async def _send_and_keep(self, parcel: Parcel) -> Failure | None:
        """Where copies cannot be marked, one is kept only of what went out."""
        failure = await self._smtp.send(parcel.raw, parcel.recipients, in_utf8=parcel.in_utf8)
        if failure is not None:
            return failure
        try:
            await self._append(parcel)
            await self._book.read_sent()
        except ServiceError as error:
            return Unknown(AnswerLost(f"a mail went out, and no copy of it can be kept: {error.message}"))
        return None

    async def close(self) -> None:
        """Let go of the outgoing server."""
        await self._smtp.close()
