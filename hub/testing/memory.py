"""The connector of a service held in memory: the contract at its simplest, and the fake for tests of the engine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar, TypeVar

from hub.errors import AnswerLost, NotFound, PermissionLost, Refused, SignInRejected, Transient
from hub.mapping import (
    Author,
    Checklist,
    Choice,
    CustomFields,
    Day,
    FieldMap,
    LabelSet,
    Moment,
    Owner,
    PeopleSet,
    Ref,
    RichText,
    Same,
    Text,
    Vocabulary,
)
from hub.model import Kind, Priority, RequirementStatus, TaskStatus
from hub.sdk.connector import ConnectionConfig, Connector, Description, FieldInfo, Identity, KindSpec, Operation
from hub.sdk.records import (
    Absence,
    Cursor,
    Delayed,
    Draft,
    Outcome,
    Page,
    Patch,
    Record,
    Refusal,
    Touch,
    Unknown,
    Written,
)
from hub.testing.service import CHOICES, FIELDS, HUB, TITLE_LIMIT, Call, Fault, MemoryService, Paging, State, place

__all__ = ["Call", "ConditionalMemoryConnector", "Fault", "MemoryConfig", "MemoryConnector", "MemoryService", "Paging"]

T = TypeVar("T")


def _named(choices: type[StrEnum]) -> Vocabulary:
    return Vocabulary({each.value: (each.value.replace("_", " ").title(),) for each in choices})


REQUIREMENT = FieldMap(
    title=Text("title", limit=TITLE_LIMIT),
    description=RichText("body"),
    status=Choice("status", RequirementStatus, names=_named(RequirementStatus)),
    priority=Choice("priority", Priority, optional=True, names=_named(Priority)),
    due=Day("due"),
    labels=LabelSet("labels"),
    assignees=PeopleSet("assignees"),
    client=Ref("client", Kind.CLIENT),
    requester=Ref("requester", Kind.CONTACT),
    acceptance=Checklist("criteria"),
    custom=CustomFields("custom"),
)
TASK = FieldMap(
    title=Text("title", limit=TITLE_LIMIT),
    description=RichText("body"),
    status=Choice("status", TaskStatus, names=_named(TaskStatus)),
    due=Day("due"),
    assignees=PeopleSet("assignees"),
    requirement=Ref("parent", Kind.REQUIREMENT),
)
CLIENT = FieldMap(
    name=Text("name", limit=TITLE_LIMIT),
    domain=Same("domain"),
    phone=Same("phone"),
    owner=Owner("owner"),
    description=RichText("body"),
)
CONTACT = FieldMap(name=Text("name", limit=TITLE_LIMIT), email=Same("email"), client=Ref("client", Kind.CLIENT))
COMMENT = FieldMap(
    body=RichText("body"),
    author=Author("author"),
    at=Moment("at"),
    parent=Ref("parent", Kind.REQUIREMENT, Kind.TASK),
)
ATTACHMENT = FieldMap(
    name=Text("name"),
    media_type=Same("media_type"),
    size=Same("size"),
    author=Author("author"),
    at=Moment("at"),
    parent=Ref("parent", Kind.REQUIREMENT, Kind.TASK),
)
UNCHANGED = frozenset({Operation.READ, Operation.CREATE, Operation.DELETE})


class MemoryConfig(ConnectionConfig):
    """A `[connections.NAME]` table: which `MemoryService` it leads to, and with what credential."""

    service: str
    token: str = "good"  # noqa: S105 - no secret


class MemoryConnector(Connector):
    """Speaks to a `MemoryService`. Every record written is one request of its own."""

    name = "memory"
    Config = MemoryConfig
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        Kind.CLIENT: KindSpec(CLIENT),
        Kind.CONTACT: KindSpec(CONTACT),
        Kind.REQUIREMENT: KindSpec(REQUIREMENT),
        Kind.TASK: KindSpec(TASK),
        Kind.COMMENT: KindSpec(COMMENT),
        Kind.ATTACHMENT: KindSpec(ATTACHMENT, operations=UNCHANGED, largest=10_000),
    }
    _calls = 0

    @property
    def service(self) -> MemoryService:
        """The service that the configuration names. Raises NotFound."""
        return MemoryService.named(self.setup.config.service)

    @property
    def calls(self) -> int:
        """How many requests this connector made."""
        return self._calls

    @property
    def clock_offset_s(self) -> float:
        """How many seconds the service's clock is ahead."""
        return (self.service.clock() - self.setup.clock()).total_seconds()

    async def open(self) -> Identity:
        """Show the credential. Raises SignInRejected, NotFound."""
        await self._request(Call("open"), lambda: None)
        return Identity(HUB, f"memory:{self.service.name}")

    async def describe(self) -> Description:
        """What the service has."""
        return await self._request(Call("describe"), self._description)

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """Everything by id, or what changed since *cursor* by the time of its change.

        A cursor is `{"since": TIME, "after"?: ID}`; one with `after` stands in the middle of reading everything.
        """
        if full or cursor is None:
            async for page in self._everything(kind, self._overlapping(), 0):
                yield page
        elif "after" in cursor:
            async for page in self._everything(kind, _time(cursor["since"]), int(cursor["after"])):
                yield page
        else:
            async for page in self._changed(kind, _time(cursor["since"])):
                yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """All of them in one request."""
        if not ids:
            return {}
        return await self._request(Call("fetch", kind), lambda: {each: self._present(kind, each) for each in ids})

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """All of them in one request, from the store itself."""

        def find() -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            for state in self.service.present(kind):
                for marker in (draft.marker for draft in drafts if self._is_made_from(state, draft, since)):
                    found.setdefault(marker, []).append(state.id)
            return found

        return await self._request(Call("find", kind), find) if drafts else {}

    def _is_made_from(self, state: State, draft: Draft, since: datetime | None) -> bool:
        """By its marker; where there is no place for one, by whose it is, when it was made, and what it shows."""
        if state.kind not in self.service.unmarked:
            return state.marker == draft.marker
        first = self.service.states[state.id][0]
        begun = since and since + timedelta(seconds=self.clock_offset_s)
        ours = first.touched.who.id == HUB.id and (begun is None or first.touched.at >= begun)
        return ours and all(first.fields.get(n) == value for n, value in self.service.kept(draft.fields).items())

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment, in two pieces."""
        content = await self._request(Call("download", Kind.ATTACHMENT, remote), lambda: self.service.files[remote])
        yield content[: len(content) // 2]
        yield content[len(content) // 2 :]

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """One request for each draft."""

        def create(draft: Draft) -> Record:
            made = self.service.make(kind, draft.fields, by=HUB.id, marker=draft.marker)
            if draft.content:
                self.service.files[made] = draft.content.read()
            return self._record(self.service.state(made))

        return [await self._written(Call("create", kind, each.marker), partial(create, each)) for each in drafts]

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One request for each patch, or for each piece of one."""
        return [await self._update(kind, each) for each in patches]

    async def _update(self, kind: Kind, patch: Patch) -> Outcome:
        shown, call = patch.base, Call("update", kind, patch.id)
        for number, piece in enumerate(self.service.pieces(patch.id, patch.fields)):
            outcome = await self._tried(call, partial(self._set, patch.id, piece, shown.version))
            if not isinstance(outcome, Record):
                return _in_part(outcome, shown) if number else outcome
            shown = outcome
        return Written(shown)

    def _set(self, remote: str, fields: Mapping[str, Any], version: str) -> Record:
        return self._record(self.service.update(remote, fields, version))

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """One request for each record; what is gone already is gone."""
        return [await self._deleted(Call("delete", kind, id_)) for id_ in ids]

    # Reading.

    async def _everything(self, kind: Kind, since: datetime, after: int) -> AsyncIterator[Page]:
        more = True
        while more:
            how = self.service.on_page(kind)
            states, more = await self._request(Call("changes", kind), partial(self.service.listed, kind, after))
            states, more = _cut(states, more, how)
            after = int(states[-1].id) if states else after
            cursor = {"since": since.isoformat(), **({"after": str(after)} if more else {})}
            for page in self._pages(states, cursor, (), how):
                yield page

    async def _changed(self, kind: Kind, since: datetime) -> AsyncIterator[Page]:
        after: tuple[datetime, str] | None = None
        gone, end, more = self.service.gone(kind, since), max(since, self._overlapping()), True
        while more:
            how = self.service.on_page(kind)
            states, more = await self._request(Call("changes", kind), partial(self.service.changed, kind, since, after))
            states, more = _cut(states, more, how)
            after = place(states[-1]) if states else after
            reached = min(end, self.service.shown_time(after[0])) if more and after else end
            for page in self._pages(states, {"since": reached.isoformat()}, gone, how):
                yield page
            gone = []

    def _pages(self, states: Sequence[State], cursor: Cursor, gone: Sequence[str], how: Paging) -> Iterable[Page]:
        """A page as it comes: twice perhaps, or with its records in another order."""
        records = [self._record(state) for state in states]
        if how in (Paging.SHUFFLED, Paging.DOUBLED):
            records = [*records[1::2], *records[::2]]
        if how is Paging.DOUBLED:
            records = [*records, *reversed(records)]
        page = Page(records, cursor, gone)
        return (page, page) if how is Paging.TWICE else (page,)

    def _overlapping(self) -> datetime:
        """From when on changes may still turn up: the index lags, and times are coarse."""
        unsure = timedelta(seconds=self.service.lag_s + self.service.coarse_s)
        return self.service.clock() - unsure

    def _present(self, kind: Kind, id_: str) -> Record | Absence:
        if id_ in self.service.absent:
            return self.service.absent[id_][0]
        try:
            state = self.service.state(id_)
        except NotFound:
            return Absence.DELETED
        return self._record(state) if state.kind is kind else Absence.DELETED

    def _record(self, state: State) -> Record:
        service = self.service
        touches = {name: self._touch(touch) for name, touch in state.touches.items()} if service.tells_history else {}
        return Record(
            id=state.id,
            fields=dict(state.fields),
            version=str(state.number),
            key=f"MEM-{state.id}",
            url=f"memory:{service.name}/{state.id}",
            touched=self._touch(state.touched),
            touches=touches,
            marker=state.marker,
            archived=state.archived,
            at=service.shown_time(state.touched.at),
        )

    def _touch(self, touch: Touch) -> Touch:
        return Touch(touch.who, self.service.shown_time(touch.at))

    def _description(self) -> Description:
        fields = {
            kind: tuple(
                FieldInfo(name, name.title(), choices=CHOICES.get(kind, {}).get(name, ()), required=name == "status")
                for name in names
            )
            for kind, names in FIELDS.items()
        }
        return Description({kind: (kind.value.title(),) for kind in FIELDS}, fields, tuple(self.service.people))

    # Requests.

    async def _request(self, call: Call, carry_out: Callable[[], T]) -> T:
        """One request: it may fail before it is carried out, or lose its answer afterwards."""
        await asyncio.sleep(0)
        self._calls += 1
        fault = self.service.fault(call)
        if self.setup.config.token != self.service.token:
            raise SignInRejected("the token is not known", connection=self.setup.connection)
        if fault and not fault.after:
            raise fault.error
        answer = carry_out()
        self.service.on_answer(call)
        if fault:
            raise fault.error
        await asyncio.sleep(0)
        return answer

    async def _written(self, call: Call, carry_out: Callable[[], Record]) -> Outcome:
        done = await self._tried(call, carry_out)
        return Written(done) if isinstance(done, Record) else done

    async def _deleted(self, call: Call) -> Outcome | None:
        def delete() -> None:
            if call.record not in self.service.absent:
                self.service.remove(call.record)

        return await self._tried(call, delete)

    async def _tried(self, call: Call, carry_out: Callable[[], T]) -> T | Refusal | Unknown | Delayed:
        """One request, with whatever is wrong with this record alone as its outcome."""
        try:
            return await self._request(call, carry_out)
        except AnswerLost as error:
            return Unknown(error)
        except Transient as error:
            return Delayed(error)
        except Refused as error:
            return Refusal(error.message, error.fields)
        except (NotFound, PermissionLost) as error:
            return Refusal(error.message)


class ConditionalMemoryConnector(MemoryConnector):
    """The same for a service that refuses updates decided on an older state: `MemoryService(conditional=True)`."""

    name = "memory-conditional"
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        **MemoryConnector.kinds,
        Kind.REQUIREMENT: KindSpec(REQUIREMENT, conditional=True),
        Kind.TASK: KindSpec(TASK, conditional=True),
    }


def _in_part(outcome: Refusal | Unknown | Delayed, shown: Record) -> Outcome:
    """The outcome of a write whose first pieces were carried out; *shown* is what they led to."""
    return replace(outcome, record=shown) if isinstance(outcome, Refusal) else Unknown(outcome.error)


def _cut(states: list[State], more: bool, how: Paging) -> tuple[list[State], bool]:
    """What of a page comes, and whether the service says that there is more."""
    half = (len(states) + 1) // 2
    if how is Paging.SHORT:
        return states[:half], more or half < len(states)
    return (states[:half], False) if how is Paging.ENDS else (states, more)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
