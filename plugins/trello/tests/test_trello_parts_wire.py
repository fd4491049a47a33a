"""What goes over the wire for tasks, comments, files and criteria where the service says no, or nothing."""

import json
from typing import Any

import httpx
import pytest

from hub.sdk import Content, Delayed, Draft, Kind, Patch, Record, Refusal, SignInRejected, Unknown, Written
from plugins.trello.tests.test_trello_wire import ANA, BOARD, CARD, Wire, asked_in_batch, card

LIST, ITEM = "66e000000000000000000001", "66e0000000000000000000a1"
PAID = {"due": "2026-12-01T12:00:00.000Z", "member": {"id": ANA, "name": "Ana"}}
NEW = {"name": "Write it", "state": "incomplete", "parent": CARD}
SAID: dict[str, Any] = {"id": "66f000000000000000000001", "type": "commentCard", "date": "2026-11-02T10:00:00.000Z"}


def item(**changed: Any) -> dict[str, Any]:
    told = {"id": ITEM, "name": "Write it", "state": "incomplete", "due": None, "idMember": None, "pos": 1}
    return {**told, **changed}


class Parts(Wire):
    """A card with one checklist; what is posted to it comes back."""

    def __init__(self, *refused: str, status: int = 400, lists: bool = True, lost: str = "") -> None:
        super().__init__(self.told)
        self.refused, self.status, self.lists, self.lost = refused, status, lists, lost

    def told(self, request: httpx.Request) -> httpx.Response | None:
        path = request.url.path
        if request.method == "GET":
            return self.read(request)
        body = json.loads(request.content or b"{}") if "json" in request.headers.get("content-type", "") else {}
        if self.lost and path.endswith(self.lost):
            raise httpx.ReadTimeout("gone")
        if bad := next((name for name in self.refused if name in body or path.endswith(name)), None):
            return httpx.Response(self.status, text=f"invalid value for {bad}")
        if path.endswith("/checklists"):
            return httpx.Response(200, json={"id": LIST, "name": body["name"], "checkItems": []})
        if "/checkItem" in path:
            return httpx.Response(200, json=item(**{k: v for k, v in body.items() if k not in {"pos", "checked"}}))
        if path.endswith("/comments"):
            about = {"text": body["text"], "card": {"id": CARD}, "board": {"id": BOARD}}
            return httpx.Response(200, json={**SAID, "idMemberCreator": ANA, "data": about})
        return None

    def read(self, request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/1/batch" or "/cards/" not in asked_in_batch(request)[0]:
            return None
        held = [{"id": LIST, "name": "Tasks", "pos": 1, "checkItems": [item()]}] if self.lists else []
        return httpx.Response(200, json=[{"200": card(checklists=held)} for _ in asked_in_batch(request)])


def base(**fields: Any) -> Record:
    return Record(f"{CARD}/{ITEM}", {"name": "Write it", "state": "incomplete", "due": None, "parent": CARD, **fields})


# tasks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_what_only_paid_workspaces_have_does_not_keep_a_new_task_from_its_title(status: int) -> None:
    wire = Parts("due", status=status)
    if status == 401:
        wire.answering = permission(wire)
    (outcome,) = await wire.connector().create(Kind.TASK, [Draft("TSK-1", {**NEW, **PAID})])
    first, second = (body for _, _, body in wire.wrote())
    assert first == {"name": "Write it", "checked": False, "pos": "bottom", "due": PAID["due"], "idMember": ANA}
    assert second == {"name": "Write it", "checked": False, "pos": "bottom"}
    assert isinstance(outcome, Refusal)
    assert set(outcome.fields) == {"due", "member"}
    assert outcome.record is not None
    assert (outcome.record.id, outcome.record.fields["name"]) == (f"{CARD}/{ITEM}", "Write it")


def permission(wire: Parts) -> Any:
    def answer(request: httpx.Request) -> httpx.Response | None:
        said = wire.told(request)
        refused = said is not None and said.status_code == 401
        return httpx.Response(401, text="unauthorized permission requested") if refused else said

    return answer


async def test_what_only_paid_workspaces_have_does_not_keep_a_task_from_being_ticked() -> None:
    wire = Parts("due")
    patch = Patch(f"{CARD}/{ITEM}", {"state": "complete", **PAID}, base())
    (outcome,) = await wire.connector().update(Kind.TASK, [patch])
    assert [body for _, _, body in wire.wrote()][1] == {"state": "complete"}
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.fields["state"] == "complete"


async def test_a_refused_due_date_alone_is_tried_once() -> None:
    wire = Parts("due")
    (outcome,) = await wire.connector().update(Kind.TASK, [Patch(f"{CARD}/{ITEM}", {"due": PAID["due"]}, base())])
    assert (len(wire.wrote()), outcome) == (
        1,
        Refusal("Trello says: invalid value for due", {"due": "Trello says: invalid value for due"}),
    )


async def test_a_lost_checklist_makes_no_second_one_and_no_item() -> None:
    wire = Parts(lists=False, lost="/checklists")
    outcomes = await wire.connector().create(Kind.TASK, [Draft(f"TSK-{n}", NEW) for n in range(3)])
    assert [type(each) for each in outcomes] == [Delayed] * 3
    assert len(wire.wrote()) == 1


async def test_a_lost_item_is_unknown_and_does_not_keep_the_next_from_being_made() -> None:
    wire = Parts(lost=f"/checklists/{LIST}/checkItems")
    outcomes = await wire.connector().create(Kind.TASK, [Draft(f"TSK-{n}", NEW) for n in range(2)])
    assert [type(each) for each in outcomes] == [Unknown] * 2
    assert len(wire.wrote()) == 2


async def test_a_token_that_expires_while_tasks_are_made_stops_the_connection() -> None:
    wire = Parts()
    wire.answering = lambda r: wire.read(r) if r.method == "GET" else httpx.Response(401, text="expired token")
    with pytest.raises(SignInRejected):
        await wire.connector().create(Kind.TASK, [Draft("TSK-1", NEW)])


# criteria -----------------------------------------------------------------------------------------------------------

CRITERIA = [{"text": "One", "met": False}, {"text": "Two", "met": True}]


async def test_criteria_are_sent_after_their_card_one_by_one() -> None:
    wire = Parts(lists=False)
    await wire.connector().create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n", "acceptance": CRITERIA})])
    _, *more = wire.wrote()
    assert more == [
        ("POST", f"/1/cards/{CARD}/checklists", {"name": "Acceptance criteria", "pos": "bottom"}),
        ("POST", f"/1/checklists/{LIST}/checkItems", {"name": "One", "checked": False, "pos": 16384.0}),
        ("POST", f"/1/checklists/{LIST}/checkItems", {"name": "Two", "checked": True, "pos": 32768.0}),
    ]


@pytest.mark.parametrize("wire", [Parts("checkItems", lists=False), Parts(lists=False, lost="/checkItems")])
async def test_a_card_whose_criteria_failed_is_made_in_part_and_known(wire: Parts) -> None:
    draft = Draft("REQ-1", {"name": "n", "acceptance": CRITERIA})
    (outcome,) = await wire.connector().create(Kind.REQUIREMENT, [draft])
    assert isinstance(outcome, Refusal)
    assert set(outcome.fields) == {"acceptance"}
    assert outcome.record is not None
    assert (outcome.record.id, outcome.record.marker) == (CARD, "REQ-1")


async def test_an_update_that_breaks_off_at_its_criteria_is_unknown() -> None:
    wire = Parts(lists=False, lost="/checkItems")
    shown = Record(CARD, {"name": "n", "acceptance": []}, marker="REQ-1", extra={"checklist": LIST, "places": {}})
    patch = Patch(CARD, {"name": "m", "acceptance": CRITERIA}, shown)
    (outcome,) = await wire.connector().update(Kind.REQUIREMENT, [patch])
    assert isinstance(outcome, Unknown)


# comments and files -------------------------------------------------------------------------------------------------


async def test_a_comment_whose_answer_is_lost_is_unknown_and_sent_once() -> None:
    wire = Parts(lost="/comments")
    (outcome,) = await wire.connector().create(Kind.COMMENT, [Draft("CMT-1", {"body": "x", "parent": CARD})])
    assert isinstance(outcome, Unknown)
    assert len(wire.wrote()) == 1


async def test_who_left_the_board_is_named_as_the_comment_names_them() -> None:
    stranger = {"id": "5f00000000000000000000ff", "fullName": "Zoe", "username": "zoe"}
    said = {**SAID, "idMemberCreator": stranger["id"], "memberCreator": stranger}
    about = {"text": "Bye", "card": {"id": CARD}, "board": {"id": BOARD}}

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/1/batch" and "/actions/" in asked_in_batch(request)[0]:
            return httpx.Response(200, json=[{"200": {**said, "data": about}}])
        return None

    found = (await Wire(answer).connector().fetch(Kind.COMMENT, [SAID["id"]]))[SAID["id"]]
    assert isinstance(found, Record)
    assert found.fields["author"] == {"id": stranger["id"], "name": "Zoe"}


async def test_an_edit_that_the_service_lists_brings_a_comment_older_than_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = {**SAID, "idMemberCreator": ANA, "data": {"text": "Second", "card": {"id": CARD}, "board": {"id": BOARD}}}
    told = {**SAID, "id": "66f0000000000000000000ff", "type": "updateComment", "data": {"action": {"id": SAID["id"]}}}

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/1/batch":
            return None
        asked = asked_in_batch(request)
        if asked[0].startswith("/actions/"):
            return httpx.Response(200, json=[{"200": old}])
        if len(asked) > 4:
            wire.requests.clear()
            return httpx.Response(
                200, json=[{"200": [told] if "updateComment" in each else wire.part(each)} for each in asked]
            )
        return None

    wire = Wire(answer)
    wire.part = lambda path: [] if "/cards/all" in path else Wire.part(wire, path)  # type: ignore[method-assign]
    cursor = {"action": "66f0000000000000000000aa", "seen": {}}
    pages = [page async for page in wire.connector().changes(Kind.COMMENT, cursor)]
    assert [record.fields["body"] for page in pages for record in page.records] == ["Second"]


async def test_an_upload_is_one_form_with_its_name_and_type(tmp_path: Any) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"bytes")
    wire = Wire()
    fields = {"name": "a.txt", "media_type": "text/plain", "size": 5, "parent": CARD}
    (outcome,) = await wire_files(wire).create(Kind.ATTACHMENT, [Draft("ATT-1", fields, Content(file, 5, "0" * 64))])
    (request,) = (each for each in wire.requests if each.method == "POST")
    assert request.url.path == f"/1/cards/{CARD}/attachments"
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert isinstance(outcome, Written)
    assert outcome.record.id == f"{CARD}/66a1"


def wire_files(wire: Wire) -> Any:
    made = {"id": "66a1", "name": "a.txt", "isUpload": True, "bytes": 5, "mimeType": "text/plain"}
    wire.answering = lambda r: httpx.Response(200, json=made) if r.method == "POST" and r.read() else None
    return wire.connector()


async def test_a_board_without_custom_fields_is_read_all_the_same() -> None:
    def off(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/1/batch":
            return None
        asked = asked_in_batch(request)
        no = {"403": {"message": "Custom Fields are not enabled"}}
        return httpx.Response(200, json=[no if "customFields" in each else {"200": wire.part(each)} for each in asked])

    wire = Wire(off)
    told = await wire.connector().describe()
    assert told.choices(Kind.REQUIREMENT, "list") == ("Backlog", "Doing")
