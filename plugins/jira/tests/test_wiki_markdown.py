"""Wiki markup and the Markdown it is, example by example; and Markdown made at random, which reads back as itself."""

import sys
from types import FrameType
from typing import Any

import pytest
from hub_jira.wiki import get, put
from hub_jira.wiki.read import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BOTH_WAYS = [
    ("h1. Head _it_", "# Head *it*"),
    ("*bold* _em_ -gone- {{mono}}", "**bold** *em* ~~gone~~ `mono`"),
    ("中文{*}粗体{*}中文，*粗*。", "中文**粗体**中文，**粗**。"),
    ("snake_case well-known 1 * 2", "snake_case well-known 1 \\* 2"),
    ("\\*not bold\\* \\{x} \\[y] \\_z\\_", "\\*not bold\\* {x} \\[y] \\_z\\_"),
    ("one\ntwo", "one\\\ntwo"),
    ("[text|https://a.example/x_y]", "[text](https://a.example/x_y)"),
    ("[text|https://a.example|tip]", '[text](https://a.example "tip")'),
    ("[https://a.example/x_y]", "<https://a.example/x_y>"),
    ("see https://a.example/x-y_z_", "see https://a.example/x-y_z\\_"),
    ("[*text*|https://a.example]", "[**text**](https://a.example)"),
    ("!https://a.example/p.png|alt=words,title=said!", '![words](https://a.example/p.png "said")'),
    ("!shot 1.png!", "![shot 1.png](<attachment:shot 1.png>)"),
    ("[^report.pdf]", "![report.pdf](attachment:report.pdf)"),
    ("[the report|^report.pdf]", "![the report](attachment:report.pdf)"),
    ("* a\n** b\n*# c\n* d", "- a\n  - b\n\n  1. c\n- d"),
    ("# a\n#* b\n# c", "1. a\n   - b\n2. c"),
    ("* a\n{code:py}\nx = 1\n{code}\n* b", "- a\n\n  ```py\n  x = 1\n  ```\n- b"),
    ("* [ ] open\n** (/) done", "- [ ] open\n  - [x] done"),
    ("bq. said", "> said"),
    ("{quote}\none\n\ntwo\n{quote}", "> one\n>\n> two"),
    ("{code:java}\nint x; // *\n{code}", "```java\nint x; // *\n```"),
    ("{noformat}\n*as* it {code}is\n{noformat}", "```\n*as* it {code}is\n```"),
    ("||a||b||\n|c \\| d|e\\\\f|\n| |g|", "| a | b |\n| --- | --- |\n| c \\| d | e<br>f |\n|  | g |"),
    ("----", "---"),
    ("{panel:bgColor=#fffae6}\nCareful\n{panel}", "> [!WARNING]\n> Careful"),
    ("{panel:title=Note}\ntext\n{panel}", "> [!CUSTOM]\n> **Note**\n>\n> text"),
    ("h1&#46; no head", "h1. no head"),
    ("\\* no item", "\\* no item"),
    ("\\- no item", "\\- no item"),
    ("* \\(/) no box", "- (/) no box"),
    ("\\| no row", "| no row"),
    ("C:\\dir and &#92;\\_x\\_", "C:\\dir and \\\\\\_x\\_"),
]  # fmt: skip
ONE_WAY = [
    ("{code}x{code}", "```\nx\n```"),
    ("a\\\\b", "a\\\nb"),
    ("Ask [~ana]!", "Ask @ana\\!"),
    ("{color:red}red{color} +new+ x^2^ ??who??", "red new x^2^ who"),
    ("!a.png|thumbnail!", "![a.png](attachment:a.png)"),
    ("{html}<b>{html}", "```html\n<b>\n```"),
    ("{anchor:x}here", "{anchor:x}here"),
    ("* (x) open\n* [x] done", "- [ ] open\n- [x] done"),
    ("* (/) done\n* plain", "- (/) done\n- plain"),
    ("wow! nice! [BUG] {x", "wow! nice! \\[BUG] {x"),
    ("a {{b_c_d}} &amp; &#42;", "a `b_c_d` & \\*"),
    ("|a|b|\n|multi\nline|c|", "| a | b |\n| --- | --- |\n| multi<br>line | c |"),
    ("text\n* item", "text\n\n- item"),
    ("{unknown}*body*{unknown}", "{unknown}**body**{unknown}"),
    ("\r\nh2. CR\r\ntext\r\n", "## CR\n\ntext"),
    ("{quote}never closed", "{quote}never closed"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "markdown"), BOTH_WAYS)
