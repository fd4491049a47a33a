"""What the ADF lens shows, reads and keeps, example by example."""

import copy
import time
from typing import Any

import pytest
from hub_jira.adf import from_plain, get, plain, put

Node = dict[str, Any]
STRONG, UNDERLINE, RED = {"type": "strong"}, {"type": "underline"}, {"type": "textColor", "attrs": {"color": "#ff0000"}}
MENTION = {"type": "mention", "attrs": {"id": "5b10", "text": "@Ana", "localId": "m"}}
DATE = {"type": "date", "attrs": {"timestamp": "1796083200000"}}


def t(text: str, *marks: Node) -> Node:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def p(*content: Node | str, **parts: Any) -> Node:
    return {"type": "paragraph", **parts, "content": [t(one) if isinstance(one, str) else one for one in content]}


def n(name: str, *content: Node, **attrs: Any) -> Node:
    return {"type": name, **({"attrs": attrs} if attrs else {}), **({"content": list(content)} if content else {})}


def doc(*blocks: Node) -> Node:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def edit(before: Node, old: str, new: str) -> list[Any]:
    """The blocks of *before* after *old* has become *new* in its Markdown."""
    shown = get(before)
    assert old in shown
    untouched = copy.deepcopy(before)
    made = put(shown.replace(old, new, 1), before)
    assert before == untouched
    assert made is not None
    content: list[Any] = made["content"]
    return content


SHOWN = [
    ("paragraph with a break", doc(p("a", n("hardBreak"), "b")), "a\\\nb"),
    ("literal signs", doc(p("*a* #b [c] <d> `e` a_b_c _f_ ~~g~~")), r"\*a\* #b \[c] \<d> \`e\` a_b_c \_f\_ \~\~g\~\~"),
    ("line starts", doc(p("1. x"), p("- y"), p("# z"), p("> q"), p("---")), "1\\. x\n\n\\- y\n\n\\# z\n\n\\> q\n\n\\---"),
    ("strong before Chinese punctuation", doc(p(t("注意：", STRONG), "请看")), "**注意**：请看"),
    ("spaces inside strong", doc(p(t(" a ", STRONG), "b")), "**a** b"),
    ("code span", doc(p(t("a`b", {"type": "code"}))), "``a`b``"),
    ("link", doc(p(t("x", {"type": "link", "attrs": {"href": "https://a.b/(c)"}}))), "[x](<https://a.b/(c)>)"),
    ("inline card", doc(p("see ", n("inlineCard", url="https://a.b/c"))), "see <https://a.b/c>"),
    ("mention, date, status", doc(p(MENTION, " ", DATE, " ", n("status", text="DONE", color="green"))), "@Ana 2026-12-01 DONE"),
    ("panel", doc(n("panel", p("x"), panelType="warning")), "> [!WARNING]\n> x"),
    ("expand", doc(n("expand", p("x"), title="More")), "> [!EXPAND] More\n> x"),
    ("lists side by side", doc(n("bulletList", n("listItem", p("a"))), n("bulletList", n("listItem", p("b")))), "- a\n\n* b"),
    ("ordered list", doc(n("orderedList", n("listItem", p("a")), n("listItem", p("b")), order=3)), "3. a\n4. b"),
    ("tasks", doc(n("taskList", n("taskItem", t("a"), localId="1", state="DONE"), localId="0")), "- [x] a"),
    ("attachment", doc(n("mediaSingle", n("media", type="file", id="7", collection="", alt="a.png"), layout="center")), "![a.png](attachment:7)"),
    ("unknown block", doc({"type": "novelty", "x": 1}), '```adf\n{"type": "novelty", "x": 1}\n```'),
    ("empty paragraphs", doc(p(), p("a"), p(), p("b"), p()), "a\n\nb"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "markdown"), [pytest.param(*rest, id=name) for name, *rest in SHOWN])
def test_a_document_is_shown(before: Node, markdown: str) -> None:
    assert get(before) == markdown


