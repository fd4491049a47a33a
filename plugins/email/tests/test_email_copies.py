"""What our own copies of sent mails remember, and that clients never see it."""

from datetime import UTC, datetime
from typing import Any

from hub_email.composing import AcknowledgementLetter, Envelope, Mailbox, compose
from hub_email.copies import PRIVATE, SENDING, SENT, Copy, copy_in, packed, unpacked, with_private, without_private
from hub_email.reading.headers import Headers
from hypothesis import given
from hypothesis import strategies as st

IDS = st.from_regex(r"[!-;=?-~\u00e9\u4e00]{1,250}@[a-z0-9.]{1,60}", fullmatch=True)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=2_000)
TOLD = st.dictionaries(st.sampled_from(["title", "description", "due"]), st.none() | WORDS)
MARKERS = st.lists(st.from_regex(r"[A-Z]{3}-[0-9]{1,6}@[0-9a-f]{1,16}", fullmatch=True), max_size=9).map(tuple)


def raw_mail(thread: str, version: int = 1) -> bytes:
    words: Any = {"language": "en", "recipient": "Li", "key": "REQ-1", "title": "T", "team": "Us"}
    envelope = Envelope(
        sender=Mailbox("hub@example.com"), to=(Mailbox("li@acme.example"),), message_id="<own@example.com>",
        date=datetime(2026, 11, 22, tzinfo=UTC), hub="hub1", thread=thread, version=version,
    )  # fmt: skip
    return compose(AcknowledgementLetter(**words, status="new"), envelope)


@given(IDS, st.integers(0, 999), MARKERS, TOLD)
def test_a_copy_remembers_all_and_goes_out_as_it_was(
    thread: str, version: int, markers: tuple[str, ...], told: dict[str, Any]
) -> None:
    raw = raw_mail(thread, version)
    copy = Copy("comment", thread, "REQ-12", version, markers, "abc234")
    kept = with_private(raw, copy, told)
    headers = Headers.split(kept)[0]
    assert copy_in(headers, [], "hub1") == copy
    assert unpacked(kept.partition(b"\r\n\r\n")[0]) == told
    assert without_private(kept) == raw
    assert not any(name.lower().encode() in without_private(kept).lower() for name in PRIVATE)
    assert all(len(line) <= 998 for line in kept.split(b"\r\n"))


@given(TOLD)
def test_what_is_told_is_packed_the_same_each_time(told: dict[str, Any]) -> None:
    assert packed(told) == packed(dict(reversed(told.items())))


def test_only_our_own_copies_count() -> None:
    kept = with_private(raw_mail("t@x"), Copy("requirement", "t@x"), {})
    headers = Headers.split(kept)[0]
    assert copy_in(headers, [], "another") is None
    assert copy_in(Headers.split(raw_mail("t@x"))[0], [], "hub1") is None


def test_a_copy_is_unsure_until_it_is_marked_as_sent() -> None:
    headers = Headers.split(with_private(raw_mail("t@x"), Copy("requirement", "t@x"), {}))[0]
    states = {
        flags: copy_in(headers, flags, "hub1") for flags in ((), (SENDING.encode(),), (SENDING.encode(), SENT.encode()))
    }
    assert [copy.sending for copy in states.values() if copy] == [False, True, False]


def test_what_cannot_be_read_tells_nothing() -> None:
    for header in (b"", b"X-Hub-Told: !!", b"X-Hub-Told: YWJj", b"Subject: x\r\n"):
        assert unpacked(header) is None
