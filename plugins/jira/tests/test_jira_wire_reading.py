"""Reading, asking for changes and finding: queries, pages, cursors and histories."""

from datetime import UTC, datetime

import httpx
import pytest
from hub_jira.jql import kind_of, of_project
from hub_jira.reading import OVERLAP_MS

from hub.sdk import (
    Absence,
    BadAnswer,
    Kind,
    KindSettings,
    Patch,
    Record,
    SignInRejected,
)
from hub.testing import marked
from plugins.jira.tests.answering import ME, REQ, TASK, Jira, envelope, issue, known, opened, page


async def test_records_that_are_hidden_deleted_or_elsewhere_are_told_apart() -> None:
    jira = Jira(**{"GET /issue/11": envelope(403, "No.")})
    connector = await opened(jira)
    jira.issues["10"] = issue(10)
    jira.issues["13"] = issue(13, project={"id": "901", "key": "OTHER"})
    found = await connector.fetch(REQ, ["10", "11", "12", "13"])
    assert isinstance(found["10"], Record)
    assert [found[n] for n in ("11", "12", "13")] == [Absence.HIDDEN, Absence.DELETED, Absence.MOVED]


async def test_nothing_is_called_deleted_by_an_account_that_is_signed_out() -> None:
    jira = Jira()
    connector = await opened(jira)
    jira.answers["GET /myself"] = envelope(401, "No.")
    with pytest.raises(SignInRejected):
        await connector.fetch(REQ, ["12"])


async def test_an_issue_that_bulk_reading_could_not_give_is_read_alone() -> None:
    jira = Jira(**{"GET /issue/10": httpx.Response(200, json=issue(10))})
    found = await (await opened(jira)).fetch(REQ, ["10"])
    assert isinstance(found["10"], Record)


async def test_many_records_are_read_a_hundred_a_call() -> None:
    jira = Jira()
    jira.issues = {str(n): issue(n) for n in range(250)}
    connector = await opened(jira)
    assert len(await connector.fetch(REQ, list(jira.issues))) == 250
    assert [len(b["issueIdsOrKeys"]) for b in jira.bodies("POST /issue/bulkfetch")] == [100, 100, 50]
    assert jira.bodies("POST /issue/bulkfetch")[0]["expand"] == ["changelog", "transitions"]


async def test_the_newest_entry_of_the_history_says_who_touched_a_field() -> None:
    ana = {"accountId": "ana", "displayName": "Ana", "emailAddress": "ana@acme.example"}
    entries = [
        {
            "author": ana,
            "created": "2026-10-03T10:00:00.000+0200",
            "items": [{"field": "summary", "fieldId": "summary"}],
        },
        {
            "author": ME,
            "created": "2026-10-02T10:00:00.000+0200",
            "items": [{"field": "summary", "fieldId": "summary"}],
        },
        {"author": ME, "created": "2026-10-02T11:00:00.000+0200", "items": [{"field": "IssueParentAssociation"}]},
    ]
    jira = Jira()
    jira.issues["10"] = {**issue(), "changelog": {"histories": entries, "total": 3}}
    record = (await (await opened(jira)).fetch(REQ, ["10"]))["10"]
    assert isinstance(record, Record)
    assert record.touches["summary"].who.email == "ana@acme.example"
    assert record.touches["summary"].at == datetime(2026, 10, 3, 8, tzinfo=UTC)
    assert record.touches["parent"].at == datetime(2026, 10, 2, 9, tzinfo=UTC)
    assert record.touches["status"].at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert record.touched == record.touches["summary"]


async def test_equal_versions_mean_equal_fields_whatever_the_time_zone_of_the_account() -> None:
    jira = Jira()
    connector = await opened(jira)
    one = await known(jira, connector)
    other = await known(jira, connector, updated="2026-10-02T08:00:00.000+0000")
    changed = await known(jira, connector, summary="Other")
    assert one.version == other.version
    assert changed.version != one.version


async def test_a_later_reading_asks_in_milliseconds_and_moves_its_cursor_with_the_last_page() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(1)])})
    connector = await opened(jira)
    (first,) = [p async for p in connector.changes(REQ, None)]
    jira.sent.clear()
    jira.answers["POST /search/jql"] = [page([issue(2, updated="2026-11-01T11:00:00.000+0000")], "t"), page([issue(1)])]
    read = [p async for p in connector.changes(REQ, first.cursor)]
    newest = round(datetime(2026, 11, 1, 11, tzinfo=UTC).timestamp() * 1000)
    assert [p.cursor["mark"] for p in read] == [first.cursor["mark"], newest]
    bodies = jira.bodies("POST /search/jql")
    assert f"updated >= {first.cursor['mark'] - OVERLAP_MS} ORDER BY updated DESC" in bodies[0]["jql"]
    assert bodies[1]["nextPageToken"] == "t"
    assert bodies[0]["properties"] == ["requirement-hub"]
    assert bodies[0]["expand"] == "changelog"


