"""Runs the tests of modules that say so for both editions of Jira."""

from collections.abc import Iterator

import pytest

from tests.e2e import editions


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module with `BOTH_EDITIONS = True` is run for each of them, a test marked with `editions` for those it names."""
    marked = metafunc.definition.get_closest_marker("editions")
    if marked or getattr(metafunc.module, "BOTH_EDITIONS", False):
        metafunc.parametrize("jira_edition", marked.args if marked else editions.NAMES, indirect=True)


@pytest.fixture(autouse=True)
def jira_edition(request: pytest.FixtureRequest) -> Iterator[None]:
    """The edition that workbenches and houses are made with while a test runs."""
    editions.chosen = getattr(request, "param", "cloud")
    yield
    editions.chosen = "cloud"
