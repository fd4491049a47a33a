"""A mapping has another fingerprint when, and only when, it means something else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mapping import (
    ACCEPTANCE,
    BACKGROUND,
    Account,
    Author,
    Checklist,
    Choice,
    CustomFields,
    Day,
    FieldMap,
    LabelSet,
    Lens,
    Marked,
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
from hub.model import Kind, TaskStatus

NAMES = ("To Do", "Doing", "Done")
VALUES = tuple(str(value) for value in TaskStatus)
vocabularies = st.builds(
    lambda rows, write, read: Vocabulary({value: tuple(names) for value, names in rows if names}, write, read),
    st.permutations(VALUES).flatmap(
        lambda values: st.tuples(
            *(st.tuples(st.just(value), st.lists(st.sampled_from(NAMES), max_size=3, unique=True)) for value in values)
        )
    ),
    st.sampled_from([None, *NAMES]),
    st.sampled_from([None, *VALUES]),
)


def print_of(lens: Lens) -> str:
    return FieldMap(field=lens).fingerprints()["field"]


def tried(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Unmapped:
        return "unmapped"


def meaning(lens: Choice) -> list[Any]:
    """Everything that a choice answers."""
    shown = [None, *NAMES, "Elsewhere"]
    written = [tried(lambda v=v, r=r: lens.to_remote(v, current=r)) for v in TaskStatus for r in shown]  # type: ignore[misc]
    read = [tried(lambda v=v, r=r: lens.to_canonical(r, current=v)) for v in TaskStatus for r in shown[1:]]  # type: ignore[misc]
    return [*written, *read, *(tried(lambda r=r: lens.get(r)) for r in shown[1:])]  # type: ignore[misc]


def choice(names: Vocabulary) -> Choice:
    return Choice("status", TaskStatus, names=names)


@given(one=vocabularies, other=vocabularies)
def test_vocabularies_with_one_fingerprint_mean_the_same(one: Vocabulary, other: Vocabulary) -> None:
    if print_of(choice(one)) == print_of(choice(other)):
        assert meaning(choice(one)) == meaning(choice(other))


@given(one=vocabularies, order=st.permutations(VALUES), data=st.data())
def test_neither_the_order_of_values_nor_that_of_names_that_are_only_read_is_part_of_the_meaning(
    one: Vocabulary, order: list[str], data: st.DataObject
) -> None:
    shuffled = {
        value: (names[0], *data.draw(st.permutations(names[1:])))
        for value in order
        if (names := one.names.get(value, ()))
    }
    other = Vocabulary(shuffled, one.write, one.read)
    if meaning(choice(one)) == meaning(choice(other)):
        assert print_of(choice(one)) == print_of(choice(other))


def terms(directory: list[Account] | None = None, language: str = "en", **more: Any) -> Terms:
    people = People("here", more.pop("people", {}), directory or [])
    return Terms("here", more.pop("vocabularies", {}), people, language=language, **more)


EVERY: dict[str, Callable[[], Lens]] = {
    "people": lambda: PeopleSet("f"),
    "person": lambda: OnePerson("f"),
    "owner": lambda: Owner("f"),
    "author": lambda: Author("f"),
    "text": lambda: Text("f", limit=20),
    "rich": lambda: RichText("f", apart=(BACKGROUND,)),
    "section": lambda: SectionText("f", BACKGROUND),
    "items": lambda: SectionItems("f", ACCEPTANCE),
    "labels": lambda: LabelSet("f", forbid=" ,"),
    "custom": lambda: CustomFields("f"),
    "ref": lambda: Ref("f", Kind.CLIENT),
    "number": lambda: Number("f", per=60),
    "checklist": lambda: Checklist("f"),
    "choice": lambda: choice(Vocabulary({"todo": ("To Do",)})),
}
CUSTOM = {"area": "cf_1", "cost": "cf_2"}


@pytest.mark.parametrize("name", EVERY)
def test_what_a_service_shows_of_its_people_is_no_part_of_any_mapping(name: str) -> None:
    learned = [Account("7", "Ann", "ann@example.com"), Account("8", "Bo")]
    bound = [EVERY[name]().bound("f", terms(known, custom=CUSTOM)) for known in ([], learned)]
    assert print_of(bound[0]) == print_of(bound[1])


@pytest.mark.parametrize("name", ["people", "person", "owner", "author"])
def test_whose_account_is_whose_is_part_of_the_mapping_where_the_configuration_says_so(name: str) -> None:
    tables = [
        {},
        {"ann@example.com": {"here": "7"}},
        {"bo@example.com": {"here": "7"}},
        {"ANN@example.com": {"here": "7"}, "bo@example.com": {"elsewhere": "9"}},
    ]
    none, ann, bo, same = (print_of(EVERY[name]().bound("f", terms(people=table))) for table in tables)
    assert len({none, ann, bo}) == 3
    assert ann == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Text("a"), Text("b")),
        (Text("a", limit=20), Text("a", limit=21)),
        (Text("a"), Text("a", untitled="(untitled)")),
        (Text("a"), Text("a", weak=True)),
        (Text("a"), RichText("a")),
        (RichText("a"), RichText("a", apart=(BACKGROUND,))),
        (SectionText("a", BACKGROUND), SectionText("a", ACCEPTANCE)),
        (LabelSet("a"), LabelSet("a", forbid=",")),
        (LabelSet("a", limit=3), LabelSet("a", limit=4)),
        (Ref("a", Kind.CLIENT), Ref("a", Kind.CONTACT)),
        (Number("a"), Number("a", per=3600)),
        (Choice("a", TaskStatus), Choice("a", TaskStatus, optional=True)),
        (Marked(RichText("a"), ["@client"]), Marked(RichText("a"), ["@kunde"])),
    ],
)
def test_mappings_that_mean_something_else_have_other_fingerprints(one: Lens, other: Lens) -> None:
    assert print_of(one) != print_of(other)


def test_what_only_looks_otherwise_has_the_same_fingerprint() -> None:
    assert print_of(LabelSet("a", forbid=" ,")) == print_of(LabelSet("a", forbid=", ,"))
    marks = [Marked(RichText("a"), marks) for marks in (["@Client", "@all"], ["@all", "@client"])]
    assert print_of(marks[0]) == print_of(marks[1])


def test_each_custom_field_and_its_name_are_part_of_the_mapping_and_their_order_is_not() -> None:
    def bound(custom: dict[str, str]) -> str:
        return print_of(CustomFields("custom").bound("custom", terms(custom=custom)))

    assert bound(CUSTOM) == bound(dict(reversed(CUSTOM.items())))
    assert (
        len({bound(CUSTOM), bound({"area": "cf_1"}), bound({**CUSTOM, "cost": "cf_3"}), bound({"area": "cf_2"})}) == 4
    )


def test_the_language_of_new_headings_is_part_of_a_section_and_of_nothing_else() -> None:
    def bound(name: str, language: str) -> str:
        return print_of(EVERY[name]().bound("f", terms(language=language)))

    assert [name for name in EVERY if bound(name, "en") != bound(name, "zh")] == ["section", "items"]
    assert bound("section", "zh") == bound("section", "zh-CN")


def test_a_fingerprint_tells_where_it_looks() -> None:
    assert print_of(Day("duedate")).partition("#")[0] == "duedate"
