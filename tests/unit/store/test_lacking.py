"""Who lacks a copy is asked of what has changed since, and of what was noted as lacking one."""

from collections.abc import Iterator

import pytest

from hub.model import Kind, Requirement
from hub.reconcile import Binding
from hub.store import Store

WHERE = ("all", "right", Kind.REQUIREMENT)


@pytest.fixture
def store() -> Iterator[Store]:
    """Two requirements that only the left has."""
    store = Store.open(":memory:")
    for number in (1, 2):
        new(store, number)
    yield store
    store.close()


def new(store: Store, number: int) -> None:
    store.keep_entities([Requirement(key=f"REQ-{number}", title=f"need {number}")])
    store.keep_ties([(Binding("left", Kind.REQUIREMENT, str(number), f"REQ-{number}"), False)])


def lacking(store: Store, sync: str = "all") -> list[str]:
    """What is considered from where it was left."""
    since = store.considered(sync, "right", Kind.REQUIREMENT, "as ever")
    pieces = store.lacking(sync, "right", Kind.REQUIREMENT, ["left", "right"], since)
    return [entity.key for piece in pieces for entity in piece]


def test_everything_is_considered_at_first_and_then_only_what_is_new(store: Store) -> None:
    assert lacking(store) == ["REQ-1", "REQ-2"]
    store.keep_considered(*WHERE, "as ever", store.revision(), [])
    assert lacking(store) == []
    new(store, 3)
    assert lacking(store) == ["REQ-3"]


def test_what_still_lacks_one_comes_up_again_each_time(store: Store) -> None:
    store.keep_considered(*WHERE, "as ever", store.revision(), ["REQ-2"])
    assert lacking(store) == ["REQ-2"]


def test_what_is_to_be_made_again_comes_up_again(store: Store) -> None:
    store.keep_ties([(Binding("right", Kind.REQUIREMENT, "9", "REQ-1"), False)])
    store.keep_considered(*WHERE, "as ever", store.revision(), [])
    store.keep_bindings([(Binding("right", Kind.REQUIREMENT, "9", "REQ-1", state="recreate"), False)])
    assert lacking(store) == ["REQ-1"]


def test_with_other_settings_everything_is_considered_anew(store: Store) -> None:
    store.keep_considered(*WHERE, "otherwise", store.revision(), [])
    assert lacking(store) == ["REQ-1", "REQ-2"]


def test_what_one_sync_has_considered_is_nothing_to_another(store: Store) -> None:
    store.keep_considered(*WHERE, "as ever", store.revision(), ["REQ-1"])
    store.keep_considered("other", *WHERE[1:], "as ever", store.revision(), [])
    assert (lacking(store), lacking(store, "other")) == (["REQ-1"], [])
