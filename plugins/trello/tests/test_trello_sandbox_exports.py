"""What the sandbox takes in: board exports, cards, actions; and what it sends back with a sentence."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hub_trello.sandbox import TrelloSandbox

BOARD = "5582b73a8cb4e3ec6701ed69"
LIST = "5582b73a8cb4e3ec6701ed6a"


def export(**more: Any) -> dict[str, Any]:
    """A board as exports of 2015 had it, with hardly a field."""
    return {
        "id": BOARD,
        "name": "Old board",
        "lists": [{"id": LIST, "name": "Ideas", "closed": False, "idBoard": BOARD, "pos": 16384}],
        "cards": [
            {"id": "5582b7778cb4e3ec6701ed70", "name": "Old card", "idList": LIST, "idBoard": BOARD, "idShort": 7}
        ],
        **more,
    }


def loaded(*documents: Any) -> TrelloSandbox:
    sandbox = TrelloSandbox()
    for document in documents:
        sandbox.load(document)
    return sandbox


def board(sandbox: TrelloSandbox, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in sandbox.state()["boards"] if each["id"] == identifier)
    return found


def test_an_export_becomes_a_board_of_the_bot_and_all_people() -> None:
    sandbox = loaded(export())
    assert sandbox.boards["Old board"] == BOARD
    names = {each["fullName"] for each in board(sandbox, BOARD)["members"]}
    assert names == {"Requirement Hub", "Ana Lima", "Ben Okafor", "李伟"}
    assert sandbox.connection("http://x")["board"] == BOARD


def test_gaps_of_old_exports_are_filled_with_what_the_service_shows_today() -> None:
    (card,) = board(loaded(export()), BOARD)["cards"]
    assert (card["start"], card["dueComplete"], card["cover"]["size"], card["labels"]) == (None, False, "normal", [])
    assert (card["idShort"], card["closed"], card["attachments"], card["customFieldItems"]) == (7, False, [], [])


def test_loading_a_board_again_replaces_it() -> None:
    later = export(cards=[{"id": "5582b7778cb4e3ec6701ed71", "name": "New card", "idList": LIST, "idBoard": BOARD}])
    assert [each["name"] for each in board(loaded(export(), later), BOARD)["cards"]] == ["New card"]


def test_labels_stay_as_they_are_unnamed_repeated_and_without_colour() -> None:
    colors = ("green", "green", None)
    labels = [{"id": f"{index:024x}", "idBoard": BOARD, "name": "", "color": each} for index, each in enumerate(colors)]
    card = {**export()["cards"][0], "labels": labels, "idLabels": [each["id"] for each in labels]}
    (shown,) = board(loaded(export(labels=labels, cards=[card])), BOARD)["cards"]
    assert shown["labels"] == labels


def test_checklists_attachments_and_values_come_along() -> None:
    card = export()["cards"][0]
    item = {"id": "1" * 24, "name": "Item", "state": "complete"}
    document = export(
        cards=[
            {
                **card,
                "idChecklists": ["2" * 24],
                "attachments": [{"id": "3" * 24, "name": "a", "url": "https://a.example"}],
                "customFieldItems": [{"id": "4" * 24, "idCustomField": "5" * 24, "value": {"text": "x"}}],
            }
        ],
        checklists=[{"id": "2" * 24, "name": "Todo", "idCard": card["id"], "pos": 1, "checkItems": [item]}],
        customFields=[{"id": "5" * 24, "name": "Ref", "type": "text", "pos": 1, "modelType": "board"}],
    )
    shown = board(loaded(document), BOARD)
    assert [each["name"] for each in shown["checklists"][0]["checkItems"]] == ["Item"]
    assert shown["cards"][0]["badges"]["checkItemsChecked"] == 1
    assert shown["cards"][0]["attachments"][0]["url"] == "https://a.example"
    assert shown["cards"][0]["customFieldItems"][0]["value"] == {"text": "x"}


def test_what_one_sandbox_shows_another_takes_in() -> None:
    first = loaded(export())
    second = TrelloSandbox(seed=9)
    second.load(json.loads(json.dumps(first.state())))
    assert board(second, BOARD)["cards"] == board(first, BOARD)["cards"]


def test_bare_cards_go_to_the_default_board_on_a_list_of_their_name() -> None:
    cards = [
        {"id": "6" * 24, "name": "One", "idList": "7" * 24, "list": {"id": "7" * 24, "name": "Doing"}},
        {"id": "8" * 24, "name": "Two", "desc": "", "list": {"name": "Waiting"}},
        {"id": "9" * 24, "name": "Three", "idList": "7" * 24, "labels": [{"name": "client", "color": "green"}]},
    ]
    sandbox = loaded(cards)
    shown = board(sandbox, sandbox.boards["Acme Delivery"])
    lists = {each["id"]: each["name"] for each in shown["lists"]}
    assert {each["name"]: lists[each["idList"]] for each in shown["cards"]} == {
        "One": "Doing",
        "Two": "Waiting",
        "Three": "Backlog",
    }
    assert len([each for each in shown["labels"] if each["name"] == "client"]) == 1


def test_one_card_alone_is_taken_in_and_a_known_list_decides_its_board() -> None:
    sandbox = loaded(export(), {"id": "6" * 24, "name": "One", "idList": LIST})
    assert [each["name"] for each in board(sandbox, BOARD)["cards"]] == ["Old card", "One"]


def test_bare_actions_make_the_board_they_tell_of() -> None:
    action = {
        "id": "6" * 24,
        "type": "commentCard",
        "date": "2019-06-01T00:00:00.000Z",
        "idMemberCreator": "7" * 24,
        "memberCreator": {"id": "7" * 24, "fullName": "Chen", "username": "chen"},
        "data": {
            "text": "hello",
            "board": {"id": BOARD, "name": "Told", "shortLink": "4s6rYtpy"},
            "list": {"id": LIST, "name": "Ideas"},
            "card": {"id": "8" * 24, "name": "Told card", "idShort": 3, "shortLink": "abcdEFGH"},
        },
    }
    shown = board(loaded([action]), BOARD)
    assert [(each["name"], each["idShort"], each["badges"]["comments"]) for each in shown["cards"]] == [
        ("Told card", 3, 1)
    ]
    assert [each["memberCreator"]["fullName"] for each in shown["actions"]] == ["Chen"]


@pytest.mark.parametrize(
    "document", [None, 7, "text", [], {}, {"issues": []}, [{"id": "x"}], {"boards": []}, {"id": BOARD, "name": "A"}]
)
def test_what_is_no_export_is_sent_back_with_a_sentence(document: Any) -> None:
    with pytest.raises(ValueError, match="This is not an export of a Trello board"):
        TrelloSandbox().load(document)


def real(name: str) -> Any:
    root = Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")
    path = root / "data" / "trello" / "boards" / f"{name}.json"
    if not path.exists():
        pytest.skip("the folder of real exports is not beside the project")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.data
def test_comments_cut_off_from_an_export_join_their_board() -> None:
    sandbox = loaded(real("gocd_test_drive"), real("gocd_comments"))
    actions = board(sandbox, sandbox.boards["Test Drive"])["actions"]
    assert sum(each["type"] == "commentCard" for each in actions) == 133


@pytest.mark.data
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("nebula_2015-06-17", "nebula_2015-06-19"),
        ("fda_recalls_v1", "fda_recalls_v2"),
        ("new_words_1_may12", "new_words_3_may17"),
    ],
)
def test_a_later_export_of_a_board_takes_the_place_of_the_earlier(before: str, after: str) -> None:
    earlier, later = real(before), real(after)
    shown = board(loaded(earlier, later), later["id"])
    for part in ("cards", "lists", "labels", "actions"):
        assert {each["id"] for each in shown[part]} == {each["id"] for each in later[part]}
    texts = {each["id"]: (each["name"], each["desc"], each["due"], each["closed"]) for each in later["cards"]}
    assert {each["id"]: (each["name"], each["desc"], each["due"], each["closed"]) for each in shown["cards"]} == texts
