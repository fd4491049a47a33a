"""Records of what a mailbox holds. Pure: mails and threads in, records out."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from hub.sdk import Account, Audience, Record, RequirementStatus, RequirementType, Touch
from hub_email.config import EmailConfig
from hub_email.domains import company_name
from hub_email.entry import Entry
from hub_email.people import Who
from hub_email.reading import Address, Bounce, Mail, Part
from hub_email.threads import Threads

TOLD: Final = ("title", "description", "status", "type", "due", "start", "client", "requester")
"""The fields of a requirement's record."""
SMALL_PICTURE: Final = 20_000
"""Bytes up to which a picture in the text is a logo in somebody's signature."""
TINY: Final = 200
"""Bytes up to which a picture is one that only tells its sender that it was looked at."""
SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
LONGEST_TITLE: Final = 100
"""Characters of a title that is taken from the text, where a mail has no subject."""

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """Makes records for one connection."""

    config: EmailConfig
    threads: Threads

    @property
    def _who(self) -> Who:
        return Who(self.config)

    # Clients and contacts.

    def client(self, domain: str) -> Record:
        """The company with a domain."""
        fields = {"name": company_name(domain), "domain": domain}
        return Record(domain, fields, version=_version(fields), key=domain)

    def contact(self, address: str, name: str = "") -> Record:
        """The person with an address."""
        fields = {"name": name or address.partition("@")[0], "email": address, "client": self._who.client_of(address)}
        return Record(address, fields, version=_version(fields), key=address)

    def contacts(self) -> Mapping[str, str]:
        """Everybody who wrote, as far as that is believed, by address: the latest name they gave themselves."""
        found: dict[str, str] = {}
        for entry in self.threads.people:
            if entry.believed and entry.sender:
                address = entry.sender.email.lower()
                found[address] = entry.sender.name or found.get(address, "")
        return found

    # Requirements.

    def asked(self, entry: Entry, mail: Mail) -> Fields:
        """What a mail asks for, before anybody was told anything. Of who is not believed, nothing is owed an answer."""
        whole = entry.subject != entry.bare_subject or bool(entry.references)
        text = (mail.whole if whole else mail.text) or mail.whole
        believed = entry.believed
        sender = entry.sender.email.lower() if entry.sender and believed else None
        return {
            "title": entry.bare_subject or _beginning(text),
            "description": text,
            "status": None if believed else RequirementStatus.NEW.value,
            "type": None if believed else RequirementType.FEATURE.value,
            "due": None,
            "start": None,
            "client": self._who.client_of(sender) if sender else None,
            "requester": sender,
        }

    def requirement(self, thread: str, fields: Mapping[str, Any], touched: Touch | None, marker: str | None) -> Record:
        """A requirement that shows *fields*."""
        shown = {name: fields.get(name) for name in TOLD}
        return Record(
            thread,
            shown,
            version=_version(shown),
            key=str(shown["title"] or "")[:60] or None,
            url=link(thread),
            touched=touched,
            marker=marker,
        )

    # Comments.

    def reply(self, entry: Entry, mail: Mail) -> Record | None:
        """What somebody wrote in a thread; None where they wrote no words."""
        if not mail.text.strip():
            return None
        sender = entry.sender or Address("")
        fields = {
            "body": mail.text,
            "author": _author(entry, sender),
            "at": _instant(entry.at),
            "parent": self.threads.thread_of(entry),
            "audience": self._audience(entry),
        }
        return Record(entry.id, fields, version=_version(fields), url=link(entry.id), touched=touch_of(entry))

    def _audience(self, entry: Entry) -> str:
        """Clients know what they wrote, and what colleagues wrote to them; nobody else's word goes out."""
        if not entry.believed or (self._who.is_colleague(entry.sender) and not self._who.sees(entry.to)):
            return Audience.INTERNAL.value
        return Audience.CLIENT.value

    def failure(self, entry: Entry, bounce: Bounce) -> Record | None:
        """What a report says of a mail of ours that did not arrive; None if it is about something else."""
        original = self.threads.copies.get(bounce.original_message_id)
        if bounce.action != "failed" or original is None or original.copy is None:
            return None
        whom = bounce.recipient or ", ".join(each.email for each in original.to)
        why = bounce.diagnostic or bounce.status or "no reason was given"
        fields = {
            "body": f"The mail to {whom} could not be delivered: {why}",
            "author": {"name": "Mail system"},
            "at": _instant(entry.at),
            "parent": original.copy.thread,
            "audience": Audience.INTERNAL.value,
        }
        return Record(entry.id, fields, version=_version(fields), url=link(entry.id))

    def said(self, copy: Entry, told: Mapping[str, Any]) -> Record:
        """A comment that we mailed, as it was told."""
        names = ("body", "author", "at", "parent", "audience")
        fields = {name: told.get(name) for name in names}
        return self._ours(copy.id, fields, copy, next(iter(copy.copy.markers), None) if copy.copy else None)

    # Attachments.

    def enclosed(self, entry: Entry, mail: Mail) -> Iterator[Record]:
        """The files that somebody sent, each with the id `MESSAGE-ID/PART`."""
        parent, sender = self.threads.thread_of(entry), entry.sender or Address("")
        for part in mail.attachments:
            if is_file(part):
                fields = {
                    "name": part.name,
                    "media_type": part.media_type,
                    "size": part.size,
                    "author": _author(entry, sender),
                    "at": _instant(entry.at),
                    "parent": parent,
                    "audience": self._audience(entry),
                }
                yield Record(
                    f"{entry.id}/{part.number}",
                    fields,
                    version=_version(fields),
                    url=link(entry.id),
                    touched=touch_of(entry),
                )

    def mailed(self, copy: Entry, told: Mapping[str, Any]) -> Iterator[Record]:
        """The files that we mailed; after the words, every part of such a mail is one."""
        markers = copy.copy.markers if copy.copy else ()
        for number, (marker, fields) in enumerate(zip(markers, told.get("files", ()), strict=False), 2):
            yield self._ours(f"{copy.id}/{number}", fields, copy, marker)

    def _ours(self, name: str, fields: Mapping[str, Any], copy: Entry, marker: str | None) -> Record:
        return Record(
            name,
            dict(fields),
            version=_version(fields),
            url=link(copy.id),
            touched=self.our_touch(copy.at),
            marker=marker,
        )

    def our_touch(self, at: datetime) -> Touch:
        """We ourselves did it."""
        return Touch(self.account, at.astimezone(UTC))

    @property
    def account(self) -> Account:
        """Who we are in mails."""
        return Account(self.config.address, self.config.name, self.config.address)


def is_file(part: Part) -> bool:
    """Whether a part is something that somebody wanted to send."""
    if part.media_type in SIGNATURES:
        return False
    picture = part.media_type.startswith("image/")
    return not picture or part.size > (SMALL_PICTURE if part.inline else TINY)


def link(name: str) -> str:
    """A link that mail programs can open (RFC 2392)."""
    return f"mid:{quote(name, safe='@')}"


def _author(entry: Entry, sender: Address) -> Fields:
    if not entry.believed:
        return {"name": f"{sender.email} (not verified)"}
    return {"name": sender.name or sender.email, "email": sender.email.lower()}


def touch_of(entry: Entry) -> Touch | None:
    """Who wrote a mail, and when it came."""
    if not entry.sender:
        return None
    name = entry.sender.name if entry.believed else f"{entry.sender.email} (not verified)"
    return Touch(Account(entry.sender.email.lower(), name), entry.at.astimezone(UTC))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _beginning(text: str) -> str:
    line = next((line.strip("#>*_ \t") for line in text.split("\n") if line.strip("#>*_ \t")), "")
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _version(fields: Mapping[str, Any]) -> str:
    data = json.dumps(fields, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]
