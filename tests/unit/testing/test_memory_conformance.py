"""The connector of the service in memory keeps every promise, however awkward the service is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from hub.errors import AnswerLost, NotFound, Refused, SignInRejected, Transient
from hub.model import Kind
from hub.sdk import Connector, Delayed, Draft, Patch, Refusal, Setup, Unknown, Written
from hub.testing import (
    Call,
    ConditionalMemoryConnector,
    ConnectorConformance,
    Fault,
    MemoryConfig,
    MemoryConnector,
    MemoryService,
    marked,
)


class Clock:
    """A clock that ticks with every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now


def made(service: MemoryService, cls: type[MemoryConnector] = MemoryConnector, token: str = "good") -> MemoryConnector:
    config = MemoryConfig(plugin=cls.name, service=service.name, token=token)
    return cls(Setup("memory", config, clock=service.clock))


class TestMemoryConnector(ConnectorConformance):
    person = "ann"
    cls: ClassVar[type[MemoryConnector]] = MemoryConnector
    switches: ClassVar[Mapping[str, Any]] = {}

    async def make_connector(self) -> Connector:
        self.clock = Clock()
        self.service = MemoryService("conformance", self.clock, page_size=2, **self.switches)
        return made(self.service, self.cls)

    async def bad_connector(self) -> Connector:
        return made(self.service, self.cls, token="bad")

    async def make_owner(self) -> str:
        return self.service.add(title="What the others belong to")

    async def add(self, fields: Mapping[str, Any]) -> str:
        made = self.service.make(self.kind, fields, by="ann")
        self.service.files[made] = b""
        return made

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.service.edit(record, by="ann", **fields)

    async def remove(self, record: str) -> None:
        self.service.remove(record)

    async def archive(self, record: str) -> None:
        self.service.archive(record)

    async def lose_next_answer(self) -> None:
        self.service.faults.append(Fault("create", AnswerLost("no answer came"), after=True))

    async def settle(self) -> None:
        self.clock.now += timedelta(minutes=2)

    def refused(self) -> Mapping[str, Any]:
        return {"status": "No Such Status"}

    def unmapped(self) -> Mapping[str, Any]:
        return {"note": "only here"}


class TestMemoryConnectorOfTasks(TestMemoryConnector):
    kind = Kind.TASK


class WithoutStatus(TestMemoryConnector):
    __test__ = False

    def refused(self) -> Mapping[str, Any]:
        return {"no such field": "at all"}

    def unmapped(self) -> Mapping[str, Any]:
        if self.kind not in {Kind.CLIENT, Kind.CONTACT}:
            pytest.skip(f"a {self.kind} has nothing that no lens looks at")
        return super().unmapped()


class TestMemoryConnectorOfClients(WithoutStatus):
    __test__ = True
    kind = Kind.CLIENT


class TestMemoryConnectorOfContacts(WithoutStatus):
    __test__ = True
    kind = Kind.CONTACT


class TestMemoryConnectorOfComments(WithoutStatus):
    __test__ = True
    kind = Kind.COMMENT
    switches: ClassVar[Mapping[str, Any]] = {"unmarked": frozenset({Kind.COMMENT})}


class TestMemoryConnectorOfAttachments(WithoutStatus):
    __test__ = True
    kind = Kind.ATTACHMENT
    switches: ClassVar[Mapping[str, Any]] = {"unmarked": frozenset({Kind.ATTACHMENT})}


class TestConditionalMemoryConnector(TestMemoryConnector):
    cls = ConditionalMemoryConnector
    switches: ClassVar[Mapping[str, Any]] = {"conditional": True}


class TestAwkwardMemoryConnector(TestMemoryConnector):
    """Normalising answers, a coarse clock, a list of changes that lags and does not tell what is gone."""

    switches: ClassVar[Mapping[str, Any]] = {
        "normalises": True,
        "coarse_s": 60.0,
        "lag_s": 30.0,
        "tells_gone": False,
        "tells_history": True,
    }

    async def test_a_new_record_comes_with_the_next_reading(self) -> None:
        """Here with the next one after the index has seen it."""
        await self.added(1)
        cursor = (await self.pages())[-1].cursor
        made = await self.add(self.fields())
        early = await self.pages(cursor)
        await self.settle()
        assert made in [record.id for page in await self.pages(early[-1].cursor) for record in page.records]


