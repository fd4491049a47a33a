"""A service held in memory: its records, its clock, its people, and everything that may go wrong with it.

Tests act on it as people do (`add`, `edit`, `remove`, `copy`); the connector of `hub.testing.memory` acts as the hub does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from hub.errors import NotFound, Refused, Transient
from hub.mapping import Account
from hub.model import Kind, Priority, RequirementStatus, TaskStatus
from hub.sdk.records import Absence, Touch

HUB = Account("hub", "Hub")
TITLE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Call:
    """A request that reaches the service: what is asked, and of which record (its id, or the marker of a new one)."""

    method: str
    kind: Kind | None = None
    record: str = ""


class Paging(StrEnum):
    """How a page comes: lists that are read while people work come in all these ways."""

    PLAIN = "plain"
    TWICE = "twice"
    """The same page once more."""
    SHUFFLED = "shuffled"
    """Its records in another order."""
    DOUBLED = "doubled"
    """Each record a second time, in another order."""
    SHORT = "short"
    """Half of what would fit; the rest comes with the next."""
    ENDS = "ends"
    """Half of what there is, and no word that there is more."""


@dataclass
class Fault:
    """Something that goes wrong with a request.

    Args:
        method: `open`, `describe`, `changes`, `fetch`, `create`, `update`, `delete` or `find`.
        error: What is raised. `Refused` refuses one record, `AnswerLost` loses its answer, `Transient` puts it off; an
            exception that is no `ServiceError` breaks through everything, as a crash does.
        after: Whether the request is carried out first, so that only its answer is lost.
        skip: How many such requests go well first.
        times: How many fail.
        record: Only requests about this id or marker.
    """

    method: str
    error: BaseException
    after: bool = False
    skip: int = 0
    times: int = 1
    record: str = ""

    def strikes(self, call: Call) -> bool:
        """Whether this fault hits *call*; counts it."""
        if self.method != call.method or self.record not in ("", call.record) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class State:
    """A record at one moment of its life.

    Args:
        number: Counts the states of one record.
        touches: Who set each field last.
    """

    id: str
    kind: Kind
    fields: Mapping[str, Any]
    number: int
    touched: Touch
    touches: Mapping[str, Touch]
    marker: str | None = None
    archived: bool = False


def _statuses(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.replace("_", " ").title() for name in names)


CHOICES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    Kind.REQUIREMENT: {
        "status": (*_statuses(RequirementStatus), "Somewhere Else"),
        "priority": _statuses(Priority),
    },
    Kind.TASK: {"status": _statuses(TaskStatus)},
}
"""What can be chosen; `Somewhere Else` means nothing to the hub."""

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CLIENT: ("name", "domain", "phone", "owner", "body", "note"),
    Kind.CONTACT: ("name", "email", "client", "note"),
    Kind.REQUIREMENT: (
        *("title", "body", "status", "priority", "due", "labels", "assignees", "note"),
        *("client", "requester", "criteria", "custom"),
    ),
    Kind.TASK: ("title", "body", "status", "due", "assignees", "parent", "note"),
    Kind.COMMENT: ("body", "author", "at", "parent"),
    Kind.ATTACHMENT: ("name", "media_type", "size", "author", "at", "parent"),
}
"""What a record has; `note` is what the hub does not look at."""
SHOUTED = frozenset({"title", "body", "labels"})


@dataclass
class MemoryService:
    """Records of requirements and tasks, held in memory.

    Args:
        name: By which a configuration finds it; a new service takes the name over.
        clock: The service's own clock; aware, UTC.
        token: The one credential it takes.
        people: Who has an account, besides the hub.
        conditional: Refuse an update that was decided on an older state.
        normalises: Trim texts and sort labels when they are written.
        stepwise: Change a record piece by piece: each field by a request of its own, a status by way of the next one.
        shouts: Keep titles, texts and labels in capitals: what is shown is not what was asked for.
        coarse_s: Times are shown in steps of so many seconds.
        lag_s: How many seconds the list of changes is behind. Reading everything, fetching and finding never lag.
        page_size: Most records of one page.
        tells_gone: Whether the list of changes names what was deleted.
        tells_history: Whether it says of each field who set it.
        faults: What goes wrong, in this order.
        on_call: Asked at every request for one more fault; may raise.
        on_answer: Told of every request that was carried out, before its answer is given; may raise.
        on_page: Asked how a page of the list of records comes.
        unmarked: Kinds whose records have no place for a marker.
        files: The bytes of attachments, by id.
    """

    name: str = "memory"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: str = "good"  # noqa: S105 - no secret
    people: Sequence[Account] = (Account("ann", "Ann", "ann@example.com"), Account("bo", "Bo", "bo@example.com"))
    conditional: bool = False
    normalises: bool = False
    stepwise: bool = False
    shouts: bool = False
    coarse_s: float = 0.0
    lag_s: float = 0.0
    page_size: int = 100
    tells_gone: bool = True
    tells_history: bool = False
    faults: list[Fault] = field(default_factory=list)
    on_call: Callable[[Call], Fault | None] = lambda _call: None
    on_answer: Callable[[Call], None] = lambda _call: None
    on_page: Callable[[Kind], Paging] = lambda _kind: Paging.PLAIN
    unmarked: frozenset[Kind] = frozenset()
    calls: Counter[str] = field(default_factory=Counter)
    states: dict[str, list[State]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    absent: dict[str, tuple[Absence, datetime]] = field(default_factory=dict)

    _named: ClassVar[dict[str, "MemoryService"]] = {}

    def __post_init__(self) -> None:
        """Take the name."""
        MemoryService._named[self.name] = self

    @classmethod
    def named(cls, name: str) -> "MemoryService":
        """The service of that name. Raises NotFound."""
        if name not in cls._named:
            raise NotFound(f"there is no service {name!r} in memory", fix=f'make MemoryService(name="{name}") first')
        return cls._named[name]

    # As people act.

    def add(
        self,
        kind: Kind = Kind.REQUIREMENT,
        *,
        by: str = "ann",
        at: datetime | None = None,
        marker: str | None = None,
        **fields: Any,
    ) -> str:
        """A new record; its id. What is not given is not set, but a requirement or task has a status."""
        return self.make(kind, fields, by=by, at=at, marker=marker)

    def make(
        self,
        kind: Kind,
        fields: Mapping[str, Any],
        *,
        by: str = "ann",
        at: datetime | None = None,
        marker: str | None = None,
    ) -> str:
        """Like `add`, for fields of any name."""
        first = {"status": CHOICES[kind]["status"][0]} if kind in CHOICES else {}
        values = self._clean(kind, {**first, **fields})
        touch = Touch(self.account(by), at or self.clock())
        number = str(len(self.states) + 1)
        self.states[number] = [State(number, kind, values, 1, touch, dict.fromkeys(values, touch), marker)]
        if kind in self.unmarked:
            self.states[number] = [replace(self.states[number][0], marker=None)]
        return number

    def say(self, parent: str, body: str, *, by: str = "ann") -> str:
        """A person comments on a record; the comment's id."""
        who, now = self.account(by), self.clock()
        author = {"id": who.id, "name": who.name, **({"email": who.email} if who.email else {})}
        fields = {"body": body, "author": author, "at": now.isoformat(), "parent": parent}
        return self.make(Kind.COMMENT, fields, by=by)

    def attach(self, parent: str, name: str, content: bytes, *, by: str = "ann") -> str:
        """A person attaches a file to a record; the attachment's id."""
        number = self.add(Kind.ATTACHMENT, by=by, name=name, media_type="text/plain", size=len(content), parent=parent)
        self.files[number] = content
        return number

    def edit(self, record: str, *, by: str = "ann", at: datetime | None = None, **fields: Any) -> None:
        """Set some fields of a record. Raises NotFound, Refused."""
        now = self.state(record)
        values = {**now.fields, **self._clean(now.kind, fields)}
        moved = {name for name in fields if values[name] != now.fields.get(name)}
        if moved:
            touch = Touch(self.account(by), at or self.clock())
            touches = {**now.touches, **dict.fromkeys(moved, touch)}
            self._next(replace(now, fields=values, touched=touch, touches=touches))

    def archive(self, record: str, *, archived: bool = True, by: str = "ann", at: datetime | None = None) -> None:
        """Put a record away, or take it out again."""
        touch = Touch(self.account(by), at or self.clock())
        self._next(replace(self.state(record), archived=archived, touched=touch))

    def remove(self, record: str, *, at: datetime | None = None, why: Absence = Absence.DELETED) -> None:
        """Make a record absent: deleted, moved away, or hidden from the hub."""
        self.absent[self.state(record).id] = (why, at or self.clock())

    def copy(self, record: str, *, by: str = "ann", at: datetime | None = None) -> str:
        """A twin of a record, marker and all: what people get who press "copy"."""
        now = self.state(record)
        return self.add(now.kind, by=by, at=at, marker=now.marker, **now.fields)

    # As tests look.

    def state(self, record: str) -> State:
        """What a record is now. Raises NotFound."""
        if record in self.absent or record not in self.states:
            raise NotFound("there is no such record", record=record)
        return self.states[record][-1]

    def present(self, kind: Kind) -> list[State]:
        """Every record there is, oldest first."""
        found = [states[-1] for id_, states in self.states.items() if id_ not in self.absent]
        return [state for state in found if state.kind is kind]

    def account(self, name: str) -> Account:
        """An account; strangers have their id for a name."""
        return next((each for each in (*self.people, HUB) if each.id == name), Account(name, name))

    # As the connector asks.

    def fault(self, call: Call) -> Fault | None:
        """Count a request, and say what goes wrong with it."""
        self.calls[call.method] += 1
        return self.on_call(call) or next((fault for fault in self.faults if fault.strikes(call)), None)

    def listed(self, kind: Kind, after: int) -> tuple[list[State], bool]:
        """A page of all records in the order of their ids, and whether there are more."""
        wanted = [state for state in self.present(kind) if int(state.id) > after]
        return wanted[: self.page_size], len(wanted) > self.page_size

    def changed(
        self, kind: Kind, since: datetime, after: tuple[datetime, str] | None = None
    ) -> tuple[list[State], bool]:
        """A page of what the index says changed from *since* on, in the order of changes, and whether there is more."""
        recent = [state for state in self._indexed(kind) if self.shown_time(state.touched.at) >= since]
        wanted = sorted((state for state in recent if after is None or place(state) > after), key=place)
        return wanted[: self.page_size], len(wanted) > self.page_size

    def _indexed(self, kind: Kind) -> list[State]:
        """Each record as the index knows it; one that does not lag knows all, even if the clock was set back since."""
        if not self.lag_s:
            return self.present(kind)
        known = self.clock() - timedelta(seconds=self.lag_s)
        found = (
            next((state for state in reversed(self.states[present.id]) if state.touched.at <= known), None)
            for present in self.present(kind)
        )
        return [state for state in found if state]

    def gone(self, kind: Kind, since: datetime) -> list[str]:
        """Ids that were deleted from *since* on."""
        deleted = [
            id_ for id_, (why, at) in self.absent.items() if why is Absence.DELETED and self.shown_time(at) >= since
        ]
        return [id_ for id_ in deleted if self.states[id_][-1].kind is kind] if self.tells_gone else []

    def update(self, record: str, fields: Mapping[str, Any], version: str) -> State:
        """The hub's edit. Raises NotFound, Refused; Transient if the record is not *version* any more."""
        if self.conditional and str(self.state(record).number) != version:
            raise Transient("the record was changed meanwhile", record=record)
        self.edit(record, by=HUB.id, **fields)
        return self.state(record)

    def pieces(self, record: str, fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The requests that it takes to set *fields*, one after the other."""
        if not self.stepwise or record not in self.states:
            return [fields]
        now = self.states[record][-1]
        return [
            {name: step}
            for name, value in fields.items()
            for step in _way(CHOICES.get(now.kind, {}).get(name, ()), now.fields.get(name), value)
        ]

    def shown_time(self, at: datetime) -> datetime:
        """A moment as this service shows it."""
        if not self.coarse_s:
            return at
        return datetime.fromtimestamp(at.timestamp() // self.coarse_s * self.coarse_s, UTC)

    def kept(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as they are kept once they are written."""
        shown = {name: self._kept(value) for name, value in fields.items()}
        return {**shown, **{n: _shouted(shown[n]) for n in shown.keys() & SHOUTED}} if self.shouts else shown

    def _next(self, state: State) -> None:
        self.states[state.id].append(replace(state, number=state.number + 1))

    def _clean(self, kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields as they are kept. Raises Refused with the service's words for each that is wrong."""
        wrong = {name: problem for name, value in fields.items() if (problem := self._problem(kind, name, value))}
        if wrong:
            raise Refused("the record has invalid fields", fields=wrong)
        return self.kept(fields)

    def _problem(self, kind: Kind, name: str, value: Any) -> str | None:
        choices = CHOICES.get(kind, {}).get(name)
        if name not in FIELDS[kind]:
            return "there is no such field"
        if name == "title" and value is not None and len(value) > TITLE_LIMIT:
            return f"at most {TITLE_LIMIT} characters"
        if choices and value not in choices and not (value is None and name != "status"):
            return f"{value!r} is none of {', '.join(choices)}"
        return None

    def _kept(self, value: Any) -> Any:
        if isinstance(value, str) and self.normalises:
            return value.strip() or None
        if isinstance(value, list):
            shown = [self._person(each) if isinstance(each, Mapping) and "text" not in each else each for each in value]
            return sorted(shown, key=str) if self.normalises else shown
        return value

    def _person(self, given: Mapping[str, Any]) -> dict[str, Any]:
        account = self.account(given["id"])
        return {"id": account.id, "name": account.name, **({"email": account.email} if account.email else {})}


def _way(choices: Sequence[str], start: Any, goal: Any) -> list[Any]:
    """How a field comes to *goal*: by way of what stands beside *start* among its choices, if that is on the way."""
    if start not in choices or goal not in choices:
        return [goal]
    here, there = choices.index(start), choices.index(goal)
    return [goal] if abs(there - here) < 2 else [choices[here + (1 if there > here else -1)], goal]


def _shouted(value: Any) -> Any:
    return [_shouted(each) for each in value] if isinstance(value, list) else value and value.upper()


def place(state: State) -> tuple[datetime, str]:
    """Where a record stands in the list of changes."""
    return state.touched.at, state.id
