"""An independent client, py-trello, works against the sandbox as it does against the service."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hub_trello.sandbox import TrelloSandbox
from requests.adapters import HTTPAdapter

from hub.sdk.sandbox import SandboxServer, serve

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own imports and escapes are older than this Python
    trello = pytest.importorskip("trello")


class ToSandbox(HTTPAdapter):
    """Sends what is meant for the service, whose address py-trello knows by heart, to a sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = f"{self._url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **kwargs)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with serve(TrelloSandbox()) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Any]:
    environment = server.sandbox.environment()
    with contextlib.closing(requests.Session()) as session:
        session.mount("https://api.trello.com", ToSandbox(server.url))
        yield trello.TrelloClient(
            api_key=environment["TRELLO_KEY"],
            api_secret=server.sandbox.environment()["TRELLO_SECRET"],
            token=environment["TRELLO_TOKEN"],
            token_secret="",
            http_service=session,
        )


def test_it_goes_through_the_life_of_a_card(client: Any) -> None:
    (board,) = client.list_boards()
    assert board.name == "Acme Delivery"
    lists = {each.name: each for each in board.list_lists("open")}
    label = next(each for each in board.get_labels() if each.name == "client")
    card = lists["Backlog"].add_card("Order 42 fails", desc="It does.", labels=[label], position="top")
    assert [each.name for each in lists["Backlog"].list_cards()] == ["Order 42 fails"]
    card.set_name("Order 42 fails again")
    card.set_description("It **does**.")
    card.change_list(lists["Doing"].id)
    card.comment("Looking into it & more…")
    card.remove_label(label)
    card.add_label(label)
    fresh = client.get_card(card.id)
    assert (fresh.name, fresh.description, fresh.list_id) == ("Order 42 fails again", "It **does**.", lists["Doing"].id)
    assert [each.name for each in fresh.labels] == ["client"]
    assert [each["data"]["text"] for each in fresh.get_comments()] == ["Looking into it & more…"]
    card.set_closed(True)
    assert [each.id for each in board.closed_cards()] == [card.id]
    assert board.open_cards() == []
    card.delete()
    assert board.all_cards() == []
    with pytest.raises(trello.ResourceUnavailable, match=r"The requested resource was not found\."):
        client.get_card(card.id)


def test_it_keeps_checklists_attachments_members_and_values(client: Any) -> None:
    (board,) = client.list_boards()
    card = board.list_lists()[0].add_card("Order 42 fails", assign=[board.get_members()[0]])
    checklist = card.add_checklist("Acceptance", ["works", "is fast"])
    checklist.set_checklist_item("works", True)
    checklist.rename("Acceptance criteria")
    card.attach(name="spec", url="https://a.example/spec")
    field = board.add_custom_field_definition("Ref", "text")
    card.set_custom_field("REQ-1", field)
    fresh = client.get_card(card.id)
    assert [(each.name, [item["state"] for item in each.items]) for each in fresh.checklists] == [
        ("Acceptance criteria", ["complete", "incomplete"])
    ]
    assert [each.url for each in fresh.get_attachments()] == ["https://a.example/spec"]
    assert [each.value for each in fresh.custom_fields] == ["REQ-1"]
    assert fresh.idMembers == card.idMembers != []


def test_it_hears_of_a_wrong_token_as_unauthorized(client: Any) -> None:
    client.oauth.client.resource_owner_key = "ATTA0"
    with pytest.raises(trello.Unauthorized, match="invalid token"):
        client.list_boards()
