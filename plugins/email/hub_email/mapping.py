"""The kinds of a mailbox and their lenses."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hub.sdk import (
    Audience,
    Author,
    Choice,
    Day,
    FieldMap,
    Kind,
    KindSpec,
    Moment,
    Operation,
    Ref,
    RequirementStatus,
    RequirementType,
    RichText,
    Same,
    Text,
    Unsaid,
    Vocabulary,
)
from hub_email.config import AttachmentOptions

LARGEST = 20_000_000
"""Bytes of a file that is sent, where the configuration says nothing else."""


def by_their_own_names(choices: type[StrEnum]) -> Vocabulary:
    """Every value under its canonical name: mails translate it into the reader's language themselves."""
    return Vocabulary({each.value: (each.value,) for each in choices})


class Told(Choice):
    """A choice that the client knows only from us: until they were told one, the copy says nothing of it."""

    def __init__(self, remote: str, choices: type[StrEnum]) -> None:
        super().__init__(remote, choices, names=by_their_own_names(choices))

    def get(self, remote: Any) -> Any:
        """The value told last. Raises Unsaid where none was."""
        if remote is None:
            raise Unsaid(f"nobody was told a {self.remote} yet")
        return super().get(remote)


_WHO_SEES = Choice("audience", Audience, names=by_their_own_names(Audience), writable=False)
_BELONGS = Ref("parent", Kind.REQUIREMENT)
_READ, _CREATE, _UPDATE = Operation.READ, Operation.CREATE, Operation.UPDATE

KINDS: Mapping[Kind, KindSpec] = {
    Kind.CLIENT: KindSpec(
        FieldMap(name=Text("name", writable=False, weak=True), domain=Same("domain", writable=False)),
        frozenset({_READ}),
    ),
    Kind.CONTACT: KindSpec(
        FieldMap(
            name=Text("name", weak=True),
            email=Same("email"),
            client=Ref("client", Kind.CLIENT, writable=False, weak=True),
        ),
        frozenset({_READ, _CREATE}),
    ),
    Kind.REQUIREMENT: KindSpec(
        FieldMap(
            title=Text("title"),
            description=RichText("description"),
            status=Told("status", RequirementStatus),
            type=Told("type", RequirementType),
            due=Day("due"),
            start=Day("start"),
            client=Ref("client", Kind.CLIENT, writable=False, weak=True),
            requester=Ref("requester", Kind.CONTACT, weak=True),
        ),
        frozenset({_READ, _CREATE, _UPDATE}),
        create_batch=10,
        update_batch=10,
    ),
    Kind.COMMENT: KindSpec(
        FieldMap(
            body=RichText("body"),
            author=Author("author"),
            at=Moment("at"),
            parent=_BELONGS,
            audience=_WHO_SEES,
        ),
        frozenset({_READ, _CREATE}),
        create_batch=10,
    ),
    Kind.ATTACHMENT: KindSpec(
        FieldMap(
            name=Text("name"),
            media_type=Same("media_type"),
            size=Same("size"),
            author=Author("author"),
            at=Moment("at"),
            parent=_BELONGS,
            audience=_WHO_SEES,
        ),
        frozenset({_READ, _CREATE}),
        create_batch=10,
        largest=LARGEST,
        options=AttachmentOptions,
    ),
}
