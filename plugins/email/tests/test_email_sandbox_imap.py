"""The sandbox's IMAP, as clients written by others use it: the standard library's, and IMAPClient."""

import imaplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import imapclient  # type: ignore[import-untyped]
import pytest
from hub_email.sandbox import MailSandbox
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from hub.sdk.sandbox import SandboxServer, serve
from tests.mail.letters import ANA, HUB, letter


@pytest.fixture
def sandbox() -> MailSandbox:
    return MailSandbox()


@pytest.fixture
def server(sandbox: MailSandbox) -> Iterator[SandboxServer]:
    with serve(sandbox) as running:
        yield running


def connected(server: SandboxServer) -> Any:
    port = int(server.connection()["imap"].rpartition(":")[2])
    return imapclient.IMAPClient("127.0.0.1", port, ssl=False, timeout=10)


@pytest.fixture
def client(server: SandboxServer, sandbox: MailSandbox) -> Iterator[Any]:
    with connected(server) as opened:
        opened.login(HUB, sandbox.bot.password)
        yield opened


def delivered(sandbox: MailSandbox, *subjects: str) -> list[int]:
    return [sandbox.deliver(bytes(letter(each)), HUB) for each in subjects]


def test_the_standard_library_reads_and_marks_a_message(server: SandboxServer, sandbox: MailSandbox) -> None:
    delivered(sandbox, "first", "second")
    with imaplib.IMAP4("127.0.0.1", int(server.connection()["imap"].rpartition(":")[2]), timeout=10) as client:
        client.login(HUB, sandbox.bot.password)
        assert client.select() == ("OK", [b"2"])
        assert client.uid("SEARCH", "SUBJECT", '"second"') == ("OK", [b"2"])
        assert client.uid("STORE", "2", "+FLAGS", r"(\Seen $HubDone)")[0] == "OK"
        assert client.search(None, "UNSEEN") == ("OK", [b"1"])
        whole: Any = client.uid("FETCH", "1", "(BODY.PEEK[])")[1][0]
        assert whole[1] == bytes(letter("first"))