@pytest.mark.parametrize("odd", [page([], "t2"), page([issue(2)], "t")])
async def test_a_chain_of_pages_that_leads_nowhere_is_no_end(odd: httpx.Response) -> None:
    jira = Jira(**{"POST /search/jql": [page([issue(1)], "t"), odd]})
    connector = await opened(jira)
    with pytest.raises(BadAnswer):
        _ = [p async for p in connector.changes(REQ, None)]


async def test_what_was_just_written_is_asked_to_be_shown_as_it_is() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue(summary="New"))})
    connector = await opened(jira)
    record = await known(jira, connector)
    await connector.update(REQ, [Patch("10", {"summary": "New"}, record)])
    [p async for p in connector.changes(REQ, None)]
    assert jira.bodies("POST /search/jql")[0]["reconcileIssues"] == [10]


async def test_another_set_of_types_begins_reading_anew() -> None:
    jira = Jira()
    (read,) = [p async for p in (await opened(jira)).changes(REQ, None)]
    other = await opened(jira, requirement=KindSettings(("Bug",)))
    [p async for p in other.changes(REQ, read.cursor)]
    assert jira.bodies("POST /search/jql")[-1]["jql"].endswith("ORDER BY id ASC")


@pytest.mark.parametrize(
    ("kinds", "clause"),
    [
        ({}, " AND issuetype not in subTaskIssueTypes()"),
        ({REQ: KindSettings(("Story", 'The "B"'))}, ' AND issuetype in ("Story", "The \\"B\\"")'),
        ({TASK: KindSettings()}, " AND issuetype in subTaskIssueTypes()"),
        ({REQ: KindSettings()}, " AND issuetype not in subTaskIssueTypes()"),
        ({REQ: KindSettings(), TASK: KindSettings()}, ""),
        ({REQ: KindSettings(("Story",)), TASK: KindSettings(("Sub-task",))}, ' AND issuetype in ("Story", "Sub-task")'),
        (
            {REQ: KindSettings(("Story",)), TASK: KindSettings()},
            ' AND (issuetype in ("Story") OR issuetype in subTaskIssueTypes())',
        ),
        (
            {REQ: KindSettings(), TASK: KindSettings(("Chore",))},
            ' AND (issuetype in ("Chore") OR issuetype not in subTaskIssueTypes())',
        ),
    ],
)
def test_one_query_asks_for_the_types_of_all_kinds(kinds: dict[Kind, KindSettings], clause: str) -> None:
    assert of_project("900", kinds) == f"project = 900{clause}"


@pytest.mark.parametrize(
    ("name", "is_sub_task", "kinds", "kind"),
    [
        ("Story", False, {}, REQ),
        ("Sub-task", True, {}, TASK),
        ("Sub-task", True, {REQ: KindSettings()}, TASK),
        ("Chore", False, {REQ: KindSettings(), TASK: KindSettings(("Chore",))}, TASK),
        ("Sub-task", True, {REQ: KindSettings(), TASK: KindSettings(("Chore",))}, None),
        ("Sub-task", True, {REQ: KindSettings(("Sub-task",)), TASK: KindSettings()}, REQ),
        ("Bug", False, {REQ: KindSettings(("Story",))}, None),
    ],
)
def test_an_issue_is_of_one_kind_at_most(
    name: str, is_sub_task: bool, kinds: dict[Kind, KindSettings], kind: Kind | None
) -> None:
    assert kind_of({"fields": {"issuetype": {"name": name, "subtask": is_sub_task}}}, kinds) is kind


async def test_a_marker_is_looked_for_beyond_what_the_index_knows() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(5), issue(3)])})
    connector = await opened(jira)
    hidden = {**issue(6), "properties": {"requirement-hub": {"key": "REQ-66"}}}
    between = {**issue(4), "properties": {"requirement-hub": {"key": "REQ-44"}}}
    jira.issues = {"ACME-6": hidden, "ACME-4": between}
    assert await connector.find(REQ, marked(["REQ-66", "REQ-44", "REQ-3"])) == {
        "REQ-66": ["6"],
        "REQ-44": ["4"],
        "REQ-3": ["3"],
    }
    assert jira.slept == []
    assert await connector.find(REQ, marked(["REQ-1"])) == {}
    assert jira.slept == [1.0, 2.0, 4.0]


async def test_after_an_edit_was_read_the_next_reading_is_quiet() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(1)])})
    connector = await opened(jira)
    (first,) = [p async for p in connector.changes(REQ, None)]
    jira.answers["POST /search/jql"] = page([issue(2, updated="2026-11-01T11:00:00.000+0000"), issue(1)])
    (second,) = [p async for p in connector.changes(REQ, first.cursor)]
    jira.answers["POST /search/jql"] = page([issue(2, updated="2026-11-01T11:00:00.000+0000")])
    (third,) = [p async for p in connector.changes(REQ, second.cursor)]
    assert third.records == ()
    assert third.cursor == second.cursor
