"""Both laws of a lens, for every lens of every installed connector, on generated and on real values."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hub_jira.adf import from_plain
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.mapping import (
    Account,
    Author,
    Checklist,
    Choice,
    CustomFields,
    Day,
    DayOfInstant,
    FieldMap,
    LabelSet,
    Lens,
    Marked,
    Moment,
    Number,
    OnePerson,
    Owner,
    People,
    PeopleSet,
    Ref,
    RichText,
    SectionItems,
    SectionText,
    Terms,
    Text,
    Unmapped,
    Vocabulary,
)
from hub.mapping.dialects import Dialect, Markdown
from hub.model import Audience, Kind, Person
from hub.plugins import discover
from tests.e2e.bench import shared
from tests.laws.strategies import amounts, checklists, criteria, custom_values, descriptions, lines, moments

PEOPLE = People("here", {"ann@example.com": {"here": "1"}}, [Account("1", "Ann"), Account("2", "李伟", None, "liwei")])
PERSONS = (
    Person(email="ann@example.com", name="Ann"),
    Person(name="李伟", account="here:2"),
    Person(email="x@y.example"),
)
SHOWN = ({"id": "1", "name": "Ann"}, {"id": "2", "name": "李伟"}, {"id": "9", "name": "A stranger"})
CELLS = st.sampled_from(
    [{"type": "text", "value": "x"}, {"type": "number", "value": 1}, {"type": "flag", "value": None}]
)
INSTANTS = st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z")
WORDS = st.sampled_from(["", "client", "needs design", "需求", "重要 客户", ":green:", "a,b", " x "])
MARKDOWN = st.one_of(
    lines,
    st.sampled_from(
        ["", "# Title\n\n- a\n- b\n", "> [!NOTE]\n> Read\n", "a\\\nb", "| a | b |\n| --- | --- |\n| 1 | 2 |"]
    ),
)


def names_of(lens: Choice) -> Vocabulary:
    """Three names, two values with one, one with two, and a word for the rest."""
    first, second, *rest = (str(choice) for choice in lens.choices)
    table = {first: ("One", "Uno"), second: ("Shared",), **dict.fromkeys(rest[:1], ("Shared",))}
    return Vocabulary(table, write="One", read=first)


def bound(mapping: FieldMap) -> FieldMap:
    names = {field: names_of(lens) for field, lens in mapping.items() if isinstance(lens, Choice)}
    return mapping.bound(Terms("here", names, PEOPLE, custom={"area": "cf_1", "cost": "cf_2"}))


LENSES: dict[str, Lens] = {
    f"{name} {kind} {field}": lens
    for name, connector in discover().connectors.items()
    for kind, spec in connector.kinds.items()
    for field, lens in bound(spec.mapping).items()
}


Strategy = st.SearchStrategy[Any]
Make = Callable[[Any], Strategy]

VALUES: tuple[tuple[tuple[type[Lens], ...], Make], ...] = (
    ((RichText, SectionText), lambda _: MARKDOWN | descriptions),
    ((SectionItems, Checklist), lambda _: criteria),
    ((Marked,), lambda _: st.sampled_from(Audience)),
    ((Choice,), lambda lens: st.sampled_from([*lens.choices, *([None] if lens.optional else [])])),
    ((Day, DayOfInstant), lambda _: st.none() | st.dates()),
    ((Moment,), lambda _: moments),
    ((Number,), lambda _: amounts),
    ((LabelSet,), lambda _: st.frozensets(WORDS, max_size=4)),
    ((OnePerson, PeopleSet), lambda _: st.frozensets(st.sampled_from(PERSONS))),
    ((Owner, Author), lambda _: st.none() | st.sampled_from(PERSONS)),
    ((CustomFields,), lambda _: st.dictionaries(st.sampled_from(["area", "cost", "elsewhere"]), custom_values)),
    ((Ref,), lambda _: st.sampled_from([None, "REQ-1"])),
)
"""By lens: canonical values. Of lenses that a connector brings itself, and of Text and Same, they are texts."""

REMOTES: tuple[tuple[tuple[type[Lens], ...], Make], ...] = (
    ((Text,), lambda _: lines.map(str.strip).filter(bool)),
    ((RichText, SectionText, SectionItems), lambda lens: rich(lens.dialect)),
    ((Marked,), lambda lens: rich(lens.body.dialect)),
    ((Checklist,), lambda _: checklists),
    ((Choice,), lambda _: st.sampled_from(["One", "Uno", "Shared", "Elsewhere"])),
    ((Day,), lambda _: st.none() | st.dates().map(lambda day: day.isoformat())),
    ((DayOfInstant,), lambda _: st.none() | INSTANTS),
    ((Moment,), lambda _: st.none() | INSTANTS),
    ((Number,), lambda _: st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)),
    ((LabelSet,), lambda _: st.lists(WORDS.map(str.strip).filter(bool), unique=True, max_size=4)),
    ((OnePerson, Owner, Author), lambda _: st.none() | st.sampled_from(SHOWN)),
    ((PeopleSet,), lambda _: st.lists(st.sampled_from(SHOWN), unique_by=lambda each: each["id"])),
    ((CustomFields,), lambda _: st.dictionaries(st.sampled_from(["cf_1", "cf_2", "cf_3"]), CELLS)),
    ((Ref,), lambda _: st.sampled_from([None, "10001"])),
)
"""By lens: what the service may show. Of lenses that a connector brings itself, it is what they write."""


def values(lens: Lens) -> Strategy:
    """Canonical values of the field that *lens* looks at."""
    return next((make(lens) for classes, make in VALUES if isinstance(lens, classes)), lines)


def remotes(lens: Lens) -> Strategy:
    """What the service may show in the record's field."""
    written = lines.map(lambda text: lens.to_remote(text, current=None))
    return next((make(lens) for classes, make in REMOTES if isinstance(lens, classes)), written)