def test_markup_and_markdown_are_each_read_as_the_other(markup: str, markdown: str) -> None:
    assert get(markup) == markdown
    assert put(markdown, None) == markup


@pytest.mark.parametrize(("markup", "markdown"), ONE_WAY)
def test_markup_that_is_written_otherwise_is_read_too(markup: str, markdown: str) -> None:
    assert get(markup) == markdown
    assert put(markdown, markup) == markup


def test_nothing_is_nothing() -> None:
    assert get(None) == get("") == get(" \n") == ""
    assert put("", None) is put(" \n", None) is put("", "text") is None
    assert put("", "") == ""


words = st.sampled_from(
    [
        "word",
        "two words",
        "中文，文本",
        "a\\*b",
        "x - y",
        "{z}",
        "a|b",
        "w!x",
        "C:\\dir",
        "h2. x",
        "1 + 1",
        "\\[~ana]",
        "a_b",
    ]
)
cells = st.sampled_from(["word", "中文", "{z}", "**b** c", "`code`", "x - y", "a\\*b"])
phrases = st.one_of(
    words,
    words.map("**{}**".format),
    words.map("*{}*".format),
    words.map("~~{}~~".format),
    st.sampled_from(["`code`", "`a*b_c`", "[a](https://a.example/x_y?z=1)", "<https://b.example>", "***both***"]),
)
lines = st.lists(phrases, min_size=1, max_size=4).map(" ".join)
texts = st.lists(lines, min_size=1, max_size=3).map("\\\n".join)


@st.composite
def lists(draw: st.DrawFn, depth: int = 0) -> str:
    """A list, in the form that Markdown is shown in."""
    sign = draw(st.sampled_from(["- ", "1. ", "- [ ] "] if not depth else ["- ", "1. "]))
    items = []
    for number in range(draw(st.integers(1, 3))):
        head = f"{number + 1}. " if sign == "1. " else sign
        item = head + draw(lines)
        if depth < 2 and sign != "- [ ] " and draw(st.booleans()):
            pad = " " * len(head)
            nested = draw(lists(depth + 1)).split("\n")
            item += "\n" + "\n".join(pad + line if line else line for line in nested)
        items.append(item)
    return "\n".join(items)


tables = st.lists(st.tuples(cells, cells), min_size=1, max_size=3).map(
    lambda rows: "\n".join(f"| {a} | {b} |" for a, b in [rows[0], ("---", "---"), *rows[1:]])
)
blocks = st.one_of(
    texts,
    st.builds("{} {}".format, st.sampled_from(["#", "##", "######"]), lines),
    lists(),
    tables,
    texts.map(lambda text: "\n".join("> " + line for line in text.split("\n"))),
    st.sampled_from(["```\na\n\n  b *c*\n```", "```c++\n{noformat}\n```", "```\n{code}x\n```", "---"]),
    st.sampled_from(["![alt](https://a.example/p.png)", "> [!NOTE]\n> one\n>\n> - two"]),
)


def _apart(parts: list[str]) -> list[str]:
    """*parts* without lists that follow each other, which Markdown shows with other signs."""
    return [part for at, part in enumerate(parts) if not at or part[:1] not in "-1" or parts[at - 1][:1] not in "-1"]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(blocks, max_size=5).map(_apart).map("\n\n".join))
def test_markdown_reads_back_as_itself(markdown: str) -> None:
    assert get(put(markdown, None)) == markdown


NASTY = [
    "*a ", "*", "{", "{{", "{{a ", "[", "[a|", "!", "!a ", "!a.png", "{color:red}", "{code}", "{code:x}", "{quote}", "{panel}{quote}",
    "{panel:a=b}", "\\", "&", "||", "|a", "|a\n", "* a\n", "** a\n* b\n", "-", "_a* ", "*_-+^~", "{*}{_}a", "??a", "http://a", "\r", "[~a",
    "{a:", "*a* b* ", "* [ ] a\n", "{info}{note}{tip}{warning}{panel}{quote}", "中{*}", "*a{{b ", "*a [b ", "-a{-}b ", "|{code}", "{html",
]  # fmt: skip


def _steps(text: str) -> int:
    """How many lines of Python reading *text* takes."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        del frame, arg
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("pattern", NASTY)
def test_reading_takes_steps_in_proportion_to_the_length(pattern: str) -> None:
    short, long = (_steps((pattern * size)[:size]) for size in (200, 800))
    assert long < 6 * short + 20_000
