"""Comments: what people say on cards, which the service keeps as actions of the board.

Edits and deletions of comments may reach webhooks only ("Action types", REST guides), and a comment keeps the id, and so
the place, that it was made with. So every look reads the newest comments again and compares; older ones are compared in
full readings. A cursor is `{"action", "seen": {COMMENT: digest}}`, or empty while a full reading is not at its end.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from hub.sdk import (
    Absence,
    Account,
    AnswerLost,
    Cursor,
    Draft,
    Kind,
    Outcome,
    Page,
    Patch,
    Record,
    Refusal,
    ServiceError,
    Unknown,
    Written,
)
from hub_trello.cards import made_at
from hub_trello.client import TrelloClient, address
from hub_trello.comment import comment_record, is_comment, text_of
from hub_trello.history import LIST_LEAVING, card_of, deleted_cards, newest
from hub_trello.holder import Holder, card_under, is_since, matched, said_alike
from hub_trello.looking import RECENT, Looking
from hub_trello.outcomes import outcomes
from hub_trello.reading import Reader, absence
from hub_trello.tables import LIMIT

DIGEST = 8
NOT_OURS = "Trello lets nobody but its author edit a comment"
NO_CARD = "a comment needs a card that it belongs to"
NO_TEXT = "Trello takes no empty comment"

Json = Mapping[str, Any]


class Comments(Holder):
    """The comments of one board.

    Args:
        client: The way to the service.
        reader: Reads cards.
        looking: Looks at the board for all kinds.
        me: Our own account.
    """

    def __init__(self, client: TrelloClient, reader: Reader, looking: Looking, me: Account) -> None:
        self._client, self._reader, self._looking, self._me = client, reader, looking, me

    # reading

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """No call of its own where cards are read in the same run; a full reading is one for every 1,000 comments."""
        known = cursor if cursor and "seen" in cursor and not full else None
        async for page in self._since(known) if known else self._all():
            yield page

    async def _all(self) -> AsyncIterator[Page]:
        newest_ones: dict[str, str] = {}
        action, more, before = "", True, None
        while more:
            actions = await self._client.get(self._looking.comments_path(before=before))
            action, before = action or newest(actions), min((str(a["id"]) for a in actions), default=None)
            records = await self._records(actions)
            newest_ones |= {r.id: r.version[:DIGEST] for r in records[: RECENT - len(newest_ones)]}
            more = len(actions) >= LIMIT
            done = {"action": action, "seen": newest_ones}
            yield Page(records, {} if more else done)

    async def _since(self, cursor: Cursor) -> AsyncIterator[Page]:
        since, seen = str(cursor["action"]), dict(cursor["seen"])
        look = await self._looking.look(Kind.COMMENT, since)
        window = list(look.comments)
        begins = min((str(each["id"]) for each in window), default="") if len(window) >= RECENT else ""
        actions = [*window, *(await self._between(begins, since) if begins > since else ())]
        records = await self._records([*actions, *await self._edited(actions, since)])
        now = {record.id: record.version[:DIGEST] for record in records}
        fresh = [record for record in records if seen.get(record.id) != now[record.id]]
        gone = {number for number in seen if number >= begins and number not in now} | _deleted(actions, since)
        kept = {number: now[number] for number in sorted(now, reverse=True)[:RECENT]}
        reached = newest([*actions, *look.actions], least=since)
        yield Page(fresh, {"action": reached, "seen": kept}, gone=sorted(gone), total=len(fresh))

    async def _between(self, before: str, since: str) -> list[Json]:
        """The comments that more than fill a look: those older than *before* and newer than *since*."""
        found: list[Json] = []
        while True:
            page = await self._client.get(self._looking.comments_path(before=before, since=since))
            found += page
            if len(page) < LIMIT:
                return found
            before = min(str(each["id"]) for each in page)

    async def _edited(self, actions: Iterable[Json], since: str) -> list[Json]:
        """Comments that are not among *actions*, while an edit of them since then is."""
        listed = {str(each["id"]) for each in actions}
        told = (_about(each) for each in actions if each.get("type") == "updateComment" and str(each["id"]) > since)
        answers = await self._client.batch([self._path(number) for number in sorted({*told} - listed - {""})])
        return [each for each in answers if not isinstance(each, ServiceError)]

    async def _records(self, actions: Sequence[Json]) -> list[Record]:
        """The comments among *actions*, newest first."""
        board = await self._reader.tables.board()
        found = {str(each["id"]): comment_record(each, board, self._me.id) for each in actions if is_comment(each)}
        return [found[number] for number in sorted(found, reverse=True)]

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Comments by id, ten to a call."""
        wanted = list(dict.fromkeys(ids))
        answers = await self._client.batch([self._path(number) for number in wanted])
        board = await self._reader.tables.board()
        found: dict[str, Record | Absence] = {}
        for number, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ServiceError):
                found[number] = absence(answer)
            elif is_comment(answer) and _board_of(answer) in ("", board.id):
                found[number] = comment_record(answer, board, self._me.id)
            else:
                found[number] = Absence.MOVED
        return found | await self._hidden([n for n, state in found.items() if state is Absence.DELETED])

    async def _hidden(self, missing: Sequence[str]) -> dict[str, Absence]:
        """Those of *missing* that may have left the board together with a card that cannot be seen any more.

        The service answers alike for what was deleted and for what is on somebody else's board. A comment does not say
        on which card it was, so any such card that left after it was made leaves this open.
        """
        if not missing:
            return {}
        endings = await self._reader.endings()
        deleted = deleted_cards(endings)
        left = [each for each in endings if card_of(each) not in deleted or each.get("type") == LIST_LEAVING]
        cards = sorted({card_of(each) for each in left} - {""})
        unseen = set(cards) - set(await self._reader.cards(cards)) if cards else set()
        times = [made_at(str(e["id"])) for e in left if card_of(e) in unseen or e.get("type") == LIST_LEAVING]
        return {number: Absence.HIDDEN for number in missing if times and _made_before(number, max(times))}

    def _path(self, number: str) -> str:
        shown = {"fields": ("type", "date", "data", "idMemberCreator"), "member": False}
        return address(f"/actions/{quote(number, safe='')}", **shown, memberCreator_fields=("fullName", "username"))

    # writing

    async def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """One call each."""
        return await outcomes([self._create(draft) for draft in drafts])

    async def _create(self, draft: Draft) -> Outcome:
        card, text = card_under(draft), text_of(draft.fields, self._me.id)
        if not card or not text.strip():
            why, field = (NO_TEXT, "body") if card else (NO_CARD, "parent")
            return Refusal(why, {field: why})
        return await self._written("POST", f"/cards/{card}/actions/comments", text)

    async def update(self, patches: Sequence[Patch]) -> list[Outcome]:
        """Other words under the same line; one call each. Of others' comments it is refused."""
        return await outcomes([self._update(patch) for patch in patches])

    async def _update(self, patch: Patch) -> Outcome:
        if patch.base.extra.get("creator", self._me.id) != self._me.id:
            return Refusal(NOT_OURS, {"body": NOT_OURS})
        if "body" not in patch.fields:
            return Written(patch.base)
        text = f"{patch.base.extra.get('line') or ''}{patch.fields['body'] or ''}"
        if not text.strip():
            return Refusal(NO_TEXT, {"body": NO_TEXT})
        return await self._written("PUT", f"/actions/{patch.id}", text)

    async def _written(self, method: str, path: str, text: str) -> Outcome:
        action = await self._client.write(method, path, {"text": text})
        if not action:
            return Unknown(AnswerLost("the comment may have been written: the answer was empty"))
        return Written(comment_record(action, await self._reader.tables.board(), self._me.id))

    async def delete(self, ids: Sequence[str]) -> list[Outcome | None]:
        """One call each; those of others only where our account is an admin of the board."""
        return await outcomes([self._client.gone(f"/actions/{number}") for number in ids])

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """What our own account said since then on the same card in the same words, oldest first; one call for each card."""
        cards = [card for each in drafts if (card := card_under(each))]
        paths = [self._card_path(card) for card in dict.fromkeys(cards)]
        pages = [each for each in await self._client.batch(paths) if not isinstance(each, ServiceError)]
        records = await self._records([action for page in pages for action in page])
        ours = [r for r in reversed(records) if r.extra["creator"] == self._me.id and is_since(r.id, since)]
        return matched(drafts, ours, lambda shown, draft: _alike(shown, draft, self._me.id))

    def _card_path(self, card: str) -> str:
        return address(f"/cards/{quote(card, safe='')}/actions", filter=("commentCard",), limit=LIMIT)


def _about(action: Json) -> str:
    """The id of the comment that an action of another type is about."""
    return str((action["data"].get("action") or {}).get("id") or "")


def _board_of(action: Json) -> str:
    return str((action["data"].get("board") or {}).get("id") or "")


def _deleted(actions: Iterable[Json], since: str) -> set[str]:
    told = (each for each in actions if each.get("type") == "deleteComment" and str(each["id"]) > since)
    return {_about(each) for each in told} - {""}


def _made_before(number: str, at: datetime) -> bool:
    try:
        return made_at(number) <= at
    except ValueError:  # no id of the service's, so nothing that could have been moved
        return False


def _alike(shown: Record, draft: Draft, me: str) -> bool:
    same = shown.fields["parent"] == card_under(draft)
    return same and said_alike(str(shown.extra["said"]), text_of(draft.fields, me))