@pytest.fixture
def service() -> MemoryService:
    return MemoryService("faulty", Clock())


R = Kind.REQUIREMENT


async def test_a_fault_strikes_as_often_as_it_says_after_as_many_as_it_says(service: MemoryService) -> None:
    service.page_size = 1
    for number in range(3):
        service.add(title=f"Number {number}")
    service.faults.append(Fault("changes", Transient("too busy"), skip=1))
    reading = made(service).changes(R, None)
    first = await anext(reading)
    with pytest.raises(Transient):
        await anext(reading)
    assert [record.id for record in first.records] == ["1"]
    rest = [record.id async for page in made(service).changes(R, first.cursor) for record in page.records]
    assert rest == ["2", "3"]


async def test_each_fault_becomes_the_outcome_it_stands_for(service: MemoryService) -> None:
    service.faults += [
        Fault("create", AnswerLost("gone"), after=True, record="REQ-1"),
        Fault("create", Transient("busy"), record="REQ-2"),
        Fault("create", Refused("no", fields={"title": "bad"}), record="REQ-3"),
    ]
    drafts = [Draft(f"REQ-{number}", {"title": "Export"}) for number in range(1, 5)]
    outcomes = await made(service).create(R, drafts)
    assert [type(outcome) for outcome in outcomes] == [Unknown, Delayed, Refusal, Written]
    assert {state.marker for state in service.present(R)} == {"REQ-1", "REQ-4"}
    assert service.calls == {"create": 4}


async def test_a_crash_breaks_through(service: MemoryService) -> None:
    class Crash(BaseException):
        pass

    service.on_call = lambda call: Fault(call.method, Crash(), after=True) if call.record == "REQ-2" else None
    with pytest.raises(Crash):
        await made(service).create(R, [Draft(f"REQ-{number}", {"title": "Export"}) for number in range(1, 4)])
    assert [state.marker for state in service.present(R)] == ["REQ-1", "REQ-2"]


async def test_rejected_credentials_stop_every_method(service: MemoryService) -> None:
    with pytest.raises(SignInRejected):
        await made(service, token="bad").create(R, [Draft("REQ-1", {"title": "Export"})])
    assert not service.present(R)


async def test_a_service_that_is_not_there_is_not_found(service: MemoryService) -> None:
    connector = MemoryConnector(Setup("memory", MemoryConfig(plugin="memory", service="nowhere")))
    with pytest.raises(NotFound):
        await connector.open()


async def test_a_copied_record_carries_the_marker_of_the_first(service: MemoryService) -> None:
    connector = made(service)
    await connector.create(R, [Draft("REQ-1", {"title": "Export"})])
    service.copy("1")
    assert await connector.find(R, marked(["REQ-1"])) == {"REQ-1": ["1", "2"]}


async def test_an_outdated_update_is_put_off_where_the_service_can_tell(service: MemoryService) -> None:
    service.conditional = True
    connector = made(service, ConditionalMemoryConnector)
    (written,) = await connector.create(R, [Draft("REQ-1", {"title": "Export"})])
    assert isinstance(written, Written)
    stale = replace(written.record, version="0")
    (outcome,) = await connector.update(R, [Patch("1", {"title": "Import"}, stale)])
    assert isinstance(outcome, Delayed)


def test_an_edit_that_changes_nothing_leaves_no_trace(service: MemoryService) -> None:
    made_one = service.add(title="Export", by="ann")
    service.edit(made_one, title="Export", by="bo")
    assert (service.state(made_one).number, service.state(made_one).touched.who.id) == (1, "ann")


def test_a_call_names_what_it_is_about(service: MemoryService) -> None:
    assert service.fault(Call("fetch", R)) is None
    assert service.calls["fetch"] == 1
