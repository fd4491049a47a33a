"""The servers that tests of mail share."""

import itertools
from collections.abc import Iterator

import pytest
from hub_email.sandbox import MailSandbox

from hub.sdk.sandbox import serve
from tests.mail.posts import ImitatedPost, Post, RealPost, boxes
from tests.mail.servers import MailServers, mail_servers

MOST = 80
"""Tests with boxes of their own."""
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def real_servers() -> Iterator[MailServers]:
    addresses = [address for number in range(1, MOST + 1) for address in boxes(number)]
    with mail_servers(*addresses) as running:
        yield running


@pytest.fixture
def imitation(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImitatedPost]:
    sandbox = MailSandbox(seed=1)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        yield ImitatedPost(server, sandbox)


@pytest.fixture(params=["imitation", "real"])
def post(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Post:
    """A box of the hub, empty, at the imitation and at real servers."""
    if request.param == "imitation":
        return request.getfixturevalue("imitation")  # type: ignore[no-any-return]
    servers: MailServers = request.getfixturevalue("real_servers")
    monkeypatch.setenv("MAIL_PASSWORD", servers.password)
    return RealPost(servers, next(_numbers))
