"""The imitation of IMAP answers as Dovecot does: the same messages, asked for in the same words."""

from collections.abc import Iterator
from typing import Any

import imapclient  # type: ignore[import-untyped]
import pytest
from hub_email.sandbox import MailSandbox

from hub.sdk.sandbox import serve
from tests.mail.letters import HUB, letter
from tests.mail.servers import HOST, mail_servers


def lowered(value: Any) -> Any:
    """Letter case of words of MIME is each server's own."""
    if isinstance(value, bytes):
        return value.lower()
    return [lowered(each) for each in value] if isinstance(value, tuple | list) else value


def messages() -> Iterator[bytes]:
    plain = letter("plain", "=?utf-8?b?5p2O5Lyf?= <wei.li@acme.example>", text="交期改到 6 月 30 日\n")
    plain["Cc"], plain["Reply-To"] = "Ana Lima <ana@example.test>, x@elsewhere.example", HUB
    plain["In-Reply-To"], plain["Date"] = "<root@example.test>", "Mon, 02 Feb 2026 16:00:00 +0800"
    yield bytes(plain)
    both = letter("both")
    both.add_alternative("<p>Hello</p>\n", subtype="html")
    both.add_attachment(b"%PDF" * 300, maintype="application", subtype="pdf", filename="计划.pdf", cid="<a@b>")
    yield bytes(both)
    forwarding = letter("forwarding")
    forwarding.add_attachment(both)
    yield bytes(forwarding)
    yield b"Subject: no type\r\n\r\nbody\r\n"
    yield b"Subject: an empty one\r\n\r\n"


MESSAGES = list(messages())

WHOLE = ["ENVELOPE", "RFC822.SIZE", "BODY", "BODYSTRUCTURE", "BODY[]", "BODY[HEADER]", "BODY[TEXT]"]
PARTS = [
    "BODY[1]",
    "BODY[2]",
    "BODY[2.MIME]",
    "BODY[2.HEADER]",
    "BODY[2.TEXT]",
    "BODY[2.1.2]",
    "BODY[1.MIME]",
]
FIELDS = ["BODY[HEADER.FIELDS (FROM cc)]", "BODY[HEADER.FIELDS.NOT (SUBJECT)]", "BODY[]<5.20>", "BODY[]<9999999.5>"]
SEARCHES: list[list[Any]] = [
    ["SUBJECT", "BOTH"],
    ["FROM", "李伟"],
    ["TO", "hub@"],
    ["TEXT", "交期"],
    ["BODY", "hello"],
    ["HEADER", "In-Reply-To", "root"],
    ["NOT", "HEADER", "Cc", ""],
    ["OR", "SUBJECT", "plain", "SUBJECT", "both"],
    ["UID", "5:4"],
    ["UID", "99:*"],
    ["LARGER", 1000],
    ["SENTSINCE", "02-Feb-2026"],
]


def opened(port: int, password: str) -> Any:
    client = imapclient.IMAPClient(HOST, port, ssl=False, timeout=30)
    client.login(HUB, password)
    for each in MESSAGES:
        client.append("INBOX", each)
    client.select_folder("INBOX", readonly=True)
    return client


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Any, Any]]:
    with mail_servers(HUB) as real, serve(MailSandbox()) as server:
        port = int(server.connection()["imap"].rpartition(":")[2])
        password = server.sandbox.environment()["MAIL_PASSWORD"]
        with opened(real.imap_port, real.password) as dovecot, opened(port, password) as imitation:
            yield dovecot, imitation


@pytest.mark.parametrize("item", [*WHOLE, *PARTS, *FIELDS])
def test_both_show_messages_alike(both: tuple[Any, Any], item: str) -> None:
    answers = [{uid: dict(data) for uid, data in each.fetch([1, 2, 3, 4, 5], [item]).items()} for each in both]
    real, imitated = (
        {uid: {k: lowered(v) or None for k, v in data.items()} for uid, data in a.items()} for a in answers
    )
    assert imitated == real


@pytest.mark.parametrize("criteria", SEARCHES, ids=str)
def test_both_find_the_same(both: tuple[Any, Any], criteria: list[Any]) -> None:
    real, imitated = (each.search(criteria, "UTF-8") for each in both)
    assert imitated == real


def test_both_promise_what_clients_ask_for(both: tuple[Any, Any]) -> None:
    real, imitated = (set(each.capabilities()) for each in both)
    assert imitated <= real
    assert imitated >= {b"IDLE", b"CONDSTORE", b"UIDPLUS", b"MOVE", b"ENABLE", b"ID", b"SPECIAL-USE"}
