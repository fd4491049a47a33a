"""Comments over real connections, in both editions: whose they are, edits, deletions, markers, what is restricted."""

from datetime import timedelta
from typing import Any

import pytest
from hub_jira.config import CommentOptions

from hub.sdk import Absence, Draft, KindSettings, Patch, Record, Refusal, Unknown, Written
from hub.sdk.sandbox import Faults
from plugins.jira.tests.served import COMMENT, REQ, TASK, World, pages, records

pytestmark = pytest.mark.parametrize("edition", ["cloud", "datacenter"])


async def one(jira: Any, remote: str) -> Record:
    found = (await jira.fetch(COMMENT, [remote]))[remote]
    assert isinstance(found, Record), found
    return found


async def test_what_people_say_is_read_with_who_said_it_and_where(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        said = world.comment(need.id, "When?")
        (read,) = records(await pages(jira, kind=COMMENT))
        assert read.id == said
        assert read.fields["body"] is not None
        assert jira.mapping(COMMENT)["body"].get(read.fields["body"]) == "When?"
        assert read.fields["author"]["name"] == "Ana Lima"
        assert read.fields["parent"] == need.id
        assert read.fields["at"].endswith("Z")
        assert read.url == f"{need.url}?focusedCommentId={said.partition('/')[2]}"
        fetched = await one(jira, said)
        assert (fetched.fields, fetched.version, fetched.url) == (read.fields, read.version, read.url)


async def test_the_author_is_named_in_the_first_paragraph_and_nowhere_in_the_text(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        draft = world.said(need.id, "As agreed", name="Li_Wei (*QA*)")
        (outcome,) = await jira.create(COMMENT, [draft])
        assert isinstance(outcome, Written)
        assert outcome.record.fields["author"] == {"name": "Li_Wei (*QA*)"}
        assert outcome.record.marker == "CMT-1"
        (issue,) = world.sandbox.state()["issues"]
        assert "2026-11-01 10:01 UTC:" in str(issue["fields"]["comment"]["comments"][0]["body"])
        for read in (records(await pages(jira, kind=COMMENT))[0], await one(jira, outcome.record.id)):
            assert read.fields == outcome.record.fields
            assert jira.mapping(COMMENT)["body"].get(read.fields["body"]) == "As agreed"


async def test_an_edit_keeps_the_paragraph_that_names_the_author(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        (made,) = await jira.create(COMMENT, [world.said(need.id, "First")])
        assert isinstance(made, Written)
        base = await one(jira, made.record.id)
        (outcome,) = await jira.update(COMMENT, [Patch(base.id, {"body": world.text("Second")}, base)])
        assert isinstance(outcome, Written)
        assert outcome.record.fields["author"] == {"name": "Li Wei"}
        now = await one(jira, base.id)
        assert (now.fields, now.version) == (outcome.record.fields, outcome.record.version)
        assert jira.mapping(COMMENT)["body"].get(now.fields["body"]) == "Second"
        assert now.marker == "CMT-1"


async def test_an_edit_by_a_person_comes_with_the_next_reading(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        said = world.comment(need.id, "One")
        cursor = (await pages(jira, kind=COMMENT))[-1].cursor
        world.pass_time(60)
        world.edit_comment(said, "Two")
        (read,) = records(await pages(jira, cursor, kind=COMMENT))
        assert jira.mapping(COMMENT)["body"].get(read.fields["body"]) == "Two"
        assert read.touched is not None
        assert read.touched.who.name == "Ana Lima"


async def test_a_deleted_comment_is_told_and_looked_at(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        goes, stays = world.comment(need.id, "Oops"), world.comment(need.id, "Stays")
        cursor = (await pages(jira, kind=COMMENT))[-1].cursor
        world.pass_time(60)
        world.delete_comment(goes)
        read = await pages(jira, cursor, kind=COMMENT)
        assert [remote for page in read for remote in page.gone] == [goes]
        found = await jira.fetch(COMMENT, [goes, stays])
        assert found[goes] is Absence.DELETED
        assert isinstance(found[stays], Record)
        world.delete_comment(stays)
        world.pass_time(60)
        assert [r for page in await pages(jira, read[-1].cursor, kind=COMMENT) for r in page.gone] == [stays]


async def test_comments_of_an_issue_that_is_gone_are_hidden_not_deleted(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        said = world.comment(need.id, "Still true")
        await jira.delete(REQ, [need.id])
        assert await jira.fetch(COMMENT, [said]) == {said: Absence.HIDDEN}


async def test_restricted_comments_are_passed_over_unless_the_options_want_them(world: World) -> None:
    visibility = {"type": "role", "value": "Developers"}
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        secret = world.comment(need.id, "Between us", visibility=visibility)
        assert records(await pages(jira, kind=COMMENT)) == []
        assert await jira.fetch(COMMENT, [secret]) == {secret: Absence.HIDDEN}
    tables = {**world.everything(), "comment": KindSettings(options=CommentOptions(restricted=True))}
    async with world.connector(**tables) as (jira, wire):
        (read,) = records(await pages(jira, kind=COMMENT))
        await jira.update(COMMENT, [Patch(read.id, {"body": world.text("Still between us")}, read)])
        assert b'"visibility"' in wire.sent[-1].content


async def test_a_comment_whose_answer_was_lost_is_found_by_its_marker(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        drafts = [world.said(need.id, "Once", 1), world.said(need.id, "Once", 2)]
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        outcomes = await jira.create(COMMENT, drafts)
        world.sandbox.faults = Faults(search_lag_s=3600)
        assert all(isinstance(outcome, Unknown) for outcome in outcomes)
        found = await jira.find(COMMENT, [*drafts, world.said(need.id, "Never", 10)])
        assert {marker: len(ids) for marker, ids in found.items()} == {"CMT-1": 1, "CMT-2": 1}


async def test_comments_are_made_in_their_order_and_refused_one_by_one(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        drafts = [world.said(need.id, f"Number {n}", n) for n in range(1, 8)]
        drafts[3] = world.said("", "Nowhere", 4)
        drafts[5] = world.said("999999", "Nowhere", 6)
        outcomes = await jira.create(COMMENT, drafts)
        refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Refusal)]
        assert refused == [3, 5]
        ids = [outcome.record.id for outcome in outcomes if isinstance(outcome, Written)]
        assert ids == sorted(ids, key=lambda remote: int(remote.partition("/")[2]))


async def test_deleting_a_comment_can_be_repeated(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        said = world.comment(need.id, "Oops")
        assert await jira.delete(COMMENT, [said]) == [None]
        assert await jira.delete(COMMENT, [said]) == [None]
        assert await jira.fetch(COMMENT, [said]) == {said: Absence.DELETED}


async def test_comments_of_a_sub_task_belong_to_it(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        fields = {"summary": "Look", "description": None, "status": "To Do", "parent": need.id}
        (task,) = await jira.create(TASK, [Draft("TSK-1", fields)])
        assert isinstance(task, Written)
        world.comment(task.record.id, "Half done")
        (read,) = records(await pages(jira, kind=COMMENT))
        assert read.fields["parent"] == task.record.id


async def test_a_long_thread_is_read_to_its_end(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        bot = world.sandbox.site.issues[need.id]
        for number in range(130):
            world.comment(need.id, f"Number {number}")
        assert len(bot.comments) == 130
        assert len(records(await pages(jira, kind=COMMENT))) == 130
        assert len((await jira.find(COMMENT, [world.said(need.id, "None", 5)])).keys()) == 0


async def test_a_later_reading_of_comments_after_a_pause_misses_nothing(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        cursor = (await pages(jira, kind=COMMENT))[-1].cursor
        world.ahead += timedelta(days=3)
        said = world.comment(need.id, "Late")
        assert [r.id for r in records(await pages(jira, cursor, kind=COMMENT))] == [said]
