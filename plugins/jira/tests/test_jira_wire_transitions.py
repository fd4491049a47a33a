"""Ways from one status to another: what the connector sends, and what it makes of refusals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
from hub_jira.config import JiraOptions

from hub.sdk import (
    KindSettings,
    Patch,
    Refusal,
    Written,
)
from plugins.jira.tests.answering import DOING, DONE, REQ, TODO, Jira, envelope, issue, known, opened, patched


def hop(number: str, to: Mapping[str, Any], *, screen: bool = False, **fields: Any) -> dict[str, Any]:
    more = {"fields": fields} if fields else {}
    return {"id": number, "name": f"Go {number}", "to": to, "hasScreen": screen, "isAvailable": True, **more}


def offered(*hops: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"transitions": list(hops)})


MOVES = "POST /issue/10/transitions"
OPTIONS = "GET /issue/10/transitions"


async def test_a_status_further_away_is_reached_by_what_a_sample_shows() -> None:
    sample = {**issue(55, status=DOING), "transitions": [hop("31", DONE)]}
    found = httpx.Response(200, json={"issues": [{"id": "55"}], "isLast": True})
    jira = Jira(**{MOVES: httpx.Response(204), "POST /search/jql": found})
    jira.issues["55"] = sample
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Written)
    assert outcome.record.fields["status"] == "Done"
    assert [b["transition"]["id"] for b in jira.bodies(MOVES)] == ["21", "31"]
    assert jira.names() == [
        "GET /project/900/statuses",
        "POST /search/jql",
        "POST /issue/bulkfetch",
        MOVES,
        MOVES,
    ]


async def test_without_a_sample_the_way_is_found_by_going() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("31", DONE), hop("32", TODO))})
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Written)
    assert jira.names()[-3:] == [MOVES, OPTIONS, MOVES]


async def test_a_way_that_ends_half_way_says_where_the_issue_is_now() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("32", TODO))})
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.fields["status"] == "Doing"
    assert "no transition leads from 'Doing' to 'Done': reachable are To Do" in outcome.fields["status"]


RESOLUTION = {
    "required": True,
    "name": "Resolution",
    "schema": {"type": "resolution"},
    "allowedValues": [{"id": "1", "name": "Won't Do"}, {"id": "2", "name": "Fixed"}],
}
CAUSE = {"required": True, "name": "Root cause", "schema": {"type": "option"}}


async def test_a_required_resolution_says_that_the_work_was_done() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("21", DOING, screen=True, resolution=RESOLUTION))})
    connector = await opened(jira)
    record = await known(jira, connector)
    record = replace(record, extra={**record.extra, "transitions": [hop("21", DOING, screen=True)]})
    patches = [Patch("10", {"status": "Doing"}, record)]
    assert isinstance((await connector.update(REQ, patches))[0], Written)
    assert isinstance((await connector.update(REQ, patches))[0], Written)
    assert jira.bodies(MOVES)[0] == {"transition": {"id": "21"}, "fields": {"resolution": {"id": "2"}}}
    assert jira.names() == [OPTIONS, MOVES, MOVES]


async def test_a_required_field_of_a_transition_is_named_and_can_be_configured() -> None:
    answers = {
        MOVES: [envelope(400, customfield_7="Root cause is required."), httpx.Response(204)],
        OPTIONS: offered(hop("21", DOING, customfield_7=CAUSE)),
    }
    outcome = await patched(jira := Jira(**answers), {"status": "Doing"})
    assert isinstance(outcome, Refusal)
    assert "'Root cause' (customfield_7)" in outcome.fields["status"]
    assert "defaults" in outcome.message
    assert jira.names() == [MOVES, OPTIONS]

    jira = Jira(**{**answers, MOVES: [envelope(400, customfield_7="Needed."), httpx.Response(204)]})
    options = JiraOptions(defaults={"Root cause": "Wear"})
    connector = await opened(jira, requirement=KindSettings(("Story",), "Story", options))
    record = await known(jira, connector)
    (outcome,) = await connector.update(REQ, [Patch("10", {"status": "Doing"}, record)])
    assert isinstance(outcome, Written)
    assert jira.bodies(MOVES)[-1]["fields"] == {"customfield_7": {"value": "Wear"}}


async def test_a_transition_that_is_no_longer_there_is_planned_again() -> None:
    jira = Jira(**{MOVES: [envelope(400, "It seems that you have tried…"), httpx.Response(204)]})
    jira.answers["GET /issue/10"] = httpx.Response(200, json={**issue(status=DONE), "transitions": [hop("51", DOING)]})
    outcome = await patched(jira, {"status": "Doing"})
    assert isinstance(outcome, Written)
    assert [b["transition"]["id"] for b in jira.bodies(MOVES)] == ["21", "51"]


async def test_fields_that_were_written_are_told_when_the_status_is_refused() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue(summary="New"))})
    outcome = await patched(jira, {"summary": "New", "status": "Nowhere"})
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.fields["summary"] == "New"


async def test_a_closed_issue_is_opened_before_it_is_edited() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), "PUT /issue/10": httpx.Response(200, json=issue(status=DOING))})
    assert isinstance(await patched(jira, {"summary": "New", "status": "Doing"}, status=DONE), Written)
    assert jira.names() == [MOVES, "PUT /issue/10"]
