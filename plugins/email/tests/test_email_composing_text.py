"""The words themselves: lines of plain text, Markdown, languages, values."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from bs4 import BeautifulSoup
from hub_email.composing import Language, language_of
from hub_email.composing.rich import to_html, to_text
from hub_email.composing.wording import FIELDS, PRIORITIES, STATUSES, TYPES, field_name, is_unset, say
from hub_email.composing.wrapping import WIDTH, columns, wrap
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk import Person, Priority, RequirementStatus, RequirementType

URL = "https://example.com/a/very/long/address?with=parameters&and=more#" + "x" * 60
LINES = st.text(
    st.sampled_from("ab ,.- 我们的需求，。（）》https://例\n") | st.characters(exclude_categories=["Cs"]), max_size=400
)


@given(LINES)
def test_wrapping_loses_no_character(text: str) -> None:
    assert re.sub(r"[\s>]", "", wrap(text)) == re.sub(r"[\s>]", "", text)


@given(LINES)
def test_wrapping_what_is_wrapped_changes_nothing(text: str) -> None:
    assert wrap(wrap(text)) == wrap(text)


@given(st.lists(st.text("abc我你，。", min_size=1, max_size=20), max_size=60))
def test_lines_are_no_wider_than_a_screen(words: list[str]) -> None:
    assert all(columns(line) <= WIDTH + 40 for line in wrap(" ".join(words)).splitlines())  # marks hang over
    assert all(columns(line) <= WIDTH for line in wrap(re.sub("[，。]", "", " ".join(words))).splitlines())


@pytest.mark.parametrize("before", ["See ", "请看", "- ", "> quoted ", "word " * 14])
def test_an_address_is_never_broken(before: str) -> None:
    assert URL in wrap(f"{before}{URL} and then some more words 然后还有更多的文字在后面。")


def test_chinese_lines_break_between_characters_and_never_before_a_mark() -> None:
    lines = wrap("我们收到了您的来信，并且已经登记。" * 20).splitlines()
    assert len(lines) > 5
    assert all(columns(line) > 60 for line in lines[:-1])
    assert not [line for line in lines if line[0] in "，。"]


def test_items_and_quotations_hang() -> None:
    item = wrap("  - [ ] " + "word " * 30).splitlines()
    quotation = wrap("> " + "word " * 30).splitlines()
    assert [line[:9] for line in item] == ["  - [ ] w", "        w", "        w"]
    assert all(line.startswith("> word") for line in quotation)


def test_code_keeps_its_lines_and_a_signature_its_blank() -> None:
    code = "| " + "x = 1; " * 20 + "end"
    assert wrap(f"{code}\n\n\n\n-- \nTeam  \n") == f"{code}\n\n-- \nTeam\n"


def test_markdown_reads_well_without_markdown() -> None:
    markdown = (
        "# Done\n\nWe **fixed** the `login`\npage. See [notes](https://a.example/n) or <https://b.example>.\n\n"
        "- one\n- two\n  1. inner\n\n> said\n> you\n\n```\ncode  here\n```\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n"
        "~~gone~~ ![plan](https://c.example/p.png)\n\n---\n第一行\n第二行"
    )
    assert to_text(markdown).split("\n\n") == [
        "Done",
        "We fixed the login page. See notes (https://a.example/n) or https://b.example.",
        "- one\n- two\n  1. inner",
        "> said you",
        "| code  here",
        "| A | B\n| 1 | 2",
        "~~gone~~ plan (https://c.example/p.png)",
        "* * *",
        "第一行第二行",
    ]


def test_markdown_becomes_html_with_its_styles_inline() -> None:
    html = to_html("> a\n\n| A |\n|:-:|\n| 1 |\n\n- [x] done\n- [ ] open\n\n`c`")
    assert '<blockquote style="margin' in html
    assert '<td style="border:1px solid #8a8a8a;' in html
    assert "text-align:center" in html
    assert "☑ done" in html
    assert "☐ open" in html
    assert '<code style="font-family' in html


@pytest.mark.parametrize(
    "markdown",
    ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[a](javascript:alert(1))",
     "![x](https://track.example/p.gif)", '[a](https://x.example "\\" onclick=alert(1)")', "<iframe src=//x>",
     "![a](data:text/html,<script>)", "[a](vbscript:x)", "<style>*{display:none}</style>"],
)  # fmt: skip
def test_html_in_markdown_stays_words(markdown: str) -> None:
    shown = BeautifulSoup(to_html(markdown), "html.parser").find_all(True)
    assert {tag.name for tag in shown} <= {"p", "a"}
    assert {name for tag in shown for name in tag.attrs} <= {"style", "href", "title"}
    assert not [tag for tag in shown if re.match("javascript|vbscript|data", str(tag.get("href", "")))]


@given(st.text(max_size=200))
def test_any_markdown_can_be_told(markdown: str) -> None:
    to_text(markdown)
    assert not re.search(r"<(script|img|style|iframe)\b", to_html(markdown))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("登录页面打不开，请尽快处理，谢谢", "zh-CN"),
        ("请修复 login page 的 bug", "zh-CN"),
        ("Please fix the login page", "en"),
        ("Please tell 李伟 that the page is broken", "en"),
        ("ログインできません、確認してください", "en"),
        ("请看 https://example.com/a/b/c?d=very-long-words and a@b.example", "zh-CN"),
        ("好的\n> Please fix the login page as soon as you can", "zh-CN"),
        ("Пожалуйста, исправьте", "en"),
        ("请看https://example.com/login谢谢", "zh-CN"),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(text: str, language: Language) -> None:
    assert language_of(text, "zh-CN" if language == "en" else "en") == language


@pytest.mark.parametrize("text", ["", "123 !!", "https://example.com/a", "> quoted words only"])
def test_without_words_the_usual_language_is_taken(text: str) -> None:
    assert language_of(text, "zh-CN") == "zh-CN"
    assert language_of(text, "en") == "en"


@pytest.mark.parametrize(
    ("field", "value", "english", "chinese"),
    [
        ("status", RequirementStatus.APPROVED, "approved", "已确认"),
        ("status", "in_progress", "in progress", "开发中"),
        ("priority", Priority.HIGH, "high", "高"),
        ("type", "defect", "defect", "缺陷"),
        ("due", date(2026, 12, 1), "1 December 2026", "2026年12月1日"),
        ("at", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2 January 2026, 03:04 UTC", "2026年1月2日 03:04 UTC"),
        ("at", datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=8))),
         "2 January 2026, 03:04 UTC+8", "2026年1月2日 03:04 UTC+8"),
        ("estimate_hours", 7.5, "7.5 hours", "7.5 小时"),
        ("estimate_hours", 1.0, "1 hour", "1 小时"),
        ("budget", 120000.0, "120000", "120000"),
        ("go", False, "no", "否"),
        ("labels", frozenset({"b", "a"}), "a, b", "a、b"),
        ("assignees", frozenset({Person(email="a@b.cn", name="Ana")}), "Ana", "Ana"),
        ("requester", Person(account="jira:557058:1"), "a colleague", "同事"),
        ("title", "new", "new", "new"),
        ("status", "somewhere else", "somewhere else", "somewhere else"),
        ("due", None, "", ""),
    ],
)  # fmt: skip
def test_values_are_said_as_people_say_them(field: str, value: object, english: str, chinese: str) -> None:
    assert (say(field, value, "en"), say(field, value, "zh-CN")) == (english, chinese)


def test_every_canonical_word_has_words_in_both_languages() -> None:
    assert set(STATUSES) == set(RequirementStatus)
    assert set(PRIORITIES) == set(Priority)
    assert set(TYPES) == set(RequirementType)
    for words in (STATUSES, PRIORITIES, TYPES, FIELDS):
        assert all(english and re.search("[\u4e00-\u9fff]", chinese) for english, chinese in words.values())


def test_fields_without_words_keep_their_names() -> None:
    assert field_name("due", "zh-CN") == "截止日期"
    assert field_name("go_live", "en") == "go live"
    assert field_name("go_live", "en", "Go-live") == "Go-live"


def test_false_and_nought_are_values() -> None:
    values: list[object] = [False, 0, 0.0, None, "", (), frozenset()]
    assert [is_unset(each) for each in values] == [False] * 3 + [True] * 4


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        say("at", datetime.fromisoformat("2026-01-01T00:00"), "en")