def rich(dialect: Dialect) -> Strategy:
    """Texts as a service holds them in its own format."""
    if isinstance(dialect, Markdown):
        return st.none() | lines | descriptions
    written = (MARKDOWN | descriptions).map(lambda text: dialect.put(text, None))
    return st.none() | lines.map(from_plain) | written if dialect.name == "adf" else written


@pytest.mark.parametrize("name", LENSES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_and_read_back_changes_nothing_here(name: str, data: st.DataObject) -> None:
    lens = LENSES[name]
    value, remote = data.draw(values(lens)), data.draw(remotes(lens))
    try:
        written = lens.to_remote(value, current=remote)
    except Unmapped:
        return
    assert lens.to_canonical(written, current=value) == value


@pytest.mark.parametrize("name", LENSES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_read_and_written_back_changes_nothing_there(name: str, data: st.DataObject) -> None:
    lens = LENSES[name]
    value, remote = data.draw(values(lens)), data.draw(remotes(lens))
    with contextlib.suppress(Unmapped):
        keeps_its_shape(lens, value, remote)


def keeps_its_shape(lens: Lens, value: Any, remote: Any) -> None:
    read = lens.to_canonical(remote, current=value)
    written = lens.to_remote(read, current=remote)
    fits_now = isinstance(lens, Text | RichText) and len(read) <= lens.limit < len(value)
    assert written == remote or fits_now
    if isinstance(lens, RichText) and not fits_now:
        assert json.dumps(written) == json.dumps(remote)


def test_every_lens_is_held_to_the_laws() -> None:
    assert {name.split()[0] for name in LENSES} >= {"jira", "trello"}
    assert len(LENSES) >= 18


@pytest.mark.data
def test_real_issues_keep_both_laws() -> None:
    jira = JiraSandbox()
    for file in sorted(shared("data/jira/public_issues").glob("*.json"))[::4]:
        jira.load(json.loads(file.read_text(encoding="utf-8")))
    fields = (issue["fields"] for issue in jira.state()["issues"])
    keep_the_laws(
        "jira", ({**each, "assignee": None, "status": "One", "issuetype": "Uno", "priority": None} for each in fields)
    )


@pytest.mark.data
def test_real_cards_keep_both_laws() -> None:
    for file in sorted(shared("data/trello/boards").glob("*.json")):
        keep_the_laws("trello", (shown_card(card) for card in cards_of(file)))


def cards_of(file: Path) -> Iterator[dict[str, Any]]:
    export = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(export, dict):
        return
    sandbox = TrelloSandbox()
    sandbox.load(export)
    for board in sandbox.state()["boards"]:
        yield from board["cards"]


def shown_card(card: Mapping[str, Any]) -> dict[str, Any]:
    labels = list(dict.fromkeys(label["name"] or f":{label['color']}:" for label in card["labels"]))
    return {**card, "labels": labels, "members": [], "list": "One"}


def keep_the_laws(connector: str, shown: Iterator[Mapping[str, Any]]) -> None:
    lenses = {
        name.split()[2]: lens for name, lens in LENSES.items() if name.startswith(f"{connector} {Kind.REQUIREMENT} ")
    }
    before: dict[str, Any] = {}
    for fields in shown:
        for field, lens in lenses.items():
            remote = fields.get(lens.remote)
            try:
                value = lens.to_canonical(remote, current=before.get(field, lens.get(remote)))
            except Unmapped:
                continue
            keeps_its_shape(lens, before.get(field, value), remote)
            assert lens.to_canonical(lens.to_remote(value, current=None), current=value) == value
            before[field] = value
