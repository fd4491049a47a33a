"""What the tests of the Jira connector share."""

from collections.abc import Iterator

import pytest
from hub_jira.sandbox import JiraSandbox

from hub.sdk.sandbox import serve
from plugins.jira.tests.served import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    sandbox = JiraSandbox(seed=1)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        yield World(server, sandbox)