def test_the_greeting_of_a_folder_tells_all_that_syncing_needs(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one", "two")
    told = client.select_folder("INBOX")
    assert (told[b"EXISTS"], told[b"UIDNEXT"]) == (2, 3)
    assert told[b"UIDVALIDITY"] == sandbox.folder(HUB).uidvalidity
    assert told[b"HIGHESTMODSEQ"] == sandbox.folder(HUB).modseq
    assert rb"\*" in told[b"PERMANENTFLAGS"]
    assert told[b"READ-WRITE"]


def test_status_counts_without_opening(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one", "two")
    assert client.folder_status("INBOX", ["MESSAGES", "UNSEEN", "UIDNEXT"]) == {
        b"MESSAGES": 2,
        b"UNSEEN": 2,
        b"UIDNEXT": 3,
    }


def test_folders_are_listed_with_what_they_are_for_and_may_have_chinese_names(client: Any) -> None:
    client.create_folder("已发送")
    client.subscribe_folder("已发送")
    found = {name: flags for flags, _, name in client.list_folders()}
    assert rb"\Sent" in found["Sent"]
    assert "已发送" in found
    assert client.find_special_folder(rb"\Sent") == "Sent"
    assert [name for _, _, name in client.list_folders(pattern="已%")] == ["已发送"]
    assert "已发送" in [name for _, _, name in client.list_sub_folders()]
    client.rename_folder("已发送", "Old")
    client.delete_folder("Old")
    with pytest.raises(IMAPClientError, match="NONEXISTENT"):
        client.select_folder("Old")


def test_a_search_for_later_uids_always_finds_the_last(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one", "two")
    client.select_folder("INBOX")
    assert client.search(["UID", "9:*"]) == [2]
    assert client.search(["UID", "2:1"]) == [1, 2]


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (["ALL"], [1, 2, 3]),
        (["HEADER", "Message-ID", "<second@acme.example>"], [2]),
        (["SUBJECT", "交期"], [3]),
        (["FROM", "ana@"], [2]),
        (["TO", "HUB@example"], [1, 2, 3]),
        (["TEXT", "量产"], [3]),
        (["BODY", "hello"], [1, 2]),
        (["NOT", "SUBJECT", "first"], [2, 3]),
        (["OR", "SUBJECT", "first", "SUBJECT", "second"], [1, 2]),
        (["SEEN"], [1]),
        (["UNSEEN", "KEYWORD", "$HubDone"], [2]),
        (["UNKEYWORD", "$hubdone"], [1, 3]),
        (["SINCE", datetime(2026, 2, 2, tzinfo=UTC).date()], [1, 2, 3]),
        (["BEFORE", datetime(2026, 2, 2, tzinfo=UTC).date()], []),
        (["LARGER", 10_000], []),
        ([["SUBJECT", "first"], "SEEN"], [1]),
    ],
)
def test_search_knows_the_usual_keys(client: Any, sandbox: MailSandbox, criteria: list[Any], found: list[int]) -> None:
    sandbox.now = lambda: datetime(2026, 2, 2, 8, tzinfo=UTC)
    delivered(sandbox, "first")
    sandbox.deliver(bytes(letter("second", ANA)), HUB)
    sandbox.deliver(bytes(letter("交期变更", text="量产推迟\n")), HUB)
    client.select_folder("INBOX")
    client.add_flags([1], [imapclient.SEEN])
    client.add_flags([2], ["$HubDone"])
    assert client.search(criteria, charset="UTF-8") == found


def test_an_envelope_and_a_structure_tell_of_a_message_without_its_content(client: Any, sandbox: MailSandbox) -> None:
    message = letter("with a plan", '"李伟" <wei.li@acme.example>')
    message["In-Reply-To"], message["Date"] = "<root@example.test>", "Mon, 02 Feb 2026 08:00:00 +0000"
    message.add_attachment(b"%PDF" * 10, maintype="application", subtype="pdf", filename="plan.pdf")
    sandbox.deliver(bytes(message), HUB)
    client.select_folder("INBOX")
    data = client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE", "FLAGS"])[1]
    envelope, structure = data[b"ENVELOPE"], data[b"BODYSTRUCTURE"]
    assert (envelope.subject, envelope.in_reply_to) == (b"with a plan", b"<root@example.test>")
    assert (envelope.from_[0].mailbox, envelope.from_[0].host) == (b"wei.li", b"acme.example")
    assert structure.is_multipart
    assert structure[0][1][:2] == (b"APPLICATION", b"PDF")
    assert structure[0][1][8] == (b"ATTACHMENT", (b"filename", b"plan.pdf"))
    assert data[b"RFC822.SIZE"] == len(bytes(message))
    assert data[b"FLAGS"] == ()


def test_sections_and_slices_are_handed_out_octet_by_octet(client: Any, sandbox: MailSandbox) -> None:
    inner, outer = letter("inner", text="进度\n"), letter("outer")
    outer.add_attachment(inner)
    raw = bytes(outer)
    sandbox.deliver(raw, HUB)
    client.select_folder("INBOX", readonly=True)
    wanted = ["BODY[HEADER.FIELDS (SUBJECT)]", "BODY[1]", "BODY[2.MIME]", "BODY[2.HEADER]", "BODY[2.1]", "BODY[9]"]
    data = client.fetch([1], [*wanted, "BODY[TEXT]", "BODY[]<0.10>", "RFC822.HEADER"])[1]
    assert data[b"BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: outer\r\n\r\n"
    assert data[b"BODY[1]"] == b"Hello\r\n"
    assert b"message/rfc822" in data[b"BODY[2.MIME]"]
    assert b"Subject: inner" in data[b"BODY[2.HEADER]"]
    assert data[b"BODY[2.1]"].decode() == "进度\r\n"
    assert data[b"BODY[9]"] is None
    assert data[b"RFC822.HEADER"] + data[b"BODY[TEXT]"] == raw
    assert data[b"BODY[]<0>"] == raw[:10]
    assert sandbox.folder(HUB).messages[0].flags == set()


def test_reading_a_body_marks_it_as_seen_unless_one_only_peeks(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "peeked at", "read")
    client.select_folder("INBOX")
    client.fetch([1], ["BODY.PEEK[]"])
    client.fetch([2], ["BODY[]"])
    assert client.get_flags([1, 2]) == {1: (), 2: (b"\\Seen",)}


def test_flags_are_set_added_and_taken_away(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one")
    client.select_folder("INBOX")
    assert client.add_flags([1], [r"\seen", "$HubDone"]) == {1: (b"$HubDone", rb"\Seen")}
    assert client.remove_flags([1], [r"\Seen"]) == {1: (b"$HubDone",)}
    client.set_flags([1], [r"\Flagged"], silent=True)
    assert client.get_flags([1]) == {1: (rb"\Flagged",)}
    with pytest.raises(IMAPClientError, match="no flag"):
        client.add_flags([1], [r"\Nonsense"])


def test_messages_are_appended_copied_moved_and_removed_with_their_uids_told(client: Any, sandbox: MailSandbox) -> None:
    at = datetime(2026, 2, 2, 8, tzinfo=UTC)
    told = client.append("Sent", bytes(letter("mine")), [r"\Seen"], at)
    assert b"APPENDUID %d 1" % sandbox.folder(HUB, "Sent").uidvalidity in told
    client.select_folder("Sent")
    assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"].astimezone(UTC) == at
    client.copy([1], "INBOX")
    assert client._imap.response("COPYUID")[1] == [b"%d 1 1" % sandbox.folder(HUB).uidvalidity]
    client.move([1], "Archive")
    assert client.search() == []
    sandbox.deliver(bytes(letter("other")), HUB)
    client.select_folder("INBOX")
    client.add_flags([1, 2], [imapclient.DELETED])
    client.uid_expunge([2])
    assert client.search() == [1]
    client.close_folder()
    assert [len(sandbox.folder(HUB, name).messages) for name in ("INBOX", "Sent", "Archive")] == [0, 0, 1]
    with pytest.raises(IMAPClientError, match="TRYCREATE"):
        client.append("Nowhere", b"Subject: x\r\n\r\n")


def test_waiting_clients_are_told_at_once_of_what_arrives(client: Any, sandbox: MailSandbox) -> None:
    client.select_folder("INBOX")
    client.idle()
    threading.Timer(0.05, delivered, (sandbox, "news")).start()
    assert (1, b"EXISTS") in client.idle_check(timeout=10)
    client.idle_done()
    assert client.search(["UNSEEN"]) == [1]


def test_another_client_s_changes_are_told_with_the_next_command(
    client: Any, server: SandboxServer, sandbox: MailSandbox
) -> None:
    delivered(sandbox, "one", "two")
    client.select_folder("INBOX")
    with connected(server) as other:
        other.login(HUB, sandbox.bot.password)
        other.select_folder("INBOX")
        other.add_flags([2], [imapclient.SEEN])
        other.delete_messages([1])
        other.expunge()
    _, told = client.noop()
    assert (1, b"EXPUNGE") in told
    assert (1, b"FETCH", (b"FLAGS", (rb"\Seen",))) in told


def test_only_what_changed_since_is_fetched(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one", "two")
    assert client.enable("CONDSTORE") == [b"CONDSTORE"]
    before = client.select_folder("INBOX")[b"HIGHESTMODSEQ"]
    client.add_flags([1], [imapclient.SEEN])
    sandbox.deliver(bytes(letter("three")), HUB)
    client.noop()
    changed = client.fetch([1, 2, 3], ["FLAGS"], [f"CHANGEDSINCE {before}"])
    assert set(changed) == {1, 3}
    assert changed[1][b"MODSEQ"] == (before + 1,)
    assert client.search(["MODSEQ", str(before + 1)]) == [1, 3]
    assert client.search(["MODSEQ", str(before + 1)]).modseq == before + 2


def test_a_conditional_change_leaves_alone_what_others_changed(server: SandboxServer, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one", "two")
    with imaplib.IMAP4("127.0.0.1", int(server.connection()["imap"].rpartition(":")[2]), timeout=10) as client:
        client.login(HUB, sandbox.bot.password)
        client.select()
        before = sandbox.folder(HUB).modseq
        client.uid("STORE", "1", "+FLAGS", r"(\Flagged)")
        assert client.uid("STORE", "1:2", f"(UNCHANGEDSINCE {before})", "+FLAGS", "(late)")[0] == "OK"
        assert client.response("MODIFIED")[1] == [b"1"]
    assert [each.flags for each in sandbox.folder(HUB).messages] == [{r"\Flagged"}, {"late"}]


def test_a_folder_opened_by_examine_stays_as_it_is(client: Any, sandbox: MailSandbox) -> None:
    delivered(sandbox, "one")
    client.select_folder("INBOX", readonly=True)
    client.fetch([1], ["BODY[]"])
    with pytest.raises(IMAPClientError, match="READ-ONLY"):
        client.add_flags([1], [imapclient.SEEN])
    assert sandbox.folder(HUB).messages[0].flags == set()
