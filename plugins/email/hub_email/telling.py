"""Requirements: an update is a mail that tells what changed, and a new copy one that opens a thread."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from hub.sdk import Draft, Outcome, Patch, Record, Refusal, RequirementStatus, Setup, Written
from hub_email.composing import AcknowledgementLetter, Change, Letter, OpeningLetter, TemplateBroken, UpdateLetter
from hub_email.letters import Letters, Purpose, Unmailable, digest
from hub_email.looking import Looking
from hub_email.outbox import Outbox
from hub_email.records import TOLD

_DAYS: Final = frozenset({"due", "start"})
_SAID: Final = ("title", "description", "status", "type", "due", "start")
"""Fields that a mail has words for."""


NOBODY: Final = (
    "there is nobody to write to: the requirement has no requester whose address this mailbox knows; "
    "contact = { creates = true } in this spoke lets it know all"
)


class Telling:
    """Tells requesters how their requirements are."""

    def __init__(self, setup: Setup, looking: Looking, letters: Letters, outbox: Outbox) -> None:
        self._setup, self._looking, self._letters, self._outbox = setup, looking, letters, outbox

    async def update(self, patches: Sequence[Patch]) -> list[Outcome]:
        """One mail for each patch."""
        await self._looking.book.refresh()
        return [await self._update(patch) for patch in patches]

    async def _update(self, patch: Patch) -> Outcome:
        now = (await self._looking.requirements([patch.id])).get(patch.id)
        if now is None:
            return Refusal("the thread is not in the mailbox any more")
        threads = self._looking.threads
        latest = threads.latest(patch.id)
        version = (latest.copy.version if latest and latest.copy else 0) + 1
        fields = {**now.fields, **patch.fields}
        key = patch.key or threads.key_of(patch.id)
        try:
            to = self._letters.requester(patch.id, fields)
            letter = self._letter(key, now, patch.fields, fields)
            purpose = Purpose("requirement", patch.id, f"{letter.kind}.{digest(fields)}", version, key, to)
            return await self._told(purpose, letter, fields, now.marker)
        except (Unmailable, TemplateBroken) as error:
            return Refusal(str(error))

    def _letter(self, key: str, now: Record, changed: Mapping[str, Any], fields: Mapping[str, Any]) -> Letter:
        """An acknowledgement for who was never told anything, what changed for who was; all of it for somebody new."""
        common, status = self._letters.common(key, fields), str(fields.get("status") or RequirementStatus.NEW.value)
        changes = tuple(
            Change(name, _canonical(name, now.fields.get(name)), _canonical(name, changed[name]))
            for name in _SAID
            if name in changed
        )
        if now.fields.get("requester") != fields.get("requester") or not changes:
            return self._opening(key, {**fields, "description": changed.get("description")})
        if now.fields.get("status") is None:
            return AcknowledgementLetter(**common, status=status, due=_day(fields.get("due")))
        return UpdateLetter(**common, changes=changes)

    def _opening(self, key: str, fields: Mapping[str, Any]) -> OpeningLetter:
        facts = (Change(name, None, _canonical(name, fields.get(name))) for name in ("type", "start"))
        return OpeningLetter(
            **self._letters.common(key, fields),
            status=str(fields.get("status") or RequirementStatus.NEW.value),
            due=_day(fields.get("due")),
            description=str(fields.get("description") or ""),
            facts=tuple(facts),
        )

    async def _told(self, purpose: Purpose, letter: Letter, fields: Mapping[str, Any], marker: str | None) -> Outcome:
        told = {name: fields.get(name) for name in TOLD}
        parcel = self._letters.parcel(purpose, letter, told)
        if failure := await self._outbox.post(parcel):
            return failure
        return Written(await self._written(parcel.copy.thread, told, marker))

    async def _written(self, thread: str, told: Mapping[str, Any], marker: str | None) -> Record:
        """What reading would show."""
        found = (await self._looking.requirements([thread])).get(thread)
        records = self._looking.records
        return found or records.requirement(thread, told, records.our_touch(self._setup.clock()), marker)

    async def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """One mail for each draft, which begins a thread; its Message-ID is the thread's id."""
        await self._looking.book.refresh()
        return [await self._create(draft) for draft in drafts]

    async def _create(self, draft: Draft) -> Outcome:
        key = draft.marker.partition("@")[0]
        requester = str(draft.fields.get("requester") or "").lower()
        if not requester:
            return Refusal(NOBODY)
        fields = {**draft.fields, "requester": requester, "client": self._looking.client_of(requester)}
        purpose = Purpose("requirement", "", f"opening.{draft.marker}", 1, key, requester, (draft.marker,))
        try:
            return await self._told(purpose, self._opening(key, fields), fields, draft.marker)
        except (Unmailable, TemplateBroken) as error:
            return Refusal(str(error))


def _canonical(name: str, value: Any) -> Any:
    return _day(value) if name in _DAYS else value


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)) if value else None
