"""A reading that breaks off is an error and no census; what cannot be seen is told apart from what was deleted."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hub.sdk import Absence, BadAnswer, Kind, PermissionLost, Record, ServiceError
from plugins.jira.tests.answering import REQ, Jira, envelope, issue, opened
from plugins.jira.tests.served import COMMENT, World, pages, records

BOTH = pytest.mark.parametrize("edition", ["cloud", "datacenter"])
Change = Callable[[dict[str, Any]], dict[str, Any] | None]


class Tampering(httpx.AsyncBaseTransport):
    """A proxy that spoils the pages of a search after the first one; None breaks the connection off."""

    def __init__(self, inner: httpx.AsyncBaseTransport, change: Change) -> None:
        self.inner, self.change, self.pages = inner, change, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if "/search" not in request.url.path:
            return answer
        self.pages += 1
        if self.pages == 1:
            return answer
        changed = self.change(json.loads(await answer.aread()))
        if changed is None:
            raise httpx.RemoteProtocolError("broken off", request=request)
        return httpx.Response(200, json=changed)

    async def aclose(self) -> None:
        await self.inner.aclose()


def empty(body: dict[str, Any]) -> dict[str, Any]:
    """No issues, though there should be some, and no word of an end."""
    return {**body, "issues": [], **({"isLast": False, "nextPageToken": "more"} if "isLast" in body else {})}


def endless(body: dict[str, Any]) -> dict[str, Any]:
    """Not the last page, and no way to the next."""
    cut = {**body, "issues": body["issues"][:5], "isLast": False}
    cut.pop("nextPageToken", None)
    return cut


@BOTH
@pytest.mark.parametrize("change", [empty, endless, lambda body: None], ids=["empty", "endless", "broken"])
async def test_a_census_that_breaks_off_at_its_second_page_is_an_error(world: World, change: Change) -> None:
    if world.is_server and change is endless:
        pytest.skip("the pages of Data Center have totals, and no tokens")
    async with world.connector() as (jira, _):
        await world.made(jira, 250)
    async with world.connector() as (jira, wire):
        wire.inner = Tampering(wire.inner, change)  # type: ignore[assignment]
        with pytest.raises(ServiceError):
            await pages(jira, full=True)


async def test_a_thread_that_breaks_off_is_an_error() -> None:
    shown = {"comments": [], "total": 3, "startAt": 0}
    jira = Jira(
        **{
            "POST /search/jql": httpx.Response(200, json={"issues": [issue(comment=shown)], "isLast": True}),
            "GET /issue/10/comment": httpx.Response(200, json=shown),
        }
    )
    connector = await opened(jira)
    with pytest.raises(BadAnswer):
        _ = [page async for page in connector.changes(COMMENT, None)]


# gone ---------------------------------------------------------------------------------------------------------------


@BOTH
async def test_what_was_deleted_moved_or_changed_its_type_is_told_apart(world: World) -> None:
    async with world.connector() as (jira, _):
        gone, moved, other, stays = (record.id for record in await world.made(jira, 4))
        world.as_person("DELETE", f"/issue/{gone}").raise_for_status()
        world.sandbox.add_project("ELSE", "Elsewhere")
        world.sandbox.move(moved, "ELSE")
        world.as_person("PUT", f"/issue/{other}", {"fields": {"issuetype": {"name": "Bug"}}}).raise_for_status()
        found = await jira.fetch(REQ, [gone, moved, other, stays])
        assert (found[gone], found[moved]) == (Absence.DELETED, Absence.MOVED)
        assert isinstance(found[other], Record)
        assert isinstance(found[stays], Record)
        assert stays in [record.id for record in records(await pages(jira))]


async def test_one_of_a_project_that_can_be_seen_was_deleted() -> None:
    jira = Jira()
    connector = await opened(jira)
    assert await connector.fetch(REQ, ["10"]) == {"10": Absence.DELETED}
    assert "GET /project/ACME" in jira.names()


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("kind", [Kind.REQUIREMENT, Kind.COMMENT, Kind.ATTACHMENT])
async def test_what_is_missing_from_a_project_that_cannot_be_seen_is_a_lost_permission(status: int, kind: Kind) -> None:
    jira = Jira()
    connector = await opened(jira)
    jira.answers["GET /project/ACME"] = envelope(status, "No project could be found.")
    jira.answers["POST /comment/list"] = httpx.Response(200, json={"values": []})
    with pytest.raises(PermissionLost):
        await connector.fetch(kind, ["10" if kind is REQ else "10/7"])


async def test_many_of_which_none_can_be_seen_are_hidden() -> None:
    jira = Jira()
    connector = await opened(jira)
    ids = [str(number) for number in range(10, 22)]
    assert set((await connector.fetch(REQ, ids)).values()) == {Absence.HIDDEN}
    jira.issues["10"] = issue(10)
    found = await connector.fetch(REQ, ids)
    assert isinstance(found["10"], Record)
    assert {found[number] for number in ids[1:]} == {Absence.DELETED}


async def test_a_query_that_a_lost_project_makes_wrong_is_a_lost_permission() -> None:
    jira = Jira(**{"POST /search/jql": envelope(400, "The value '900' does not exist for the field 'project'.")})
    connector = await opened(jira)
    jira.answers["GET /project/ACME"] = envelope(404, "No project could be found with key 'ACME'.")
    with pytest.raises(PermissionLost, match="ACME"):
        _ = [page async for page in connector.changes(REQ, None)]
