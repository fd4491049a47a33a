"""The Jira sandbox: what holds for any input."""

import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.documents import as_stored, from_plain, is_document, plain
from hub_jira.sandbox.editing import Editor
from hub_jira.sandbox.index import Index
from hub_jira.sandbox.problems import Problem
from hub_jira.sandbox.times import read_moment, shown
from hub_jira.sandbox.values import Reading
from hypothesis import given
from hypothesis import strategies as st

SITE = JiraSandbox().site
SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
NODE_TYPES = ["doc", "paragraph", "text", "heading", "bulletList", "listItem", "panel", "taskItem", "date", "rule"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS | st.sampled_from(NODE_TYPES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "key", "value", "accountId", "name", "child"]), inner, max_size=3)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(NODE_TYPES), "content": st.lists(inner, max_size=3)},
            optional={"version": st.just(1), "text": st.text(max_size=3), "attrs": inner, "marks": inner},
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(SITE.fields)), JSON, max_size=4), st.sampled_from([2, 3]))
def test_any_fields_make_an_issue_or_a_problem(fields: dict[str, Any], version: int) -> None:
    sandbox = JiraSandbox()
    editor = Editor(sandbox.site, sandbox.bot, version)
    default = {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "x"}
    try:
        editor.create({"fields": default | fields})
    except Problem as problem:
        assert (problem.status, bool(problem.messages or problem.errors)) == (400, True)  # noqa: PT017 - either is fine
    json.dumps(sandbox.state())


@given(st.dictionaries(st.sampled_from(sorted(SITE.fields)), JSON, max_size=3))
def test_any_verbs_change_an_issue_or_make_a_problem(verbs: dict[str, Any]) -> None:
    sandbox = JiraSandbox()
    editor = Editor(sandbox.site, sandbox.bot)
    issue = editor.create({"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "x"}})
    update = {name: [{"add": value}] for name, value in verbs.items()}
    try:
        editor.edit(issue, {"update": update})
    except Problem as problem:
        assert problem.status == 400  # noqa: PT017 - either is fine
    json.dumps(sandbox.state())


@given(JSON)
def test_any_value_is_a_document_or_not(value: Any) -> None:
    if is_document(value):
        stored = as_stored(value, lambda: "new")
        assert is_document(stored)
        assert as_stored(stored, lambda: "other") == stored
        assert plain(stored) == plain(value)


@given(st.text())
def test_a_plain_text_survives_as_a_document(text: str) -> None:
    document = from_plain(text)
    assert document is None or is_document(document)
    assert plain(document).split() == text.split()
    assert plain(from_plain(plain(document))) == plain(document)


@given(st.integers())
def test_labels_never_come_back_twice(seed: int) -> None:
    labels = random.Random(seed).choices("abc", k=6)
    stored = Reading(SITE, SITE.projects["10000"]).value(SITE.fields["labels"], labels)
    assert stored == sorted(set(labels), key=labels.index)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - UTC is given
    st.sampled_from(["UTC", "Asia/Shanghai", "America/Sao_Paulo", "America/New_York", "Asia/Kolkata"]),
)
def test_a_moment_is_the_same_in_every_zone(moment: datetime, zone: str) -> None:
    assert abs(read_moment(shown(moment, zone)) - moment).total_seconds() < 0.001


def test_the_index_forgets_what_no_lag_can_show() -> None:
    index, sandbox = Index(), JiraSandbox()
    editor = Editor(sandbox.site, sandbox.bot)
    issue = editor.create({"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "x"}})
    for minute in range(60):
        issue.values["summary"] = str(minute)
        index.note(issue.id, issue, datetime(2026, 1, 1, 0, minute, tzinfo=UTC))
    seen = [next(index.at(datetime(2026, 1, 1, 0, minute, tzinfo=UTC))).values["summary"] for minute in (44, 52, 59)]
    assert seen == ["44", "52", "59"]
    assert list(index.at(datetime(2026, 1, 1, 0, 30, tzinfo=UTC))) == []


def test_a_broken_move_is_told() -> None:
    with pytest.raises(KeyError, match="NOPE"):
        JiraSandbox().move("NOPE-1", "NOPE")


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real documents is not beside the project")
def test_every_real_document_of_the_schema_is_taken_and_kept_valid() -> None:
    import jsonschema_rs

    schema = jsonschema_rs.validator_for(json.loads((SHARED / "specs" / "adf.full.schema.json").read_text()))
    documents = [json.loads(path.read_text()) for path in sorted((SHARED / "data" / "adf").rglob("*.json"))]
    valid = [one for one in documents if isinstance(one, dict) and one.get("type") == "doc" and schema.is_valid(one)]
    assert len(valid) > 20
    for document in valid:
        assert is_document(document)
        assert schema.is_valid(as_stored(document, lambda: "new"))
