"""Comments and attachments: each is a mail in the thread of its requirement."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.sdk import Audience, Draft, Kind, Outcome, Record, Refusal, Setup, Written, without_mark
from hub_email.composing import CommentLetter, Enclosure, Language, TemplateBroken
from hub_email.letters import Letters, Purpose, Unmailable, digest
from hub_email.looking import Looking
from hub_email.outbox import Outbox

MARKS: Final = ("@client", "@客户")
"""First words of a comment that say it is for the client; the client need not read them."""
ENCLOSED: Final[Mapping[Language, str]] = {"en": "Please find the files attached.", "zh-CN": "附件请查收。"}


class Saying:
    """Mails what colleagues say and send to clients."""

    def __init__(self, setup: Setup, looking: Looking, letters: Letters, outbox: Outbox) -> None:
        self._setup, self._looking, self._letters, self._outbox = setup, looking, letters, outbox
        settings = setup.kinds.get(Kind.COMMENT)
        self._marks = settings.marks if settings and settings.marks else MARKS

    # Comments.

    async def comments(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """One mail for each draft."""
        await self._looking.book.refresh()
        return [await self._comment(draft) for draft in drafts]

    async def _comment(self, draft: Draft) -> Outcome:
        parent = str(draft.fields.get("parent") or "")
        body = without_mark(str(draft.fields.get("body") or ""), self._marks)
        told = self._said(draft, parent) | {"body": body}
        try:
            about = await self._about(parent)
            letter = CommentLetter(
                **self._letters.common(self._key(parent), about.fields), author=self._author(draft), body=body
            )
            purpose = self._purpose("comment", parent, f"comment.{draft.marker}", about, (draft.marker,))
            parcel = self._letters.parcel(purpose, letter, told)
        except (Unmailable, TemplateBroken) as error:
            return Refusal(str(error))
        if failure := await self._outbox.post(parcel):
            return failure
        return Written(self._looking.records.said(self._looking.threads.copies[parcel.id], told))

    async def _about(self, parent: str) -> Record:
        found = (await self._looking.requirements([parent])).get(parent)
        if found is None:
            raise Unmailable("the thread that this belongs to is not in the mailbox")
        return found

    def _key(self, parent: str) -> str:
        return self._looking.threads.key_of(parent)

    def _purpose(self, kind: str, parent: str, what: str, about: Record, markers: tuple[str, ...]) -> Purpose:
        to = self._letters.requester(parent, about.fields)
        return Purpose(kind, parent, what, 0, self._key(parent), to, markers)

    def _author(self, draft: Draft) -> str:
        author = draft.fields.get("author") or {}
        return str(author.get("name") or author.get("email") or self._letters.team)

    def _said(self, draft: Draft, parent: str) -> dict[str, Any]:
        at = draft.fields.get("at") or self._setup.clock().isoformat().replace("+00:00", "Z")
        author = draft.fields.get("author") or {"name": self._letters.team}
        return {"author": author, "at": at, "parent": parent, "audience": Audience.CLIENT.value}

    # Attachments.

    async def attachments(self, drafts: Sequence[Draft], largest: int) -> list[Outcome]:
        """One mail for the files of each requirement, or several where one would be larger than *largest* bytes."""
        await self._looking.book.refresh()
        outcomes: dict[int, Outcome] = {}
        fitting = []
        for number, draft in enumerate(drafts):
            if why := _unfit(draft, largest):
                outcomes[number] = Refusal(why)
            else:
                fitting.append(number)
        for group in _groups(drafts, fitting, largest):
            mailed = await self._mail([drafts[number] for number in group])
            outcomes |= dict(zip(group, mailed, strict=True))
        return [outcomes[number] for number in range(len(drafts))]

    async def _mail(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        parent = str(drafts[0].fields.get("parent") or "")
        markers = tuple(draft.marker for draft in drafts)
        files = [{**self._shown(draft), **self._said(draft, parent)} for draft in drafts]
        try:
            about = await self._about(parent)
            common = self._letters.common(self._key(parent), about.fields)
            names = tuple(str(each["name"]) for each in files)
            words = ENCLOSED[common["language"]]
            letter = CommentLetter(**common, author=self._author(drafts[0]), body=words, attachments=names)
            purpose = self._purpose("attachment", parent, f"files.{digest({'of': markers})}", about, markers)
            enclosed = [
                Enclosure(f["name"], f["media_type"], d.content.path)
                for f, d in zip(files, drafts, strict=True)
                if d.content
            ]
            parcel = self._letters.parcel(purpose, letter, {"files": files}, enclosed)
        except (Unmailable, TemplateBroken) as error:
            return [Refusal(str(error))] * len(drafts)
        if failure := await self._outbox.post(parcel):
            return [failure] * len(drafts)
        copy = self._looking.threads.copies[parcel.id]
        return [Written(record) for record in self._looking.records.mailed(copy, {"files": files})]

    def _shown(self, draft: Draft) -> dict[str, Any]:
        media_type = draft.fields.get("media_type") or "application/octet-stream"
        size = draft.content.size if draft.content else draft.fields.get("size")
        return {"name": str(draft.fields.get("name") or "file"), "media_type": media_type, "size": size}


def _unfit(draft: Draft, largest: int) -> str:
    """Why a file cannot be sent; empty if it can."""
    if draft.content is None:
        return "there are no bytes to send"
    if draft.content.size > largest:
        return f"the file has {draft.content.size:,} bytes, and mails here take {largest:,} at most"
    return ""


def _groups(drafts: Sequence[Draft], numbers: Sequence[int], largest: int) -> list[list[int]]:
    """Which files go together: those of one requirement, as many as fit."""
    groups: list[list[int]] = []
    sizes: dict[int, int] = {}
    current: dict[str, int] = {}
    for number in numbers:
        draft = drafts[number]
        parent, size = str(draft.fields.get("parent") or ""), draft.content.size if draft.content else 0
        place = current.get(parent)
        if place is None or sizes[place] + size > largest:
            place = current[parent] = len(groups)
            groups.append([])
            sizes[place] = 0
        groups[place].append(number)
        sizes[place] += size
    return groups