READ = [
    ("# a #", [n("heading", t("a"), level=1)]),
    ("a\nb", [p("a b")]),
    ("- # a", [n("bulletList", n("listItem", p("a")))]),
    ("- > a", [n("bulletList", n("listItem", p("a")))]),
    ("**`a`**", [p(t("a", {"type": "code"}))]),
    ("[](https://a.b)", [p(t("https://a.b", {"type": "link", "attrs": {"href": "https://a.b"}}))]),
    ("[x](javascript:y)", [p("[x](javascript:y)")]),
    ("<div>\nx\n</div>", [p("<div> x </div>")]),
    ("a ![b](https://c.d) e", [p("a ", t("b", {"type": "link", "attrs": {"href": "https://c.d"}}), " e")]),
    ("> [!CAUTION]\n> x", [n("panel", p("x"), panelType="error")]),
    ("[x]\n\n[x]: https://a.b", [p(t("x", {"type": "link", "attrs": {"href": "https://a.b"}}))]),
    ("```py\n\tx\n\n```", [n("codeBlock", t("\tx\n"), language="py")]),
    ("~~a~~ **b** *c*", [p(t("a", {"type": "strike"}), " ", t("b", STRONG), " ", t("c", {"type": "em"}))]),
    ("a\x00\ud800", [p("a\ufffd\ufffd")]),
]


@pytest.mark.parametrize(("markdown", "blocks"), READ)
def test_markdown_is_read(markdown: str, blocks: list[Node]) -> None:
    assert put(markdown, None) == doc(*blocks)


def test_nothing_is_none_and_none_is_nothing() -> None:
    assert get(None) == get(doc()) == get({}) == ""
    assert put("", None) is None
    assert put(" \n ", None) is None
    assert put("", doc(p("x"))) is None
    assert put("", doc()) == doc()


def test_new_tasks_get_the_same_ids_every_time() -> None:
    assert put("- [ ] a\n- [x] b\n  - [ ] c", None) == put("- [ ] a\n- [x] b\n  - [ ] c", None)


def test_an_edited_paragraph_keeps_its_mention_date_colour_and_alignment() -> None:
    centred = [{"type": "alignment", "attrs": {"align": "center"}}]
    before = doc(p("Ask ", MENTION, " by ", DATE, " about ", t("the red one", RED, UNDERLINE), marks=centred))
    after = edit(before, "Ask", "Please ask")
    assert after == [
        p("Please ask ", MENTION, " by ", DATE, " about ", t("the red one", RED, UNDERLINE), marks=centred)
    ]
    assert edit(before, "the red", "that red")[0]["content"][-1] == t("that red one", RED, UNDERLINE)


def test_a_mention_goes_when_its_text_goes() -> None:
    assert edit(doc(p("Ask ", MENTION, " now")), "@Ana", "Bob") == [p("Ask Bob now")]


def test_a_paragraph_made_a_heading_keeps_its_mention() -> None:
    assert edit(doc(p("Ask ", MENTION)), "Ask", "## Ask") == [n("heading", t("Ask "), MENTION, level=2)]


def test_one_edited_item_leaves_the_others_alone() -> None:
    items = [n("listItem", p(t(word, UNDERLINE)), localId=word) for word in ("one", "two", "three")]
    after = edit(doc(n("bulletList", *items, localId="L")), "two", "two and a half")
    changed = n("listItem", p(t("two", UNDERLINE), " and a half"), localId="two")
    assert after == [n("bulletList", items[0], changed, items[2], localId="L")]


def test_ticking_a_task_keeps_all_ids() -> None:
    tasks = [n("taskItem", t(word), localId=word, state="TODO") for word in ("a", "b")]
    after = edit(doc(n("taskList", *tasks, localId="L")), "[ ] b", "[x] b")
    assert after == [n("taskList", tasks[0], n("taskItem", t("b"), localId="b", state="DONE"), localId="L")]


def test_one_edited_cell_leaves_the_table_alone() -> None:
    bullets = n("bulletList", n("listItem", p("one")), n("listItem", p("two")))
    head = n("tableRow", n("tableHeader", p("Head"), colspan=2, background="#fff"))
    row = n("tableRow", n("tableCell", p("a"), bullets, colwidth=[50]), n("tableCell", p("b"), localId="c"))
    after = edit(doc(n("table", head, row, layout="wide", width=700)), "| a<br>", "| A<br>")
    new_row = n("tableRow", n("tableCell", p("A"), bullets, colwidth=[50]), n("tableCell", p("b"), localId="c"))
    assert after == [n("table", head, new_row, layout="wide", width=700)]


def test_a_new_row_keeps_the_old_ones() -> None:
    row = n("tableRow", n("tableHeader", p("a"), background="#eee"), localId="r")
    after = edit(doc(n("table", row, localId="t")), "| --- |", "| --- |\n| b |")
    assert after == [n("table", row, n("tableRow", n("tableCell", p("b"))), localId="t")]


