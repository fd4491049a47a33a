"""What clients read, in both languages."""

import re
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hub_email.composing import (
    MARKER,
    AcknowledgementLetter,
    Change,
    CommentLetter,
    Envelope,
    Letter,
    Mailbox,
    OpeningLetter,
    UpdateLetter,
    compose,
)

EN: dict[str, Any] = {
    "language": "en", "recipient": "Ms Li", "key": "REQ-12", "title": "Export to Excel", "team": "Delivery team",
    "signature": "+86 10 1234",
}  # fmt: skip
ZH: dict[str, Any] = EN | {"language": "zh-CN", "recipient": "李女士", "title": "导出到 Excel", "team": "交付团队"}
ENVELOPE = Envelope(
    sender=Mailbox("hub@example.com"),
    to=(Mailbox("li@client.cn"),),
    message_id="<a@example.com>",
    date=datetime(2026, 11, 22, tzinfo=UTC),
    hub="hub-1",
    thread="REQ-12",
    version=1,
)


def read(letter: Letter, part: str) -> str:
    mail = message_from_bytes(compose(letter, ENVELOPE), EmailMessage, policy=policy.default)
    body = mail.get_body((part,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def told(letter: Letter) -> str:
    """The words between the greeting and the closing sentence."""
    return read(letter, "plain").split("\n\n", 2)[2].rsplit("\n\n", 2)[0]


def in_html(letter: Letter) -> str:
    """The words of the HTML part, blanks taken together."""
    page = BeautifulSoup(read(letter, "html"), "html.parser")
    assert page.body is not None
    return " ".join(page.body.get_text(" ").split())


def update(*changes: Change, words: dict[str, Any] = EN) -> UpdateLetter:
    return UpdateLetter(**words, changes=changes)


def test_a_whole_letter_in_english() -> None:
    letter = AcknowledgementLetter(**EN, status="new", due=date(2026, 12, 1))
    assert read(letter, "plain") == (
        f"{MARKER}\n[REQ-12]\n\nHello Ms Li,\n\nThank you for your request. We have recorded it as REQ-12:\n\n"
        "  Export to Excel\n\nStatus: received\nDue date: 1 December 2026\n\nTo answer, just reply to this mail.\n\n"
        "-- \nDelivery team\n+86 10 1234\n"
    )


def test_a_whole_letter_in_chinese() -> None:
    letter = AcknowledgementLetter(**ZH, status="new", due=date(2026, 12, 1))
    assert read(letter, "plain") == (
        f"{MARKER}\n[REQ-12]\n\n李女士，您好：\n\n感谢您的来信。您的需求已收到，编号为 REQ-12：\n\n"
        "  导出到 Excel\n\n状态：已收到\n截止日期：2026年12月1日\n\n如需补充或回复，直接回复本邮件即可。\n\n"
        "-- \n交付团队\n+86 10 1234\n"
    )


def test_nobody_is_greeted_by_no_name() -> None:
    assert "\n\nHello,\n\n" in read(update(words=EN | {"recipient": ""}), "plain")
    assert "\n\n您好：\n\n" in read(update(words=ZH | {"recipient": ""}), "plain")


def test_nothing_is_said_of_a_date_that_is_not_set() -> None:
    assert told(AcknowledgementLetter(**EN, status="new")).endswith("Status: received")


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        (Change("status", "review", "approved"), "Status: approved (was in review)", "状态：已确认（原为评审中）"),
        (Change("due", date(2026, 11, 15), date(2026, 12, 1)),
         "Due date: 1 December 2026 (was 15 November 2026)", "截止日期：2026年12月1日（原为2026年11月15日）"),
        (Change("start", None, date(2026, 12, 1)),
         "Start date: 1 December 2026 (newly set)", "开始日期：2026年12月1日（新设定）"),
        (Change("due", date(2026, 12, 1), None),
         "Due date: no longer set (was 1 December 2026)", "截止日期：已取消（原为2026年12月1日）"),
        (Change("type", "feature", "change"), "Type: change (was new feature)", "类型：变更（原为新功能）"),
        (Change("title", "Export", "Export all"), "Title: Export all (was Export)", "标题：Export all（原为Export）"),
        (Change("urgent", False, True, "VIP"), "VIP: yes (was no)", "VIP：是（原为否）"),
        (Change("description", "old", ""), "Description: no longer set", "描述：已取消"),
    ],
)  # fmt: skip
def test_a_change_is_a_sentence(change: Change, english: str, chinese: str) -> None:
    for words, sentence in ((EN, english), (ZH, chinese)):
        letter = update(change, words=words)
        assert told(letter).split("\n\n")[1] == sentence
        assert sentence.replace(" ", "") in in_html(letter).replace(" ", "")


