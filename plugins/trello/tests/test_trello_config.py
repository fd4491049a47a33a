"""What a connection's table may say."""

from typing import Any

import pytest
from hub_trello.config import TrelloConfig
from pydantic import SecretStr


def config(**given: Any) -> TrelloConfig:
    plain = {"plugin": "trello", "key": SecretStr("K"), "token": SecretStr("T"), "board": "aB3dE5fG"}
    return TrelloConfig.model_validate({**plain, **given})


@pytest.mark.parametrize(
    "given", ["https://trello.com/b/aB3dE5fG/dev-board", "https://trello.com/b/aB3dE5fG", "aB3dE5fG"]
)
def test_a_board_may_be_given_by_its_address(given: str) -> None:
    assert config(board=given).board == "aB3dE5fG"


def test_a_board_by_its_name_is_refused_with_what_would_do() -> None:
    with pytest.raises(ValueError, match="short link"):
        config(board="Dev!")


def test_a_secret_is_never_written_out() -> None:
    with pytest.raises(ValueError, match="env"):
        config(token="0123")
    assert "T" not in repr(config().token)


def test_an_address_ends_without_a_slash_and_begins_with_its_scheme() -> None:
    assert config(url="http://127.0.0.1:20102/").url == "http://127.0.0.1:20102"
    with pytest.raises(ValueError, match="https://"):
        config(url="api.trello.com")
