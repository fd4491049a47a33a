"""From a client's mail to the CRM, the issue tracker and the board, and back to the client's inbox."""

import hashlib
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from tests.e2e import editions
from tests.e2e.bench import done
from tests.e2e.house import House, house
from tests.e2e.postmen import plain
from tests.e2e.stories import (
    Everywhere,
    comment_in_jira,
    comment_in_trello,
    move_issue,
    note_in_zoho,
)

BOTH_EDITIONS = True


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as built:
        yield built


async def settled(home: House) -> None:
    """Runs until nothing is left to do, and no more."""
    for _ in range(3):
        report = await home.sync()
        assert report.outcome == "done", report.problems
    assert report.writes == 0, report.spokes


async def test_a_mail_becomes_a_requirement_everywhere_and_the_client_hears_of_it(home: House) -> None:
    home.mail("Export to Excel", "Hello,\n\nwe need an **export** of all orders.\n\n-- \nWei Li\nAcme\n")
    report = await home.sync()
    assert report.outcome == "done", report.problems
    (key,) = home.keys("requirement")
    there = Everywhere(home, key)
    assert there.titles() == {"Export to Excel"}
    assert "Acme" not in str(there.card()["desc"])
    with home.as_zoho() as zoho:
        (contact,) = done(zoho.get("/Contacts", params={"fields": "Email,Full_Name,Account_Name"}))["data"]
    assert contact["Email"] == "wei.li@acme.example"
    assert there.row()["Contact"]["id"] == contact["id"]
    (heard,) = home.postman.await_mails(1)
    assert key in plain(heard)
    assert "Export to Excel" in str(heard["Subject"])
    move_issue(home, key, "Start work")
    home.clock.pass_time(3600)
    await home.sync()
    mails = home.postman.await_mails(2)
    assert mails[1]["In-Reply-To"] or mails[1]["References"]
    assert "In progress" in plain(mails[1]) or "in progress" in plain(mails[1])
    await settled(home)
    assert len(home.postman.inbox()) == 2


async def test_the_clients_answer_is_a_comment_everywhere_and_only_the_marked_answer_goes_back(home: House) -> None:
    home.mail("Export to Excel", "We need an export.")
    await home.sync()
    (key,) = home.keys("requirement")
    (heard,) = home.postman.await_mails(1)
    home.answer(
        heard, "Also as CSV, please.\n\nOn Sun, 22 Nov 2026 at 09:00, Hub <hub@example.test> wrote:\n> We got it\n"
    )
    await home.sync()
    for service, comments in Everywhere(home, key).said().items():
        assert len(comments) == 1, service
        assert "Also as CSV, please." in comments[0]
        assert "We got it" not in comments[0]
        assert "Wei Li" in comments[0]
    comment_in_jira(home, key, "Between us: this will cost a fortune")
    comment_in_trello(home, key, "@client It is on its way")
    await home.sync()
    mails = home.postman.await_mails(2)
    assert "It is on its way" in plain(mails[-1])
    assert not any("fortune" in mail.as_string() for mail in mails)
    await settled(home)
    assert all(len(comments) == 3 for comments in Everywhere(home, key).said().values())
    assert len(home.postman.inbox()) == 2


async def test_a_file_of_the_client_arrives_everywhere_once_with_its_hash(home: House) -> None:
    content = bytes(range(256)) * 4_000
    home.mail("Export", "See the attached.", files={"orders 订单.bin": content})
    await home.sync()
    (key,) = home.keys("requirement")
    (attachment,) = home.keys("attachment")
    assert home.fields(attachment)["sha256"] == hashlib.sha256(content).hexdigest()
    await settled(home)
    for service, files in Everywhere(home, key).files().items():
        assert files == [("orders 订单.bin", len(content))], service


