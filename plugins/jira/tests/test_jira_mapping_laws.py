"""Both laws of a lens, for every lens of every kind, in both editions and with every option."""

import json
from datetime import UTC
from typing import Any

import pytest
from hub_jira.config import RequirementOptions
from hub_jira.editions import EDITIONS
from hub_jira.mapping import mapping_of
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.mapping import People, References, Terms
from hub.model import Criterion, Person
from hub.sdk import (
    Author,
    Choice,
    CustomFields,
    Day,
    FieldMap,
    Kind,
    LabelSet,
    Lens,
    Moment,
    Number,
    OnePerson,
    Ref,
    RichText,
    Same,
    SectionItems,
    SectionText,
    Text,
    Unmapped,
    Vocabulary,
)

OPTIONS = RequirementOptions(
    background="customfield_1", acceptance="customfield_2", start="customfield_3", estimate=True
)
BLOCKS = st.sampled_from(
    [
        *("Why", "# Background", "## 背景:", "- [ ] one\n- [x] two", "Acceptance criteria\n---", "> q", "1. a\n2. b"),
        *("a\\\nb", "### Steps", "```\ncode\n```", "*b* _i_ {c} |d|", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        "**Note:** ~~x~~",
    ]
)
TEXTS = st.lists(BLOCKS, max_size=5).map("\n\n".join)
LINES = st.sampled_from(["", "Opens in Excel", "a * b", "[x] odd", "- dash", "# hash", "第一", "x" * 300])
CRITERIA = st.lists(st.builds(Criterion, text=LINES.map(str.strip).filter(bool), met=st.booleans()), max_size=4).map(
    tuple
)
PERSONS = st.sampled_from([None, Person(name="Ann", email="ann@x.example"), Person(name="Li", account="here:1")])
ACCOUNTS = ({"id": "1", "name": "Li"}, {"id": "2", "name": "Bo", "email": "b@x.example"})
FIELDS = {"A": st.text(max_size=5), "B": st.floats(0, 9).map(lambda n: round(n, 1)), "C": st.dates()}


class Ties(References):
    def key_of(self, kind: str, remote: str) -> str | None:
        return "REQ-1" if kind == Kind.REQUIREMENT and remote == "10" else None

    def remote_of(self, kind: str, key: str) -> str | None:
        return "10" if kind == Kind.REQUIREMENT and key == "REQ-1" else None


def bound(mapping: FieldMap) -> FieldMap:
    names = {
        field: Vocabulary.from_config({str(c): str(c).title() for c in lens.choices})
        for field, lens in mapping.items()
        if isinstance(lens, Choice)
    }
    custom = {"A": "Ext", "B": "Points", "C": "customfield_9"}
    return mapping.bound(Terms("here", names, People("here"), Ties(), custom=custom))


LENSES = {
    f"{name} {kind} {field} {'with options' if options else ''}".strip(): (edition, lens)
    for name, edition in EDITIONS.items()
    for kind, options in (
        (Kind.REQUIREMENT, None),
        (Kind.REQUIREMENT, OPTIONS),
        (Kind.TASK, None),
        (Kind.COMMENT, None),
        (Kind.ATTACHMENT, None),
    )
    for field, lens in bound(mapping_of(kind, edition.dialect, options)).items()
}


CUSTOM = {"Ext": ("text", "A-1"), "Points": ("number", 3), "customfield_9": ("day", "2026-12-01")}
HELD: dict[type[Lens], st.SearchStrategy[Any]] = {
    SectionItems: CRITERIA,
    RichText: TEXTS,
    SectionText: TEXTS,
    Text: LINES,
    Day: st.none() | st.dates(),
    Moment: st.none() | st.datetimes(timezones=st.just(UTC)),
    Number: st.none() | st.floats(0, 500).map(lambda hours: round(hours, 2)),
    LabelSet: st.frozensets(LINES, max_size=3),
    OnePerson: st.frozensets(PERSONS.filter(bool)),
    Author: PERSONS,
    Ref: st.sampled_from([None, "REQ-1", "REQ-2"]),
    CustomFields: st.fixed_dictionaries({}, optional=FIELDS).map(
        lambda given: {name: value for name, value in given.items() if value not in ("", None)}
    ),
    Same: st.none() | st.integers(0, 99),
}
SHOWN: dict[type[Lens], st.SearchStrategy[Any]] = {
    Text: LINES.map(str.strip).filter(bool).map(lambda line: line[:200]),
    Day: st.none() | st.dates().map(lambda day: day.isoformat()),
    Moment: st.sampled_from([None, "2026-11-01T10:00:00.000Z", "2026-11-01T10:00:00.123Z"]),
    Number: st.none() | st.integers(0, 10**6),
    LabelSet: st.lists(st.sampled_from(["erp", "urgent", "出口"]), unique=True),
    OnePerson: st.sampled_from([None, *ACCOUNTS]),
    Author: st.sampled_from([None, *ACCOUNTS]),
    Ref: st.sampled_from([None, "10", "11"]),
    CustomFields: st.fixed_dictionaries(
        {
            name: st.sampled_from([{"type": kind, "value": None}, {"type": kind, "value": value}])
            for name, (kind, value) in CUSTOM.items()
        }
    ),
    Same: st.none() | st.integers(0, 99),
}


def values(lens: Lens) -> st.SearchStrategy[Any]:
    """Canonical values."""
    if isinstance(lens, Choice):
        return st.sampled_from([*lens.choices, *([None] if lens.optional else [])])
    return HELD[type(lens)]


def remotes(dialect: Any, lens: Lens) -> st.SearchStrategy[Any]:
    """What Jira may show."""
    if isinstance(lens, Choice):
        return st.sampled_from([str(choice).title() for choice in lens.choices])
    if isinstance(lens, RichText | SectionText | SectionItems):
        return st.none() | TEXTS.map(lambda text: dialect.put(text, None))
    return SHOWN[type(lens)]


@pytest.mark.parametrize("name", LENSES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_written_and_read_back_changes_nothing_here(name: str, data: st.DataObject) -> None:
    edition, lens = LENSES[name]
    value, remote = data.draw(values(lens)), data.draw(remotes(edition.dialect, lens))
    try:
        written = lens.to_remote(value, current=remote)
    except Unmapped:
        return
    assert lens.to_canonical(written, current=value) == value


@pytest.mark.parametrize("name", LENSES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_read_and_written_back_changes_nothing_there(name: str, data: st.DataObject) -> None:
    edition, lens = LENSES[name]
    value, remote = data.draw(values(lens)), data.draw(remotes(edition.dialect, lens))
    read = lens.to_canonical(remote, current=value)
    if isinstance(lens, Text | RichText) and len(str(value)) > lens.limit:
        return  # a cut text is read back whole
    assert json.dumps(lens.to_remote(read, current=remote)) == json.dumps(remote)


def test_every_lens_of_every_kind_is_here() -> None:
    assert len(LENSES) == 2 * (11 + 13 + 6 + 4 + 6)