def test_a_panel_keeps_its_kind_and_its_other_blocks() -> None:
    panel = n("panel", p("x"), p("y", MENTION), panelType="custom", panelColor="#123456", localId="p")
    assert edit(doc(panel), "> x", "> z") == [
        n("panel", p("z"), p("y", MENTION), panelType="custom", panelColor="#123456", localId="p")
    ]
    assert edit(doc(panel), "CUSTOM", "INFO")[0]["attrs"] == {"panelType": "info", "localId": "p"}


def test_renamed_attachments_and_moved_cards_stay_what_they_were() -> None:
    media = n("media", type="file", id="7", collection="c", alt="old", width=20)
    after = edit(doc(n("mediaSingle", media, layout="wide")), "old", "new")
    assert after == [
        n("mediaSingle", n("media", type="file", id="7", collection="c", alt="new", width=20), layout="wide")
    ]
    assert edit(doc(n("blockCard", url="https://a.b/1", localId="c")), "/1", "/2") == [
        n("blockCard", url="https://a.b/2", localId="c")
    ]


def test_blocks_that_show_nothing_survive() -> None:
    before = doc(p(localId="0"), p("a"), {"type": "paragraph"}, p("b"), p())
    assert edit(before, "a", "c") == [p(localId="0"), p("c"), {"type": "paragraph"}, p("b"), p()]
    assert edit(before, "a\n\n", "") == [p(localId="0"), {"type": "paragraph"}, p("b"), p()]


def test_a_moved_block_is_kept_whole() -> None:
    first, odd = p("a"), {"type": "novelty", "x": [1]}
    shown = get(doc(first, p("b"), odd))
    parts = shown.split("\n\n")
    made = put("\n\n".join([parts[2], parts[0], parts[1]]), doc(first, p("b"), odd))
    assert made == doc(odd, first, p("b"))


def test_a_code_block_keeps_its_other_attributes() -> None:
    code = n("codeBlock", t("x = 1"), language="python", uniqueId="u", wrap=True)
    assert edit(doc(code), "x = 1", "x = 2") == [n("codeBlock", t("x = 2"), language="python", uniqueId="u", wrap=True)]
    assert edit(doc(code), "```python", "```go")[0]["attrs"] == {"language": "go", "uniqueId": "u", "wrap": True}


@pytest.mark.parametrize(
    "text", ["> " * 5000 + "x", "- " * 3000 + "x", "[" * 20000, "*a " * 8000, "`" * 9999, "1) " * 500, "<" * 9999]
)
def test_hostile_text_is_read_without_harm(text: str) -> None:
    made = put(text, None)
    assert put(get(made), made) == made
    assert "x" not in text or "x" in plain(made)


def test_a_document_nested_too_deep_is_shown_and_kept() -> None:
    deep = p("bottom")
    for _ in range(300):
        deep = n("panel", deep, panelType="info")
    before = doc(deep, p("a"))
    assert "bottom" in get(before)
    made = put(get(before)[:-1] + "b", before)
    assert made is not None
    assert made["content"][0] is deep
    assert made["content"][1:] == [p("b")]


def test_plain_text_is_readable() -> None:
    before = doc(
        n("heading", t("Title"), level=1), p("a ", MENTION, n("hardBreak"), "b"), n("bulletList", n("listItem", p("c")))
    )
    assert plain(before) == "Title\na @Ana\nb\n• c"
    assert plain(None) == plain({}) == ""


def test_plain_text_becomes_paragraphs() -> None:
    assert from_plain("h1. a\nb\n\n*c*") == doc(p("h1. a", n("hardBreak"), "b"), p("*c*"))
    assert from_plain(" \n\n") is None


def test_a_long_document_is_read_and_shown_quickly() -> None:
    line = "Some **strong** and plain words, a [link](https://a.example) and `code` — 以及中文。"
    markdown = "\n\n".join(f"## Part {at}\n\n{line} {at}\n\n- {line}\n- [ ] {line}" for at in range(80))
    before = put(markdown, None)
    shown = get(before)
    assert len(shown) > 20_000
    start = time.process_time()
    assert put(shown.replace("Part 40", "Part forty"), before) is not None
    assert time.process_time() - start < 1, "hundred times slower than meant: something has become quadratic"
