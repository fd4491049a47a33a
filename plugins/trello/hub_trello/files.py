"""Attachments: the files that were uploaded to cards. Attachments that are links are passed over.

A file is downloaded from the service's own address with the credentials in the header, and sent on from there to a store
that is not told them (REST guides, "Attachments").
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from hub.sdk import (
    Absence,
    Account,
    AnswerLost,
    Draft,
    Kind,
    Outcome,
    Patch,
    Record,
    Refusal,
    Refused,
    Unknown,
    Written,
)
from hub_trello.board import Board
from hub_trello.client import TrelloClient
from hub_trello.file import ANY_TYPE, file_record, is_file, stored_name
from hub_trello.holder import card_under, is_since, matched, said_alike
from hub_trello.looking import Looking
from hub_trello.nested import Nested, split
from hub_trello.outcomes import outcomes
from hub_trello.reading import Reader

Json = Mapping[str, Any]
NO_FILE = "an attachment needs its bytes and a card that it belongs to"


class Files(Nested):
    """The files on the cards of one board.

    Args:
        client: The way to the service.
        me: Our own account.
        largest: Most bytes of a file.
    """

    kind: ClassVar[Kind] = Kind.ATTACHMENT

    def __init__(self, client: TrelloClient, reader: Reader, looking: Looking, me: Account, largest: int) -> None:
        super().__init__(reader, looking)
        self._client, self._me, self._largest = client, me, largest

    def records(self, card: Json, board: Board, actions: Sequence[Json]) -> list[Record]:
        """The files of a card."""
        del actions
        return [file_record(card, each, board) for each in card.get("attachments") or () if is_file(each)]

    async def _states(self, cards: Iterable[str]) -> dict[str, Json | Absence]:
        return await self._reader.states(list(cards), files=True)

    # writing

    async def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """One upload each."""
        return await outcomes([self._create(draft) for draft in drafts])

    async def _create(self, draft: Draft) -> Outcome:
        card, content = card_under(draft), draft.content
        if not card or content is None:
            return Refusal(NO_FILE, {"parent" if content else "name": NO_FILE})
        if content.size > self._largest:
            said = f"has {content.size:,} bytes, and this Trello takes no more than {self._largest:,}"
            return Refusal(f"{said} (attachment_limit_mb)", {"size": said})
        name, media_type = str(draft.fields.get("name") or "file"), str(draft.fields.get("media_type") or ANY_TYPE)
        made = await self._client.upload(f"/cards/{quote(card, safe='')}/attachments", content, name, media_type)
        if not made:
            return Unknown(AnswerLost("the file may have been attached: the answer was empty"))
        return Written(file_record({"id": card}, made, await self._reader.tables.board()))

    async def update(self, patches: Sequence[Patch]) -> list[Outcome]:
        """Files never change."""
        raise NotImplementedError(f"attachments are not changed: {len(patches)} asked for")

    async def delete(self, ids: Sequence[str]) -> list[Outcome | None]:
        """One call each."""
        return await outcomes([self._client.gone(_path(each)) for each in ids])

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """What our own account uploaded to the same card since then, of the same name and size."""
        board = await self._reader.tables.board()
        cards = await self._states(dict.fromkeys(card for each in drafts if (card := card_under(each))))
        shown = [r for card in cards.values() if not isinstance(card, Absence) for r in self.records(card, board, ())]
        ours = [r for r in shown if r.extra["creator"] == self._me.id and is_since(split(r.id)[1], since)]
        return matched(drafts, sorted(ours, key=lambda each: split(each.id)[1]), _alike)

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file; one call more, for its address.

        Raises:
            NotFound: There is no such attachment.
            Refused: It is a link.
        """
        shown = await self._client.get(_path(remote), fields=("name", "url", "isUpload", "fileName"))
        if not is_file(shown):
            raise Refused("it is a link, which holds no bytes", connection=self._client.http.connection, record=remote)
        async for piece in self._client.http.download(f"/1{_path(remote)}/download/{quote(stored_name(shown))}"):
            yield piece


def _path(remote: str) -> str:
    card, part = split(remote)
    return f"/cards/{quote(card, safe='')}/attachments/{quote(part, safe='')}"


def _alike(shown: Record, draft: Draft) -> bool:
    size = draft.content.size if draft.content else draft.fields.get("size")
    same = shown.fields["parent"] == card_under(draft) and size in (None, shown.fields["size"])
    return same and said_alike(shown.fields["name"], str(draft.fields.get("name") or "file"))
