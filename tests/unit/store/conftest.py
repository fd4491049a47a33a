"""A desk for every test of broken stores."""

from pathlib import Path

import pytest

from tests.unit.store.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
