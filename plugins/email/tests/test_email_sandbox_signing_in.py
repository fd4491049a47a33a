"""Signing in to the sandbox's IMAP, and its words on the wire."""

import base64
import json
import socket
from collections.abc import Iterator
from typing import Any

import imapclient  # type: ignore[import-untyped]
import pytest
from hub_email.sandbox import MailSandbox
from hub_email.sandbox.post import LARGEST
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]

from hub.sdk.sandbox import SandboxServer, serve
from tests.mail.letters import HUB, letter


@pytest.fixture
def sandbox() -> MailSandbox:
    return MailSandbox()


@pytest.fixture
def server(sandbox: MailSandbox) -> Iterator[SandboxServer]:
    with serve(sandbox) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Any]:
    port = int(server.connection()["imap"].rpartition(":")[2])
    with imapclient.IMAPClient("127.0.0.1", port, ssl=False, timeout=10) as opened:
        yield opened


class Line:
    """A bare connection."""

    def __init__(self, server: SandboxServer) -> None:
        port = int(server.connection()["imap"].rpartition(":")[2])
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._socket.makefile("rb")
        self.greeting = self.read()

    def send(self, raw: bytes) -> None:
        self._socket.sendall(raw)

    def read(self) -> bytes:
        return self._file.readline().rstrip(b"\r\n")

    def ask(self, command: bytes, tag: bytes = b"a") -> list[bytes]:
        self.send(tag + b" " + command + b"\r\n")
        return self.until(tag)

    def until(self, tag: bytes) -> list[bytes]:
        lines = [self.read()]
        while not lines[-1].startswith(tag + b" ") and lines[-1]:
            lines.append(self.read())
        return lines

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def line(server: SandboxServer) -> Iterator[Line]:
    opened = Line(server)
    yield opened
    opened.close()


def signed_in(line: Line, sandbox: MailSandbox) -> Line:
    assert line.ask(b"LOGIN %b %b" % (HUB.encode(), sandbox.bot.password.encode()))[-1].startswith(b"a OK")
    return line


@pytest.mark.parametrize("way", ["login", "plain_login", "oauth2_login"])
def test_every_way_to_sign_in_leads_to_the_box(client: Any, sandbox: MailSandbox, way: str) -> None:
    getattr(client, way)(HUB, sandbox.bot.token if way == "oauth2_login" else sandbox.bot.password)
    assert client.select_folder("INBOX")[b"EXISTS"] == 0
    assert client.namespace().personal == (("", "/"),)


@pytest.mark.parametrize("way", ["login", "plain_login", "oauth2_login"])
def test_whoever_is_wrong_stays_outside(client: Any, way: str) -> None:
    with pytest.raises(LoginError, match="AUTHENTICATIONFAILED"):
        getattr(client, way)(HUB, "wrong")
    with pytest.raises(IMAPClientError):
        client.select_folder("INBOX")


def test_a_wrong_token_is_told_why_before_it_is_refused(line: Line) -> None:
    said = base64.b64encode(f"user={HUB}\x01auth=Bearer old\x01\x01".encode())
    line.send(b"a AUTHENTICATE XOAUTH2 " + said + b"\r\n")
    prompt, _, challenge = line.read().partition(b" ")
    assert prompt == b"+"
    assert json.loads(base64.b64decode(challenge))["status"] == "400"
    line.send(b"\r\n")
    assert line.until(b"a")[-1].startswith(b"a NO [AUTHENTICATIONFAILED]")


def test_a_mechanism_without_a_first_answer_asks_for_it(line: Line, sandbox: MailSandbox) -> None:
    line.send(b"a AUTHENTICATE PLAIN\r\n")
    assert line.read() == b"+ "
    line.send(base64.b64encode(f"\0{HUB}\0{sandbox.bot.password}".encode()) + b"\r\n")
    assert line.until(b"a")[-1].startswith(b"a OK [CAPABILITY IMAP4rev1")


