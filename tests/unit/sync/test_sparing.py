"""What a run changes of its process, it leaves as it was."""

import gc
import weakref

import pytest

from hub.sync.sparing import RARELY, RUNS, sparing_the_search_for_garbage


def test_garbage_is_looked_for_as_before_once_the_last_of_several_runs_is_over() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    first, second = sparing_the_search_for_garbage(), sparing_the_search_for_garbage()
    first.__enter__()
    second.__enter__()
    assert gc.get_threshold() == RARELY
    first.__exit__(None, None, None)
    assert gc.get_threshold() == RARELY, "the other run still goes on"
    second.__exit__(None, None, None)
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_run_that_breaks_off_leaves_it_as_it_was_too() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(ValueError, match="no"), sparing_the_search_for_garbage():
        raise ValueError("no")
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_what_runs_leave_in_circles_is_found_after_some_runs_at_the_latest() -> None:
    left: list[weakref.ref[Circle]] = []
    for _ in range(2 * RUNS):
        with sparing_the_search_for_garbage():
            left.append(weakref.ref(Circle()))
    assert sum(each() is not None for each in left) < RUNS
