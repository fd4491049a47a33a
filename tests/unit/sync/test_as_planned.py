"""A debt is reckoned anew only where a copy shows something else than what it was reckoned against."""

from typing import Any

import pytest

from hub.mapping import FieldMap, Same, Text
from hub.model import Kind, Requirement
from hub.reconcile import OPEN, Binding, debt
from hub.sync.plan import Update
from hub.sync.updating import is_as_planned

MAPPING = FieldMap(title=Text("summary"), description=Text("notes"), background=Text("notes"))
TIE = Binding(
    "left", Kind.REQUIREMENT, "1", "REQ-1", {"title": "a", "description": "x"}, {"title": "a", "description": "x"}
)
SHOWN = {"summary": "a", "notes": "x"}


def planned(shown: dict[str, Any] | None = SHOWN, **values: str) -> Update:
    entity = Requirement(key="REQ-1", **{"title": "a", "description": "x", **values})
    return Update(entity, TIE, debt(entity, TIE, MAPPING, shown or {}, (), OPEN), frozenset(), shown)


@pytest.mark.parametrize("beside", [{}, {"notes": "somebody's"}, {"status": "open"}])
def test_what_a_copy_shows_beside_what_it_is_owed_changes_nothing(beside: dict[str, Any]) -> None:
    assert is_as_planned(planned(title="b"), MAPPING, {**SHOWN, **beside})


@pytest.mark.parametrize("shown", [{"notes": "x"}, {"summary": "A", "notes": "x"}, {"summary": "b", "notes": "x"}])
def test_another_value_in_a_field_that_is_owed_something_does(shown: dict[str, Any]) -> None:
    assert not is_as_planned(planned(title="b"), MAPPING, shown)


def test_so_does_one_in_a_field_that_shows_already_what_it_is_owed() -> None:
    settled = planned({**SHOWN, "summary": "b"}, title="b")
    assert settled.debt.settled == {"title": "b"}
    assert not is_as_planned(settled, MAPPING, {**SHOWN, "summary": "c"})


def test_a_debt_that_was_not_reckoned_against_anything_is_reckoned() -> None:
    assert not is_as_planned(planned(None, title="b"), MAPPING, SHOWN)


def test_a_document_is_reckoned_with_as_it_stands_there_as_its_parts_have_an_order() -> None:
    document = {"type": "doc", "content": []}
    mapping = FieldMap(title=Same("doc"))
    tie = Binding("left", Kind.REQUIREMENT, "1", "REQ-1", {"title": document}, {"title": document})
    entity = Requirement(key="REQ-1", title="b")
    update = Update(
        entity, tie, debt(entity, tie, mapping, {"doc": document}, (), OPEN), frozenset(), {"doc": document}
    )
    assert not is_as_planned(update, mapping, {"doc": dict(reversed(document.items()))})
