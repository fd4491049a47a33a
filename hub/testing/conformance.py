"""What every connector must do, as tests: subclass `ConnectorConformance`, and say how to reach your sandbox.

    class TestMyConnector(ConnectorConformance):
        person = "ann"

        async def make_connector(self) -> Connector: ...
        async def add(self, fields): ...
        async def edit(self, record, fields): ...
        async def remove(self, record): ...

Every test has its own instance of the class and calls `make_connector` once, so keep the sandbox on `self`. The other
hooks have defaults; a test whose hook is not there passes over, and says which one it is.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from hub.errors import ServiceError, SignInRejected
from hub.mapping import Choice
from hub.model import NOTHING, Kind, Merge, entity_class, fields_of
from hub.reconcile import OPEN, draft
from hub.sdk.connector import Operation
from hub.sdk.records import Absence, Patch, Record, Refusal, Unknown, Written
from hub.testing.hooks import ConformanceHooks, ids, written


class ConnectorConformance(ConformanceHooks):
    """Every promise of `hub.sdk.Connector`, one test each; the hooks are those of `ConformanceHooks`."""

    pytestmark = pytest.mark.asyncio

    @pytest_asyncio.fixture(autouse=True)
    async def _opened(self, tmp_path: Path) -> AsyncIterator[None]:
        """A fresh connector for every test, opened and described."""
        self.connector, self.folder = await self.make_connector(), tmp_path
        self.identity = await self.connector.open()
        self.description = await self.connector.describe()
        if entity_class(self.kind).owner_field:
            self.owner = await self.make_owner()
        yield
        await self.connector.close()

    # Signing in and describing.

    async def test_good_credentials_open_and_say_whose_they_are(self) -> None:
        """`open` names the account and the place, the same ones each time."""
        assert self.identity.account.id
        assert self.identity.place
        assert await self.connector.open() == self.identity

    async def test_bad_credentials_are_rejected(self) -> None:
        """Whatever else is wrong, refused credentials are `SignInRejected`."""
        connector = await self.bad_connector()
        try:
            with pytest.raises(SignInRejected):
                await connector.open()
        finally:
            await connector.close()

    async def test_every_mapped_choice_is_among_the_choices_described(self) -> None:
        """What a vocabulary may name, `hub init` and `hub check` know from `describe`."""
        for name, lens in self.mapping().items():
            if isinstance(lens, Choice):
                choices = self.description.choices(self.kind, lens.remote)
                assert choices, f"{name}: {lens.remote} has no choices"
                assert {each for names in lens.names.names.values() for each in names} <= {*choices}

    async def test_requests_are_counted(self) -> None:
        """`calls` grows with every request."""
        before = self.connector.calls
        await self.connector.describe()
        await self.connector.fetch(self.kind, await self.added(1))
        assert self.connector.calls > before > 0

    # Reading.

    async def test_the_first_reading_gives_every_record_once(self) -> None:
        """And nothing else."""
        made = await self.added(self.many)
        assert sorted(ids(await self.pages())) == sorted(made)

    async def test_a_full_reading_gives_every_record_whatever_the_cursor(self) -> None:
        """A full reading that ends is a census."""
        made = await self.added(self.many)
        cursor = (await self.pages())[-1].cursor
        assert sorted(ids(await self.pages(cursor, full=True))) == sorted(made)

    async def test_a_reading_of_nothing_still_gives_a_cursor(self) -> None:
        """An empty place is read to its end."""
        pages = await self.pages()
        assert ids(pages) == []
        assert pages[-1].cursor is not None

    async def test_reading_goes_on_from_the_cursor_of_any_page(self) -> None:
        """Whoever breaks off after a page and starts from its cursor misses nothing."""
        made = await self.added(self.many)
        pages = await self.pages()
        for index, page in enumerate(pages):
            assert {*ids(pages[: index + 1]), *ids(await self.pages(page.cursor))} == {*made}

    async def test_a_quiet_reading_costs_one_call(self) -> None:
        """A poll of a place where nothing happened."""
        await self.added(2)
        await self.settle()
        cursor = (await self.pages())[-1].cursor
        before = self.connector.calls
        await self.pages(cursor)
        assert self.connector.calls == before + 1

    async def test_cursors_are_json(self) -> None:
        """They are kept as such, and read again from it."""
        await self.added(self.many)
        for page in await self.pages():
            kept = json.loads(json.dumps(dict(page.cursor)))
            assert kept == page.cursor
            await self.pages(kept)

    async def test_records_are_json_and_times_are_utc(self) -> None:
        """Fields can be kept; times can be compared."""
        await self.added(1)
        (record,) = [record for page in await self.pages() for record in page.records]
        assert json.loads(json.dumps(dict(record.fields))) == record.fields
        for touch in (*([record.touched] if record.touched else []), *record.touches.values()):
            assert touch.at.utcoffset() == timedelta(0)

    async def test_an_edit_by_a_person_comes_with_the_next_reading_and_says_whose_it_is(self) -> None:
        """As far as the service says."""
        first, _ = await self.added(2)
        cursor = (await self.pages())[-1].cursor
        await self.settle()
        await self.edit(first, self.edited(7))
        await self.settle()
        found = {record.id: record for page in await self.pages(cursor) for record in page.records}
        assert {name: found[first].fields[name] for name in self.edited(7)} == self.edited(7)
        if self.person is not None:
            touched = found[first].touched
            assert touched is not None
            assert touched.who.id == self.person

    async def test_a_new_record_comes_with_the_next_reading(self) -> None:
        """Without being asked for."""
        await self.added(1)
        cursor = (await self.pages())[-1].cursor
        (made,) = await self.added(1)
        assert made in ids(await self.pages(cursor))

    async def test_fetching_gives_what_is_now(self) -> None:
        """Of every id asked for, straight after an edit."""
        first, second = await self.added(2)
        await self.edit(first, self.edited(3))
        found = await self.connector.fetch(self.kind, [second, first])
        assert {*found} == {first, second}
        edited = found[first]
        assert isinstance(edited, Record)
        assert {name: edited.fields[name] for name in self.edited(3)} == self.edited(3)

    async def test_reading_and_fetching_show_the_same(self) -> None:
        """Field by field, and version."""
        (made,) = await self.added(1)
        (read,) = [record for page in await self.pages() for record in page.records]
        fetched = await self.one(made)
        assert (fetched.fields, fetched.version) == (read.fields, read.version)

    async def test_equal_versions_mean_equal_fields(self) -> None:
        """The version stays while nothing happens, and moves with an edit."""
        (made,) = await self.added(1)
        before, again = await self.one(made), await self.one(made)
        assert (before.version, before.fields) == (again.version, again.fields)
        await self.settle()
        await self.edit(made, self.edited(1))
        after = await self.one(made)
        assert after.fields != before.fields
        assert after.version != before.version or not before.version

    async def test_a_deleted_record_is_fetched_as_deleted_and_no_more_read(self) -> None:
        """Both kinds of evidence of `Absence.DELETED`."""
        first, second = await self.added(2)
        await self.remove(first)
        await self.settle()
        assert (await self.connector.fetch(self.kind, [first, second]))[first] is Absence.DELETED
        assert ids(await self.pages(full=True)) == [second]

    async def test_a_whole_reading_that_is_cut_off_is_no_census(self) -> None:
        """It is an error: what it leaves out would be taken for deleted."""
        await self.added(self.many)
        await self.cut_census()
        with pytest.raises(ServiceError):
            await self.pages(full=True)

    async def test_an_archived_record_is_still_there_and_says_so(self) -> None:
        """Putting away is no deleting."""
        (made,) = await self.added(1)
        assert not (await self.one(made)).archived
        await self.archive(made)
        assert (await self.one(made)).archived

    # Writing.

    async def test_a_created_record_carries_its_marker_and_is_found_by_it(self) -> None:
        """At once, whatever the index lags."""
        (record,) = await self.created()
        marker = f"{self.key}0"
        assert await self.connector.find(self.kind, self.drafts(1)) == {marker: [record.id]}
        assert (await self.one(record.id)).marker in (marker, None)

    async def test_markers_that_are_nowhere_are_left_out(self) -> None:
        """And what a person made has none; nor is `REQ-1` found where there is `REQ-10`."""
        await self.added(1)
        await self.created()
        strangers = [self.draft(self.key, 8), self.draft("REQ-999", 9)]
        assert not await self.connector.find(self.kind, strangers)

    async def test_creating_answers_in_the_order_of_the_drafts(self) -> None:
        """One outcome each."""
        made = await self.created(3)
        found = await self.connector.find(self.kind, self.drafts(3))
        assert [found[f"{self.key}{number}"] for number in range(3)] == [[record.id] for record in made]

    async def test_creating_answers_what_the_service_shows(self) -> None:
        """The answer is as good as reading again."""
        (record,) = await self.created()
        now = await self.one(record.id)
        assert (record.fields, record.version) == (now.fields, now.version)

    async def test_what_is_created_reads_back_as_what_was_meant(self) -> None:
        """Through every lens that can write."""
        (record,) = await self.created()
        meant, mapping = self.entity(0), self.mapping()
        for name in draft(meant, mapping, OPEN).values:
            lens = mapping[name]
            shown = record.fields.get(lens.remote)
            if fields_of(type(meant))[name].merge is Merge.ONCE and name != "parent":
                continue  # who said it when is told by a line in the text where a service cannot show it otherwise
            read = lens.to_canonical(shown, current=meant.value(name))
            assert read == meant.value(name), name

    async def test_a_refused_draft_does_not_stop_the_others(self) -> None:
        """And leaves nothing behind."""
        self.needs(Operation.CREATE)
        drafts = self.drafts(3)
        drafts[1] = replace(drafts[1], fields={**drafts[1].fields, **self.refused()})
        first, second, third = await self.connector.create(self.kind, drafts)
        assert isinstance(second, Refusal), second
        assert second.message
        made = {f"{self.key}0": [written(first).id], f"{self.key}2": [written(third).id]}
        assert await self.connector.find(self.kind, drafts) == made

    async def test_a_create_whose_answer_is_lost_is_unknown_and_found(self) -> None:
        """So that it is never made twice."""
        self.needs(Operation.CREATE)
        await self.lose_next_answer()
        (outcome,) = await self.connector.create(self.kind, [self.draft(self.key, 1)])
        assert isinstance(outcome, Unknown), outcome
        assert len((await self.connector.find(self.kind, [self.draft(self.key, 1)]))[self.key]) == 1

    async def patched(self, record: Record, number: int = 1) -> Patch:
        """A patch of the fields that `edited` names."""
        return Patch(record.id, self.edited(number), record)

    async def test_an_update_touches_only_the_fields_it_names(self) -> None:
        """All others are as they were."""
        self.needs(Operation.UPDATE)
        (made,) = await self.added(1)
        before = await self.one(made)
        (outcome,) = await self.connector.update(self.kind, [await self.patched(before)])
        after = await self.one(made)
        mine = {name: after.fields.get(name) for name in self.mapping().remotes()}
        meant = {name: before.fields.get(name) for name in self.mapping().remotes()}
        assert mine == {**meant, **self.edited(1)}
        assert (written(outcome).fields, written(outcome).version) == (after.fields, after.version)

    async def test_what_no_lens_looks_at_survives_an_update(self) -> None:
        """What the hub does not understand is never dropped."""
        self.needs(Operation.UPDATE)
        (made,) = await self.added(1)
        unmapped = self.unmapped()
        await self.edit(made, unmapped)
        (outcome,) = await self.connector.update(self.kind, [await self.patched(await self.one(made))])
        assert {name: written(outcome).fields.get(name, value) for name, value in unmapped.items()} == unmapped

    async def test_an_edit_of_another_field_in_between_survives_an_update(self) -> None:
        """What an older reading showed is not written back."""
        self.needs(Operation.UPDATE)
        (made,) = await self.added(1)
        before = await self.one(made)
        await self.edit(made, self.edited(2))
        ours = {name: value for name, value in self.fields(3).items() if name not in self.edited(2)}
        if not ours:
            pytest.skip(f"a {self.kind} has only one field")
        await self.connector.update(self.kind, [Patch(made, ours, before)])
        now = await self.one(made)
        assert {name: now.fields[name] for name in self.edited(2)} == self.edited(2)

    async def test_updating_answers_in_the_order_of_the_patches(self) -> None:
        """One outcome each."""
        self.needs(Operation.UPDATE)
        records = [await self.one(made) for made in await self.added(3)]
        patches = [await self.patched(record, number) for number, record in enumerate(records)]
        outcomes = await self.connector.update(self.kind, patches)
        assert [written(outcome).id for outcome in outcomes] == [record.id for record in records]

    async def test_an_update_of_a_deleted_record_is_refused_and_stops_nobody(self) -> None:
        """It is an outcome of that record, no error of the connection."""
        self.needs(Operation.UPDATE)
        records = [await self.one(made) for made in await self.added(2)]
        await self.remove(records[0].id)
        outcomes = await self.connector.update(self.kind, [await self.patched(record) for record in records])
        assert isinstance(outcomes[0], Refusal), outcomes[0]
        assert written(outcomes[1]).id == records[1].id

    async def test_an_update_on_an_outdated_base_does_not_happen(self) -> None:
        """Where the service can refuse it."""
        self.needs(Operation.UPDATE)
        if not self.spec.conditional:
            pytest.skip(f"{self.connector.name} cannot write conditionally")
        (made,) = await self.added(1)
        before = await self.one(made)
        await self.edit(made, self.edited(1))
        (outcome,) = await self.connector.update(self.kind, [await self.patched(before, 2)])
        assert not isinstance(outcome, Written)
        assert {name: (await self.one(made)).fields[name] for name in self.edited(1)} == self.edited(1)

    async def test_an_edit_that_a_write_replaced_is_told(self) -> None:
        """With its value, if the service keeps it exactly, and with who it was."""
        self.tells_replaced()
        (made,) = await self.added(1)
        cursor = (await self.pages())[-1].cursor
        await self.settle()
        patch = await self.patched(await self.one(made), 6)
        await self.edit_meanwhile(made, self.edited(5))
        (outcome,) = await self.connector.update(self.kind, [patch])
        found = await self.replaced(patch, outcome, cursor)
        told = {edit.field: edit.value for edit in found}
        assert told == {name: told[name] if told.get(name) is NOTHING else v for name, v in self.edited(5).items()}
        assert {edit.touch.who.id for edit in found} == {self.person}

    async def test_an_edit_that_was_seen_before_a_write_is_not_told(self) -> None:
        """Nor is one of another field."""
        self.tells_replaced()
        (made,) = await self.added(1)
        cursor = (await self.pages())[-1].cursor
        await self.settle()
        await self.edit(made, self.edited(5))
        patch = await self.patched(await self.one(made), 6)
        (outcome,) = await self.connector.update(self.kind, [patch])
        assert list(await self.replaced(patch, outcome, cursor)) == []

    async def test_what_we_write_is_told_from_what_people_write(self) -> None:
        """Our own account is named for our own writes."""
        (record,) = await self.created()
        touched = (await self.one(record.id)).touched
        if self.person is None:
            assert touched is None, f"a {self.kind} says who changed it: give `person`"
            pytest.skip("the service does not say who changed a record")
        assert touched is not None
        assert touched.who.id == self.identity.account.id

    async def test_deleting_makes_a_record_gone_and_can_be_repeated(self) -> None:
        """A record that is gone already is gone."""
        self.needs(Operation.DELETE)
        (record,) = await self.created()
        for _ in range(2):
            assert list(await self.connector.delete(self.kind, [record.id])) == [None]
        assert (await self.connector.fetch(self.kind, [record.id]))[record.id] is Absence.DELETED

    async def test_what_an_attachment_holds_comes_back_byte_by_byte(self) -> None:
        """The hub knows files by their hash."""
        if self.kind is not Kind.ATTACHMENT:
            pytest.skip(f"a {self.kind} holds no bytes")
        (record,) = await self.created()
        held = b"".join([piece async for piece in self.connector.download(record.id)])
        assert held == self.bytes_of(0)

    async def test_nothing_asked_for_is_nothing_done(self) -> None:
        """Empty lists are answered with empty ones, without a call."""
        before = self.connector.calls
        assert not await self.connector.fetch(self.kind, [])
        if Operation.CREATE in self.spec.operations:
            assert not await self.connector.create(self.kind, [])
            assert not await self.connector.find(self.kind, [])
        if Operation.UPDATE in self.spec.operations:
            assert not await self.connector.update(self.kind, [])
        assert self.connector.calls == before