def test_a_changed_text_is_told_as_it_reads_now() -> None:
    letter = update(Change("status", "new", "review"), Change("description", "Old", "All **rows**\n\n- a\n- b"))
    assert told(letter).endswith("Status: in review (was received)\n\nDescription:\n\n  All rows\n\n  - a\n  - b")
    assert "<strong>rows</strong>" in read(letter, "html")
    assert "Old" not in in_html(letter)


def test_of_criteria_it_is_told_what_became_of_each() -> None:
    old = (("Opens in Excel", False), ("Is blue", True), ("Is fast", True))
    new = (("Opens in Excel", True), ("Has a header", False), ("Is fast", False))
    lines = told(update(Change("acceptance", old, new))).splitlines()[2:]
    assert lines == [
        "Acceptance criteria:",
        "  - [x] Opens in Excel (now met)",
        "  - [ ] Has a header (new)",
        "  - [ ] Is fast (no longer met)",
        "  - [x] Is blue (removed)",
    ]
    assert "☑ Opens in Excel（已满足）" in in_html(update(Change("acceptance", old, new), words=ZH))


def test_first_criteria_are_not_each_called_new() -> None:
    assert told(update(Change("acceptance", (), (("A", False),)), words=ZH)).endswith("验收标准：\n  - [ ] A")


def test_a_comment_says_who_wrote_and_what_follows_along() -> None:
    letter = CommentLetter(**EN, author="Ana", body="It is *done*.\n\n> great", attachments=("plan.pdf", "b.png"))
    assert told(letter) == (
        "Ana wrote to you about REQ-12, Export to Excel:\n\nIt is done.\n\n> great\n\nAttached:\n- plan.pdf\n- b.png"
    )
    assert "It is <em>done</em>." in read(letter, "html")
    assert told(CommentLetter(**ZH, author="安娜", body="完成了")) == (
        "安娜就您的需求 REQ-12“导出到 Excel”写道：\n\n完成了"
    )


def test_an_opening_tells_the_whole_requirement() -> None:
    letter = OpeningLetter(
        **ZH,
        status="clarifying",
        due=date(2026, 12, 1),
        description="所有**行**",
        acceptance=(("能打开", False),),
        facts=(Change("type", None, "change"), Change("start")),
    )
    assert told(letter) == (
        "我们为您登记了一项需求，编号为 REQ-12：\n\n  导出到 Excel\n\n状态：沟通确认中\n截止日期：2026年12月1日\n"
        "类型：变更\n\n描述：\n\n  所有行\n\n验收标准：\n  - [ ] 能打开"
    )
    bare = OpeningLetter(**EN, status="approved")
    assert told(bare).endswith("REQ-12:\n\n  Export to Excel\n\nStatus: approved")


def test_the_marker_is_the_first_thing_to_be_seen() -> None:
    for words in (EN, ZH):
        assert read(update(words=words), "plain").startswith(f"{MARKER}\n")
        assert in_html(update(words=words)).startswith(MARKER)


def test_readers_of_replies_can_cut_at_the_marker() -> None:
    assert re.fullmatch(r"##-.{5,80}-##", MARKER)


def test_values_are_escaped_in_html() -> None:
    evil = '<script>alert("x")</script>'
    letter = update(Change("title", evil, f"{evil}2"), Change("x", evil, None, evil), words=EN | {
        "title": evil, "recipient": evil, "team": evil, "signature": evil,
    })  # fmt: skip
    assert "<script" not in read(letter, "html")
    assert evil in in_html(letter)
    assert evil in read(letter, "plain")


def test_what_looks_like_a_template_stays_words() -> None:
    assert "Title: {{ team }}{% if (was {{ key }})" in told(update(Change("title", "{{ key }}", "{{ team }}{% if")))


def test_control_characters_do_not_reach_a_body() -> None:
    letter = CommentLetter(**EN | {"title": "a\x1b[31m\u202eb"}, author="A\x00na", body="x\x07&#27;\ud800y")
    for part in ("plain", "html"):
        assert not set(read(letter, part)) & set("\x00\x07\x1b\u202e\ud800")


def test_there_are_no_letters_in_other_languages() -> None:
    with pytest.raises(ValueError, match="en, zh-CN"):
        AcknowledgementLetter(**EN | {"language": "fr"}, status="new")
