"""A person edits in the very moment between our last look and our write: what that replaced is told, with who and when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.sdk import NOTHING, KindSettings, Patch, Record, Refusal, Written
from hub.sync.overwritten import WrittenField, lost, seen_until
from plugins.jira.tests.served import REQ, World, made, pages, records

pytestmark = pytest.mark.parametrize("edition", ["cloud", "datacenter"])


def edits(world: World, number: str, **fields: Any) -> Callable[[], None]:
    """Ana edits an issue."""
    return lambda: done(world.as_person("PUT", f"/issue/{number}", {"fields": fields}))


def done(answer: httpx.Response) -> None:
    assert answer.is_success, answer.text


def moves(world: World, number: str, transition: str) -> Callable[[], None]:
    """Ana takes an issue through a transition."""

    def move() -> None:
        there = world.as_person("GET", f"/issue/{number}/transitions").json()["transitions"]
        wanted = next(each["id"] for each in there if each["name"] == transition)
        done(world.as_person("POST", f"/issue/{number}/transitions", {"transition": {"id": wanted}}))

    return move


async def looked_at(jira: Any, record: Record) -> Record:
    found = (await jira.fetch(REQ, [record.id]))[record.id]
    assert isinstance(found, Record)
    return found


async def test_an_edit_that_a_write_replaced_is_told_with_who_and_when(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        edits(world, record.id, summary="Seen by everybody")()
        base = await looked_at(jira, record)
        world.pass_time(1)
        wire.meanwhile["PUT"] = edits(world, record.id, summary="Ana's words", duedate="2026-12-24")
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Ours"}, base)])
        assert isinstance(outcome, Written)
        assert (outcome.record.fields["summary"], outcome.record.fields["duedate"]) == ("Ours", "2026-12-24")
        (edit,) = outcome.replaced
        assert (edit.field, edit.value, edit.before) == ("summary", "Ana's words", "Seen by everybody")
        assert edit.touch.who.name == world.sandbox.people()[0].name
        assert abs(edit.touch.at - world.now()) < timedelta(seconds=60)


async def test_fields_of_every_form_are_told(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        base = await looked_at(jira, record)
        text = world.text("Ana's reasons")
        person = next(iter(world.sandbox.site.accounts.values()))
        login = {"name": person.username} if world.is_server else {"accountId": person.id}
        theirs = {"duedate": "2026-12-24", "description": text, "priority": {"name": "Low"}, "assignee": login}
        wire.meanwhile["PUT"] = edits(world, record.id, **theirs)
        ours = {"duedate": None, "description": world.text("Ours"), "priority": "High", "assignee": None}
        (outcome,) = await jira.update(REQ, [Patch(record.id, ours, base)])
        assert isinstance(outcome, Written)
        told = {edit.field: edit.value for edit in outcome.replaced}
        assert told.pop("assignee")["id"] == person.id
        assert told == {"duedate": "2026-12-24", "description": NOTHING, "priority": "Low"}


async def test_nothing_is_told_where_nothing_was_replaced(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        edits(world, record.id, summary="Seen")()
        base = await looked_at(jira, record)
        wire.meanwhile["PUT"] = edits(world, record.id, duedate="2026-12-24")
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Ours", "labels": ["client"]}, base)])
        assert isinstance(outcome, Written)
        assert outcome.replaced == []


async def test_an_edit_that_was_taken_back_at_once_is_not_told(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        base = await looked_at(jira, record)

        def there_and_back() -> None:
            edits(world, record.id, summary="Oops")()
            edits(world, record.id, summary=base.fields["summary"])()

        wire.meanwhile["PUT"] = there_and_back
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Ours"}, base)])
        assert isinstance(outcome, Written)
        assert outcome.replaced == []


@pytest.mark.parametrize(("theirs", "value", "told"), [("External key", "A-77", ["custom"]), ("Story Points", 8, [])])
async def test_a_custom_field_is_told_apart_from_another_one(
    world: World, theirs: str, value: object, told: list[str]
) -> None:
    number = next(each.id for each in world.sandbox.site.fields.values() if each.name == theirs)
    named = {"Our key": "External key", "Effort": "Story Points"}
    async with world.connector(requirement=KindSettings(("Story",), "Story", custom=named)) as (jira, wire):
        (record,) = await world.made(jira)
        base = await looked_at(jira, record)
        ours = {**base.fields["custom"], "External key": {"type": "text", "value": "Ours"}}
        wire.meanwhile["PUT"] = edits(world, record.id, **{number: value})
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"custom": ours}, base)])
        assert isinstance(outcome, Written), outcome
        assert [edit.field for edit in outcome.replaced] == told


async def test_a_status_that_a_transition_left_is_told_by_the_next_reading(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        cursor = (await pages(jira))[-1].cursor
        base = await looked_at(jira, record)
        world.pass_time(1)
        wire.meanwhile["POST"] = moves(world, record.id, "Start work")
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Review"}, base)])
        assert isinstance(outcome, Written), outcome
        written = WrittenField("status", "To Do", "In Review", world.now(), seen_until(base, "status"))
    world.pass_time(1)
    async with world.connector() as (jira, _):
        (shown,) = records(await pages(jira, cursor))
        (edit,) = lost(shown, world.sandbox.bot.id, [written])
        assert (edit.value, edit.before) == ("In Progress", "To Do")
        assert edit.touch.who.name == world.sandbox.people()[0].name


async def test_a_part_of_a_refused_write_tells_what_it_replaced(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        base = await looked_at(jira, record)
        wire.meanwhile["PUT"] = edits(world, record.id, summary="Ana's words")
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Ours", "status": "Nowhere"}, base)])
        assert isinstance(outcome, Refusal)
        assert [edit.value for edit in outcome.replaced] == ["Ana's words"]


async def test_telling_it_costs_no_further_call(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira, description=world.text("Why"))
        base = await looked_at(jira, record)
        wire.sent.clear()
        wire.meanwhile["PUT"] = edits(world, record.id, summary="Ana's words")
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Ours"}, base)])
        assert isinstance(outcome, Written)
        assert outcome.replaced
        again = [f"GET /issue/{record.id}"] if world.is_server else []  # its edits answer without the issue
        assert wire.names() == [f"PUT /issue/{record.id}", *again]