async def test_four_people_edit_four_fields_in_four_services_and_all_edits_survive_everywhere(home: House) -> None:
    home.mail("Export", "We need an export.")
    await home.sync()
    (key,) = home.keys("requirement")
    (heard,) = home.postman.await_mails(1)
    with home.as_jira() as jira:
        done(jira.put(f"/issue/{home.remote(key, 'jira')}", json={"fields": {"summary": "Export of orders"}}))
    with home.as_trello() as trello:
        done(trello.put(f"/cards/{home.remote(key, 'trello')}", json={"due": "2026-12-24T12:00:00.000Z"}))
    with home.as_zoho() as zoho:
        edit = {"data": [{"Description": "We need an export of everything."}]}
        done(zoho.put(f"/Requirements/{home.remote(key, 'zoho')}", json=edit))
    home.answer(heard, "And it must be fast.")
    await home.sync()
    await settled(home)
    there = Everywhere(home, key)
    assert there.titles() == {"Export of orders"}
    assert (there.issue()["duedate"], there.row()["Due_Date"]) == ("2026-12-24", "2026-12-24")
    assert "everything" in there.card()["desc"]
    assert "everything" in str(there.issue()["description"])
    assert all("And it must be fast." in comments[0] for comments in there.said().values())


PAIRS = (("jira", "trello"), ("trello", "zoho"), ("zoho", "mail"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_no_comment_appears_twice_whatever_the_order_of_runs(home: House, order: tuple[int, ...]) -> None:
    home.mail("Export", "We need an export.")
    await home.sync()
    (key,) = home.keys("requirement")
    comment_in_jira(home, key, "Said in Jira")
    comment_in_trello(home, key, "Said in Trello")
    note_in_zoho(home, key, "Said in Zoho")
    home.answer(home.postman.await_mails(1)[0], "Said in a mail")
    whole = home.spokes
    for number in (*order, *order, *order):
        home.spokes = {name: whole[name] for name in PAIRS[number]}
        await home.sync()
    home.spokes = whole
    await settled(home)
    for comments in Everywhere(home, key).said().values():
        for place in ("Jira", "Trello", "Zoho", "a mail"):
            assert len([each for each in comments if f"Said in {place}" in each]) == 1, comments


SECRET = "margin of 40 percent"


async def test_nothing_internal_reaches_the_client_by_any_path(home: House) -> None:
    home.mail("Export", "We need an export.")
    await home.sync()
    (key,) = home.keys("requirement")
    (heard,) = home.postman.await_mails(1)
    issue = home.remote(key, "jira")
    with home.as_jira() as jira:
        sub = {
            "project": {"key": "ACME"},
            "issuetype": {"name": "Sub-task"},
            "parent": {"id": issue},
            "summary": SECRET,
        }
        done(jira.post("/issue", json={"fields": sub}))
        files = {"file": (f"{SECRET}.txt", SECRET.encode())}
        done(jira.post(f"/issue/{issue}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"}))
        text = {"type": "text", "text": f"We know of the {SECRET}"}
        description = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}
        edit = {"description": description, "labels": [SECRET.replace(" ", "_")]}
        done(jira.put(f"/issue/{issue}", json={"fields": editions.put(home.services["jira"], edit)}))
    comment_in_jira(home, key, f"> We need an export.\n\nIt has a {SECRET}")
    comment_in_trello(home, key, f"Do not tell @client of the {SECRET}")
    note_in_zoho(home, key, SECRET)
    await home.sync()
    comment_in_trello(home, key, "@client It is on its way")
    move_issue(home, key, "Start work")
    home.clock.pass_time(3600)
    home.answer(heard, "How far are you?")
    await settled(home)
    mails = home.postman.inbox()
    assert len(mails) >= 3
    for mail in mails:
        whole = mail.as_string() + "".join(str(part.get_content()) for part in mail.walk() if not part.is_multipart())
        assert SECRET not in whole
        assert SECRET.replace(" ", "_") not in whole
    assert all(any(SECRET in each for each in comments) for comments in Everywhere(home, key).said().values())
