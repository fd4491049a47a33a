"""Attachments over real connections, in both editions: bytes, limits, lost uploads, deletions."""

from datetime import timedelta
from pathlib import Path

import pytest
from hub_jira.config import AttachmentOptions

from hub.sdk import Absence, KindSettings, NotFound, Record, Refusal, Unknown, Written
from hub.sdk.sandbox import Faults
from plugins.jira.tests.served import FILE, World, pages, records

pytestmark = pytest.mark.parametrize("edition", ["cloud", "datacenter"])


async def test_a_file_goes_there_and_comes_back_to_the_byte(world: World, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000
    async with world.connector(**world.everything()) as (jira, wire):
        (need,) = await world.made(jira)
        (outcome,) = await jira.create(FILE, [world.file(need.id, tmp_path / "规格 v1.txt", data)])
        assert isinstance(outcome, Written), outcome
        shown = outcome.record
        assert (shown.fields["name"], shown.fields["size"]) == ("规格 v1.txt", len(data))
        assert (shown.fields["parent"], shown.fields["media_type"]) == (need.id, "text/plain")
        assert wire.sent[-1].headers["x-atlassian-token"] == "no-check"
        assert b"".join([piece async for piece in jira.download(shown.id)]) == data
        (read,) = records(await pages(jira, kind=FILE))
        fetched = (await jira.fetch(FILE, [shown.id]))[shown.id]
        assert isinstance(fetched, Record)
        assert read.fields == fetched.fields == shown.fields
        assert read.version == fetched.version == shown.version


async def test_our_credentials_go_no_further_than_jira(world: World, tmp_path: Path) -> None:
    async with world.connector(**world.everything()) as (jira, wire):
        (need,) = await world.made(jira)
        (outcome,) = await jira.create(FILE, [world.file(need.id, tmp_path / "a.txt", b"abc")])
        assert isinstance(outcome, Written)
        wire.sent.clear()
        assert [piece async for piece in jira.download(outcome.record.id)]
        hosts = {request.url.host for request in wire.sent if "authorization" in request.headers}
        assert hosts == {world.sandbox.site.url.split("//")[1].split(":")[0]}


async def test_a_deleted_file_is_told_by_the_history(world: World, tmp_path: Path) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        goes, stays = world.upload(need.id, "a.txt", b"a"), world.upload(need.id, "b.txt", b"b")
        first = await pages(jira, kind=FILE)
        assert {r.id for r in records(first)} == {goes, stays}
        assert {r.fields["author"]["name"] for r in records(first)} == {"Ana Lima"}
        world.pass_time(60)
        assert await jira.delete(FILE, [goes]) == [None]
        assert await jira.delete(FILE, [goes]) == [None]
        read = await pages(jira, first[-1].cursor, kind=FILE)
        assert [remote for page in read for remote in page.gone] == [goes]
        found = await jira.fetch(FILE, [goes, stays, "999999/1"])
        assert found[goes] is Absence.DELETED
        assert found["999999/1"] is Absence.HIDDEN
        assert isinstance(found[stays], Record)
        with pytest.raises(NotFound):
            [piece async for piece in jira.download(goes)]


async def test_an_upload_whose_answer_was_lost_is_found_and_no_twin_is_given_twice(
    world: World, tmp_path: Path
) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        world.upload(need.id, "spec.txt", b"same")
        await jira.create(FILE, [world.file(need.id, tmp_path / "spec.txt", b"same", 9)])
        world.pass_time(3600)
        since = world.now() + world.ahead  # the `Date` of the answers is the true one, so that clocks seem to differ
        drafts = [world.file(need.id, tmp_path / "spec.txt", b"same", n) for n in (1, 2)]
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        assert all(isinstance(o, Unknown) for o in await jira.create(FILE, drafts))
        world.sandbox.faults = Faults(search_lag_s=3600)
        other = world.file(need.id, tmp_path / "other.txt", b"else", 3)
        found = await jira.find(FILE, [*drafts, other], since=since)
        assert {marker: len(ids) for marker, ids in found.items()} == {"ATT-1": 1, "ATT-2": 1}
        assert found["ATT-1"] != found["ATT-2"]
        assert not await jira.find(FILE, drafts, since=world.now() + timedelta(days=1))


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(world: World, tmp_path: Path) -> None:
    world.sandbox.site.upload_limit = 10_000_000
    async with world.connector(**world.everything()) as (jira, wire):
        (need,) = await world.made(jira)
        wire.sent.clear()
        (outcome,) = await jira.create(FILE, [world.file(need.id, tmp_path / "big.bin", b"x" * 10_000_001)])
        assert isinstance(outcome, Refusal)
        assert "10,000,000" in outcome.message
        assert wire.names() == ["GET /attachment/meta"]
    limited = {**world.everything(), "attachment": KindSettings(options=AttachmentOptions(attachment_limit_mb=0.001))}
    async with world.connector(**limited) as (jira, wire):
        (outcome,) = await jira.create(FILE, [world.file(need.id, tmp_path / "big.bin", b"x" * 1_001)])
        assert isinstance(outcome, Refusal)
        assert "attachment_limit_mb" in outcome.message
        assert wire.sent == []


async def test_a_file_of_an_issue_that_is_not_there_is_refused(world: World, tmp_path: Path) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        drafts = [world.file(parent, tmp_path / "a.txt", b"a") for parent in ("999999", "")]
        assert all(isinstance(outcome, Refusal) for outcome in await jira.create(FILE, drafts))
