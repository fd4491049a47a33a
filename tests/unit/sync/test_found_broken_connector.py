"""A connector with a mistake of its own, or a service that answers nonsense, stops its own spoke only."""

from pathlib import Path

import pytest

from hub.errors import AnswerLost
from hub.testing import Fault
from tests.unit.sync.two import Two, ends


@pytest.mark.parametrize("method", ["changes", "create", "find"])
async def test_a_connector_that_stumbles_stops_no_other(tmp_path: Path, method: str) -> None:
    two = Two(tmp_path)
    two.left.add(title="One")
    if method == "find":
        two.right.faults.append(Fault("create", AnswerLost("gone")))
    two.right.faults.append(Fault(method, AttributeError("'NoneType' object has no attribute 'get'"), times=99))
    report = await two.sync()
    assert ends(report, "left") == {"imported": 1}
    assert report.outcome == "problems"
    two.right.faults.clear()
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.right) == ["One"]