def test_a_provider_like_netease_opens_nothing_before_the_client_said_what_it_is(
    client: Any, sandbox: MailSandbox
) -> None:
    sandbox.post.unsafe_login = True
    client.login(HUB, sandbox.bot.password)
    with pytest.raises(IMAPClientError, match="Unsafe Login"):
        client.select_folder("INBOX")
    client.id_({"name": "hub", "version": "1"})
    assert client.select_folder("INBOX")[b"EXISTS"] == 0


def test_a_reset_folder_hangs_up_and_numbers_anew(client: Any, sandbox: MailSandbox) -> None:
    client.login(HUB, sandbox.bot.password)
    before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    sandbox.deliver(bytes(letter("gone")), HUB)
    sandbox.deliver(bytes(letter("kept")), HUB)
    folder = sandbox.folder(HUB)
    folder.remove(folder.messages[:1])
    folder.reset()
    with pytest.raises(Exception, match=r"UIDVALIDITY|abort|EOF"):
        client.noop()
    assert folder.uidvalidity != before
    assert [each.uid for each in folder.messages] == [1]


@pytest.mark.parametrize("sign", [b"", b"+"])
def test_literals_carry_any_octets(line: Line, sandbox: MailSandbox, sign: bytes) -> None:
    signed_in(line, sandbox)
    raw = 'Subject: 交期\r\n\r\n第一行\r\n.\r\n("{3}\r\n'.encode()
    line.send(b'b APPEND "INBOX" {%d%b}\r\n' % (len(raw), sign))
    if not sign:
        assert line.read().startswith(b"+")
    line.send(raw + b"\r\n")
    assert b"APPENDUID" in line.until(b"b")[-1]
    assert sandbox.folder(HUB).messages[0].raw == raw
    subject = "交期".encode()
    line.ask(b"SELECT INBOX", b"c")
    line.send(b"d UID SEARCH CHARSET UTF-8 SUBJECT {%d+}\r\n%b\r\n" % (len(subject), subject))
    assert line.until(b"d")[0] == b"* SEARCH 1"


def test_a_literal_that_is_too_large_is_never_asked_for(line: Line, sandbox: MailSandbox) -> None:
    signed_in(line, sandbox)
    assert line.ask(b"APPEND INBOX {%d}" % (LARGEST + 1))[-1].startswith(b"a NO [TOOBIG]")
    line.send(b"b APPEND INBOX {%d+}\r\n" % (LARGEST + 1))
    assert line.read().startswith(b"* BYE [TOOBIG]")
    assert line.read() == b""


def test_before_signing_in_literals_are_short(line: Line) -> None:
    assert b"[TOOBIG]" in line.ask(b"LOGIN {%d}" % 2**20)[-1]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"SELECT INBOX", b"BAD"),
        (b"NONSENSE", b"BAD"),
        (b"LOGIN (a b", b"BAD"),
        (b'LOGIN "a', b"BAD"),
        (b"LOGIN a", b"BAD"),
        (b"AUTHENTICATE CRAM-MD5", b"NO"),
        (b"NOOP", b"OK"),
    ],
)
def test_wrong_commands_are_refused_and_the_connection_goes_on(line: Line, command: bytes, answer: bytes) -> None:
    assert line.ask(command)[-1].startswith(b"a " + answer)
    assert line.ask(b"CAPABILITY", b"b")[0].startswith(b"* CAPABILITY IMAP4rev1 ")


@pytest.mark.parametrize(
    "command", [b"FETCH 9 FLAGS", b"FETCH x FLAGS", b"FETCH 1 NONSENSE", b"SEARCH", b"SEARCH SUBJECT", b"STORE 1 X (a)"]
)
def test_wrong_arguments_are_refused_too(line: Line, sandbox: MailSandbox, command: bytes) -> None:
    sandbox.deliver(bytes(letter("one")), HUB)
    signed_in(line, sandbox).ask(b"SELECT INBOX")
    assert line.ask(command)[-1].startswith(b"a BAD")


def test_leaving_is_answered_with_bye(line: Line) -> None:
    assert [each.split(b" ")[1] for each in line.ask(b"LOGOUT")] == [b"BYE", b"OK"]
    assert line.read() == b""
