"""The mail sandbox as the kit serves it: loading, looking into boxes, counting, faults."""

import imaplib
import json
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_email.sandbox import MailSandbox

from hub.sdk.sandbox import SandboxServer, create_app, serve
from tests.mail.letters import ANA, HUB, WEI, letter

INBOX = f"/_mail/boxes/{HUB}/INBOX"


@pytest.fixture
def sandbox() -> MailSandbox:
    return MailSandbox()


@pytest.fixture
def server(sandbox: MailSandbox) -> Iterator[SandboxServer]:
    with serve(sandbox) as running:
        yield running


@pytest.fixture
def control(server: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as client:
        yield client


def imap(table: Any) -> imaplib.IMAP4:
    return imaplib.IMAP4("127.0.0.1", int(table["imap"].rpartition(":")[2]), timeout=10)


def subjects(sandbox: MailSandbox, address: str = HUB) -> list[str]:
    return [each.shown()["headers"]["Subject"] for each in sandbox.folder(address).messages]


def test_what_is_delivered_from_outside_stays_as_it_was(control: httpx.Client) -> None:
    raw = bytes(letter("from outside", text="第一行\n"))
    answer = control.post("/_mail/deliver", params={"to": "hub+K7Q2@example.test"}, content=raw)
    assert (answer.status_code, answer.json()) == (201, {"address": HUB, "folder": "INBOX", "uid": 1})
    assert control.get(f"{INBOX}/1").content == raw
    (shown,) = control.get(INBOX).json()
    assert (shown["headers"]["Subject"], shown["text"], shown["flags"]) == ("from outside", "第一行\n", [])


def test_what_is_not_there_is_said_so(control: httpx.Client) -> None:
    assert control.post("/_mail/deliver", params={"to": "x@y.example"}, content=b"A: b").status_code == 422
    assert control.get(f"{INBOX}/7").status_code == 404
    assert control.get("/_mail/boxes/x@y.example/INBOX").json() == {"problems": ["there is no box 'x@y.example'"]}
    assert control.put("/_mail/settings", json={"nonsense": True}).status_code == 422


def test_a_folder_can_be_numbered_anew(control: httpx.Client, sandbox: MailSandbox) -> None:
    before = sandbox.folder(HUB).uidvalidity
    after = control.post(f"{INBOX}/reset").json()["uidvalidity"]
    assert after == sandbox.folder(HUB).uidvalidity > before


def test_the_provider_s_habits_can_be_changed(control: httpx.Client, sandbox: MailSandbox) -> None:
    answer = control.put("/_mail/settings", json={"unsafe_login": True}).json()
    assert answer == {"unsafe_login": True, "authentication_results": True}
    assert sandbox.post.unsafe_login


def test_commands_and_messages_are_counted_and_looks_are_not(server: SandboxServer, control: httpx.Client) -> None:
    person = server.sandbox.people()[1].credentials
    with smtplib.SMTP("127.0.0.1", int(person["smtp"].rpartition(":")[2]), timeout=10) as client:
        client.login(person["user"], person["password"])
        client.send_message(letter("counted"), WEI, [HUB])
    with imap(person) as reader:
        reader.login(person["user"], person["password"])
        reader.select("Sent")
    control.get(INBOX)
    assert control.get("/_sandbox/calls").json()["by_operation"] == {
        "IMAP CAPABILITY": 1,
        "IMAP LOGIN": 1,
        "IMAP LOGOUT": 1,
        "IMAP SELECT": 1,
        "SMTP DATA": 1,
    }


def test_the_connection_table_and_everybody_s_accounts_work(server: SandboxServer, sandbox: MailSandbox) -> None:
    table = server.connection()
    assert table["auth"] == {"kind": "password", "user": HUB, "password": {"env": "MAIL_PASSWORD"}}
    assert (table["plugin"], table["address"], table["authserv"]) == ("email", HUB, "mx.example.test")
    people = {each.name: each.credentials for each in sandbox.people()}
    assert [each["address"] for each in people.values()] == [ANA, WEI]
    for each in ({**table, "user": HUB, "password": sandbox.environment()["MAIL_PASSWORD"]}, *people.values()):
        with imap(each) as client:
            assert client.login(each["user"], each["password"])[0] == "OK"


def test_the_same_seed_gives_the_same_passwords() -> None:
    assert MailSandbox(seed=1).environment() == MailSandbox(seed=1).environment() != MailSandbox(seed=2).environment()


def test_imap_is_unavailable_while_the_service_fails(
    server: SandboxServer, sandbox: MailSandbox, control: httpx.Client
) -> None:
    with imap(server.connection()) as client:
        client.login(HUB, sandbox.bot.password)
        control.put("/_sandbox/faults", json={"errors": {"share": 1}})
        assert client.select()[1] == [b"[UNAVAILABLE] Temporary failure, try again"]
        control.put("/_sandbox/faults", json={"errors": {"status": 550, "share": 1}})
        assert client.select()[0] == "OK"


@pytest.mark.parametrize(("fault", "kept"), [("drop_after_commit", 1), ("disconnect", 0)])
def test_a_broken_connection_says_nothing_of_what_was_appended(
    server: SandboxServer, sandbox: MailSandbox, control: httpx.Client, fault: str, kept: int
) -> None:
    client = imap(server.connection())
    client.login(HUB, sandbox.bot.password)
    control.put("/_sandbox/faults", json={fault: {"share": 1}})
    with pytest.raises((imaplib.IMAP4.abort, ConnectionResetError)):
        client.append("Sent", "", "", bytes(letter("mine")))
    client.shutdown()
    assert len(sandbox.folder(HUB, "Sent").messages) == kept


async def test_without_a_server_the_control_api_works_alone(sandbox: MailSandbox) -> None:
    transport = httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://mail.test") as client:
        message = letter("loaded").as_string().replace("\r\n", "\n")
        assert (await client.post("/_sandbox/load", json=message)).json() == {"loaded": True}
        state = (await client.get("/_sandbox/state")).json()
        assert (await client.post("/_sandbox/load", json=7)).status_code == 422
        assert (await client.get("/anything")).status_code == 404
    assert state["boxes"][HUB]["INBOX"]["messages"][0]["headers"]["Subject"] == "loaded"


def test_a_loaded_message_goes_to_whom_it_is_addressed_and_arrives_when_it_was_sent(sandbox: MailSandbox) -> None:
    dated = letter("for two", ANA, f"{WEI}, hub+x@example.test")
    dated["Date"] = "Mon, 02 Feb 2026 16:00:00 +0800"
    sandbox.load([bytes(dated), bytes(letter("for a stranger", ANA, "x@elsewhere.example"))])
    assert (subjects(sandbox), subjects(sandbox, WEI)) == (["for two", "for a stranger"], ["for two"])
    assert sandbox.folder(WEI).messages[0].at == datetime(2026, 2, 2, 8, tzinfo=UTC)


def test_an_mbox_a_file_and_a_folder_can_be_loaded(sandbox: MailSandbox, tmp_path: Path) -> None:
    mbox = b"".join(
        b"From wei Mon Feb  2 08:00:00 2026\n"
        + bytes(letter(each, text=">From here on\n")).replace(b"\r\n", b"\n")
        + b"\n"
        for each in ("one", "two")
    )
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a.eml").write_bytes(bytes(letter("three")))
    (tmp_path / "mail" / "b.mbox").write_bytes(mbox)
    (tmp_path / "mail" / "notes.txt").write_text("no mail")
    sandbox.load(mbox.decode())
    sandbox.load(str(tmp_path / "mail" / "a.eml"))
    sandbox.load(str(tmp_path / "mail"))
    assert subjects(sandbox) == ["one", "two", "three", "three", "one", "two"]
    assert sandbox.folder(HUB).messages[0].shown()["text"].startswith("From here on")


def test_messages_can_be_loaded_into_one_folder(sandbox: MailSandbox) -> None:
    sandbox.load({"to": WEI, "folder": "Archive", "messages": [bytes(letter("old")).decode()]})
    assert len(sandbox.folder(WEI, "Archive").messages) == 1


@pytest.mark.parametrize(
    "document", ["nothing/here.eml", "{\n}", 7, {"to": HUB}, {"to": "x@y.example", "messages": []}, [b"\0\n"]]
)
def test_what_is_no_mail_is_refused_in_words(sandbox: MailSandbox, document: Any) -> None:
    with pytest.raises(ValueError, match=r"message|folder|box"):
        sandbox.load(document)


def data() -> list[Path]:
    import os

    folder = Path(os.environ.get("HUB_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "email"
    return sorted(folder.rglob("*.eml"))


@pytest.mark.data
def test_real_messages_are_served_octet_by_octet(server: SandboxServer, sandbox: MailSandbox) -> None:
    files = data()
    if not files:
        pytest.skip("there is no folder of real messages beside the project")
    for file in files:
        sandbox.deliver(file.read_bytes(), HUB)
    json.dumps(sandbox.state())
    with imap(server.connection()) as client:
        client.login(HUB, sandbox.bot.password)
        client.select()
        items = "(UID ENVELOPE BODYSTRUCTURE BODY[HEADER] BODY[TEXT] BODY[1])"
        for number, message in enumerate(sandbox.folder(HUB).messages, 1):
            answer: Any = client.fetch(str(number), items)[1]
            parts = {part[0].rpartition(b" BODY")[2].partition(b" ")[0]: part[1] for part in answer if len(part) == 2}
            assert parts.get(b"[HEADER]", b"") + parts.get(b"[TEXT]", b"") == message.raw
        assert len(client.search(None, "TEXT", '"the"')[1][0].split()) > len(files) / 3
