"""Threads, whatever order mails arrive in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hub_email.composing import plus_address, token
from hub_email.config import EmailConfig
from hub_email.copies import Copy
from hub_email.entry import Entry
from hub_email.reading import Address
from hub_email.threads import Threads
from hypothesis import given
from hypothesis import strategies as st

SECRET, HUB, START = b"secret", "hub@example.com", datetime(2026, 11, 22, tzinfo=UTC)


def config(**more: Any) -> EmailConfig:
    auth = {"kind": "password", "user": "u", "password": {"file": __file__}}
    table = {"plugin": "email", "address": HUB, "imap": "imaps://h.example", "smtp": "smtps://h.example", "auth": auth}
    return EmailConfig.model_validate({**table, **more})


CONFIG = config()


def entry(uid: int, name: str, *references: str, sender: str = "li@acme.example", **more: Any) -> Entry:
    told: dict[str, Any] = {
        "uid": uid, "at": START + timedelta(minutes=uid), "size": 1, "id": name, "answers": tuple(reversed(references)),
        "references": references, "subject": "S", "bare_subject": "S", "sender": Address(sender), "to": (), "delivered": (),
        "automatic": None, "reports": False, "believed": True, "encloses": False,
    }  # fmt: skip
    return Entry(**{**told, **more})


def sent(uid: int, name: str, thread: str, **more: Any) -> Entry:
    copy = Copy(**{"kind": "requirement", "thread": thread, "key": "REQ-12", "version": 1, **more})
    return entry(uid, name, thread, sender=HUB, to=(Address("li@acme.example"),), copy=copy)


def threads(inbox: Sequence[Entry], out: Sequence[Entry] = ()) -> Threads:
    return Threads(CONFIG, inbox, out, SECRET)


@st.composite
def forests(draw: st.DrawFn) -> list[tuple[str, tuple[str, ...]]]:
    """Mails that each answer an earlier one or none, with the whole line of those before them, as programs write it."""
    lines: list[tuple[str, ...]] = []
    for number in range(draw(st.integers(1, 12))):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        lines.append(() if parent is None else (*lines[parent], f"m{parent}@x"))
    return [(f"m{number}@x", line) for number, line in enumerate(lines)]


@given(forests(), st.randoms(use_true_random=False), st.data())
def test_a_thread_is_its_first_mail_s_in_any_order_and_with_any_mails_missing(
    forest: list[tuple[str, tuple[str, ...]]], chance: Any, data: st.DataObject
) -> None:
    kept = [each for each in forest if data.draw(st.booleans())] or forest[:1]
    chance.shuffle(kept)
    found = threads([entry(uid, name, *line) for uid, (name, line) in enumerate(kept, 1)])
    for name, line in kept:
        assert found.thread_of(found.entries[name]) == (line[0] if line else name)


def test_mails_that_answer_each_other_in_a_circle_are_one_thread() -> None:
    found = threads([entry(1, "a@x", "b@x"), entry(2, "b@x", "c@x"), entry(3, "c@x", "a@x")])
    assert {found.thread_of(each) for each in found.people} == {"a@x"}


def test_a_very_long_thread_is_followed_to_its_end() -> None:
    line = [entry(uid, f"m{uid}@x", *([f"m{uid - 1}@x"] if uid > 1 else [])) for uid in range(1, 150)]
    found = threads(list(reversed(line)))
    assert {found.thread_of(each) for each in line} == {"m1@x"}


def test_a_token_is_known_by_its_thread_even_without_our_copy() -> None:
    address = plus_address(HUB, token(SECRET, "root@x", HUB))
    later = entry(2, "b@x", delivered=(Address(address),))
    assert threads([entry(1, "root@x"), later]).thread_of(later) == "root@x"
    elsewhere = entry(3, "c@x", delivered=(Address(plus_address(HUB, token(b"other", "root@x", HUB))),))
    assert threads([entry(1, "root@x"), elsewhere]).thread_of(elsewhere) == "c@x"


def test_what_was_answered_stays_the_requirement_when_an_older_mail_turns_up() -> None:
    answered = sent(1, "ack@x", "root@x")
    answered = entry(1, "ack@x", "r1@x", sender=HUB, copy=answered.copy)
    found = threads([entry(1, "r1@x", "root@x"), entry(2, "root@x")], [answered])
    first = found.first("root@x")
    assert first is not None
    assert first.id == "r1@x"


def test_what_is_not_surely_sent_tells_nothing() -> None:
    found = threads([entry(1, "root@x")], [sent(1, "ack@x", "root@x", sending=True)])
    assert found.latest("root@x") is None
    assert found.key_of("root@x") == ""


def test_a_tag_is_no_proof_for_strangers_and_public_providers() -> None:
    ack = [sent(1, "ack@x", "root@x")]
    root = entry(1, "root@x")
    for sender, believed, thread in [
        ("li@acme.example", True, "root@x"),
        ("boss@acme.example", True, "root@x"),
        ("li@acme.example", False, "new@x"),
        ("eve@evil.example", True, "new@x"),
        ("eve@gmail.com", True, "new@x"),
    ]:
        new = entry(2, "new@x", sender=sender, subject="About [req-12]", believed=believed)
        assert threads([root, new], ack).thread_of(new) == thread, sender


def test_a_storm_is_many_mails_of_one_sender_in_a_short_time() -> None:
    fast = [
        entry(uid, f"m{uid}@x", *(["m1@x"] if uid > 1 else []), at=START + timedelta(seconds=uid))
        for uid in range(1, 13)
    ]
    assert threads(fast).runs_wild("m1@x") == "li@acme.example"
    assert threads(fast[:10]).runs_wild("m1@x") is None
    slow = [
        entry(uid, f"m{uid}@x", *(["m1@x"] if uid > 1 else []), at=START + timedelta(hours=uid)) for uid in range(1, 50)
    ]
    assert threads(slow).runs_wild("m1@x") is None
