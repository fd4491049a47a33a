"""Description, background and acceptance in one rich text: each lens touches its own part, and loses none of the others."""

from collections.abc import Mapping
from typing import Any

import pytest
from hub_jira.mapping import Adf
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from hub.mapping import ACCEPTANCE, BACKGROUND, Lens, People, RichText, SectionItems, SectionText, Terms, Unmapped
from hub.mapping.dialects import Dialect, Markdown
from hub.mapping.document import KEEP, put_together, take_apart
from hub.model import Criterion
from tests.laws.strategies import SECTIONS, criteria, descriptions, limits

DIALECTS: Mapping[str, Dialect] = {"markdown": Markdown(), "adf": Adf()}
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "description": descriptions,
    "background": descriptions,
    "acceptance": criteria,
}
PLENTY = 100_000


def lenses(dialect: str = "markdown", limit: int = PLENTY) -> dict[str, Lens]:
    how: dict[str, Any] = {"dialect": DIALECTS[dialect], "limit": limit, "apart": SECTIONS}
    return {
        "description": RichText("text", **how),
        "background": SectionText("text", BACKGROUND, **how),
        "acceptance": SectionItems("text", ACCEPTANCE, **how),
    }


@every_dialect
@pytest.mark.parametrize("name", VALUES)
@settings(deadline=None)
@given(data=st.data())
def test_a_part_that_is_written_is_read_back_and_no_other_part_moves(
    dialect: str, name: str, data: st.DataObject
) -> None:
    each = lenses(dialect)
    value, remote = data.draw(VALUES[name]), DIALECTS[dialect].put(data.draw(descriptions), None)
    try:
        written = each[name].to_remote(value, current=remote)
    except Unmapped:
        event("unmapped")
        return
    assert each[name].to_canonical(written, current=value, seen=remote) == value
    for other in each.keys() - {name}:
        before = each[other].get(remote)
        assert each[other].to_canonical(written, current=before, seen=remote) == before


@pytest.mark.parametrize("name", VALUES)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_read_is_written_back_as_it_was_in_the_services_own_format(name: str, data: st.DataObject) -> None:
    lens = lenses("adf")[name]
    remote = Adf().put(data.draw(descriptions), None)
    read = lens.to_canonical(remote, current=data.draw(VALUES[name]))
    assert lens.to_remote(read, current=remote) == remote


@given(text=descriptions)
def test_a_text_taken_apart_is_put_together_to_the_byte(text: str) -> None:
    pieces = take_apart(text, SECTIONS)
    assert "".join(piece.title + piece.text for piece in pieces) == text
    assert put_together(pieces, SECTIONS) == text


@settings(deadline=None)
@given(
    limit=limits,
    remote=descriptions,
    description=descriptions,
    background=descriptions,
    acceptance=criteria,
    order=st.permutations(sorted(VALUES)),
)
@example(
    limit=120,
    remote="## Background ##\n\nintro\n\n* [x] three\n  - nested\r\n\r\nintro\n\n## Background\n\n",
    description="",
    background="",
    acceptance=(Criterion(text="one"),) * 3,
    order=["acceptance", "background", "description"],
)
@example(
    limit=60,
    remote="",
    description="intro\n\nintro\n\n* [x] three\n  - nested\n\n```\n## Background\n```\n\n",
    background="intro\n\nintro\n\nBackground\n===\n\n",
    acceptance=(),
    order=["description", "background", "acceptance"],
)
def test_whatever_is_written_first_nothing_is_lost_however_little_room_there_is(
    limit: int, remote: str, description: str, background: str, acceptance: Any, order: list[str]
) -> None:
    """A part is shown, or said not to be; a description that had to be cut for a section is no edit."""
    each, written = lenses(limit=limit), remote
    values: dict[str, Any] = {"description": description, "background": background, "acceptance": acceptance}
    agreed = {name: lens.get(remote) for name, lens in each.items()}
    for name in order:
        before = written
        try:
            written = each[name].to_remote(values[name], current=written)
        except Unmapped:
            event("unmapped")
        else:
            assert written == before or len(written or "") <= limit
            agreed[name] = values[name]
        for other, lens in each.items():
            assert lens.to_canonical(written, current=agreed[other], seen=before) == agreed[other]


def test_parts_stand_in_their_order_whatever_is_written_first() -> None:
    each, text = lenses(), None
    values = {"acceptance": (Criterion(text="one"), Criterion(text="two", met=True)), "background": "why"}
    for name, value in {**values, "description": "what"}.items():
        text = each[name].to_remote(value, current=text)
    assert text == "what\n\n## Background\n\nwhy\n\n## Acceptance criteria\n\n- [ ] one\n- [x] two"


def test_new_headings_are_in_the_language_of_the_spoke_and_old_ones_stay_as_they_are() -> None:
    terms = Terms("here", {}, People("here"), language="zh-CN")
    background = lenses()["background"].bound("background", terms)
    assert background.to_remote("why", current="what") == "what\n\n## 背景\n\nwhy"
    assert background.to_remote("why", current="# BACKGROUND：\nold\n") == "# BACKGROUND：\nwhy"


def test_an_empty_part_has_no_heading() -> None:
    each = lenses()
    text = "what\n\n## Background\n\nwhy\n\n## Acceptance criteria\n\n- one"
    assert each["acceptance"].to_remote((), current=each["background"].to_remote("", current=text)) == "what"


def test_what_follows_a_section_belongs_to_the_description_and_stays_where_it_is() -> None:
    each = lenses()
    text = "what\n\n### Background\nwhy\n\n#### More\nof it\n\n## Rest\n*  odd   list\n"
    assert each["description"].get(text) == "what\n\n## Rest\n*  odd   list"
    assert each["background"].get(text) == "why\n\n#### More\nof it"
    edited = each["description"].to_remote("what else\n\n## Rest\n*  odd   list\n\n## New", current=text)
    assert edited == "what else\n\n### Background\nwhy\n\n#### More\nof it\n\n## Rest\n*  odd   list\n\n## New"
    assert each["background"].to_remote("because", current=text) == (
        "what\n\n### Background\nbecause\n\n## Rest\n*  odd   list"
    )


def test_code_that_looks_like_a_heading_is_none() -> None:
    each, text = lenses(), "```\n## Background\n```\n\n> ## Background\n\n- ## Background"
    assert each["description"].get(text) == text
    assert each["background"].get(text) == ""


@pytest.mark.parametrize("own", ["## Background\n\nmine", "Background\n===\nmine", f"# 背景{KEEP}\n\nmine"])
def test_a_heading_of_the_descriptions_own_is_written_so_that_it_is_not_taken_for_a_section(own: str) -> None:
    each = lenses()
    written = each["description"].to_remote(own, current="## Background\n\nwhy")
    assert each["description"].get(written) == own
    assert each["background"].get(written) == "why"


def test_a_heading_in_a_section_does_not_end_it() -> None:
    each, value = lenses(), "# Long ago\n\nit was so"
    written = each["background"].to_remote(value, current="what\n\n## Background\n\n## Rest")
    assert each["background"].get(written) == value
    assert each["description"].get(written) == "what\n\n## Rest"


def test_open_code_does_not_take_in_the_sections_after_it() -> None:
    each = lenses()
    written = each["background"].to_remote("why", current="```\ncode")
    assert written == "```\ncode\n```\n\n## Background\n\nwhy"
    assert each["description"].to_canonical(written, current="```\ncode") == "```\ncode"


def test_items_keep_what_is_nested_under_them_and_other_blocks_their_places() -> None:
    lens = lenses()["acceptance"]
    text = "## Acceptance criteria\n\nAll of:\n\n* first\n  - detail\n* [x] second\n\nAnd that is it.\n\n| a |\n| - |"
    assert lens.get(text) == (Criterion(text="first"), Criterion(text="second", met=True))
    wanted = (Criterion(text="second", met=True), Criterion(text="first", met=True), Criterion(text="third"))
    written = lens.to_remote(wanted, current=text)
    assert written == (
        "## Acceptance criteria\n\nAll of:\n\n* [x] second\n* [x] first\n  - detail\n* [ ] third\n\n"
        "And that is it.\n\n| a |\n| - |"
    )
    assert lens.to_remote((), current=written) == (
        "## Acceptance criteria\n\nAll of:\n\nAnd that is it.\n\n| a |\n| - |"
    )


def test_the_description_is_cut_so_that_a_section_fits_and_comes_back_whole() -> None:
    each, whole = lenses(limit=100), "word " * 19 + "end"
    alone = each["description"].to_remote(whole, current=None)
    both = each["background"].to_remote("why it must be so", current=alone)
    assert len(both) <= 100
    assert each["background"].get(both) == "why it must be so"
    assert each["description"].to_canonical(both, current=whole, seen=alone) == whole
    edited = both.replace("word", "WORD", 1)
    assert each["description"].to_canonical(edited, current=whole, seen=both) == whole.replace("word", "WORD", 1)


def test_a_cut_description_is_no_edit_once_its_section_is_gone() -> None:
    each, whole = lenses(limit=100), "word " * 18 + "end"
    both = each["background"].to_remote("why it must be so", current=each["description"].to_remote(whole, current=None))
    gone = each["background"].to_remote("", current=both)
    assert each["description"].to_canonical(gone, current=whole, seen=both) == whole


def test_a_section_without_room_is_said_to_have_none() -> None:
    each = lenses(limit=60)
    with pytest.raises(Unmapped, match="no room"):
        each["background"].to_remote("why " * 20, current="what")
    with pytest.raises(Unmapped, match="no room"):
        each["description"].to_remote("what", current="## Background\n\n" + "why " * 11)


def test_who_shortens_a_description_to_a_beginning_with_dots_has_edited_it() -> None:
    lens, text = lenses()["description"], "Hello world, and all who live there\n\n## Background\n\nwhy"
    shorter = text.replace("world, and all who live there", "…")
    assert lens.to_canonical(shorter, current=lens.get(text), seen=text) == "Hello …"
