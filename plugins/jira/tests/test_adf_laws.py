"""The laws of the lens between Atlassian documents and Markdown, over documents and texts made at random."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub_jira.adf import from_plain, get, plain, put
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

Node = dict[str, Any]
Check = Callable[[Any], bool]

FRAGMENTS = [
    "word", "two words", " ", "  ", "# ", "- ", "* ", "1. ", "7) ", "+ ", "> ", "|", "---", "===", "```", "~~~", "`", "``", "*", "**",
    "_", "__", "~~", "~", "[", "]", "(", ")", "![", "](", "<", ">", "<b>", "<br>", "<https://a.example>", "&", "&amp;", "&#32;", "\\",
    "!", ":", "[x] ", "[ ] ", "[!NOTE]", "[!EXPAND] Title", "[!LAYOUT]", "http://a.example/(b)", "a_b_c", "中文", "，", "。", "（注意）",
    "é", "😀", ".", "\"quoted\"", "\t", "\u00a0", "\u3000",
]  # fmt: skip
LINES = [
    "\n", "\n\n", "\r\n", "    ", "\t", "\\\n", "  \n", "- [ ] task", "- [x] done", "\n> ", "\n> > ", "\n- ", "\n  - ", "\n1. ", "\n## ",
    "\n| a | b |\n| --- | --- |\n| c | d |\n", "\n| --- |\n", "\n```py\n", "\n~~~\n", "\n> [!WARNING]\n> ", "\n***\n", "\n---\n",
    "[ref]: https://a.example\n", "[ref]", "[a](b \"c\")", "![alt](https://a.example/p.png)", "![f](attachment:7)",
    "[![i](https://a.example/i)](https://a.example)", "\0", "\x0b", "\x1b", "\ud800", "\u2028", "<!-- c -->", "<details>", "*a*", "**b**", "~~c~~",
]  # fmt: skip

texts = (
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), min_size=1, max_size=5)
    .map("".join)
    .filter(bool)
)
words = st.sampled_from(
    ["word", "two words", "中文，文本", "a*b", "1. x", "# y", "C:\\dir", "<b>", "a|b", "[x] y", "", "-", " z "]
)
written = st.lists(st.one_of(st.sampled_from(FRAGMENTS + LINES), st.text(max_size=8)), max_size=14).map("".join)
urls = st.sampled_from(
    ["https://a.example/x?a=1&b=2", "http://a.example/(b c)", "mailto:a@b.example", "javascript:x", "/rel", "x<y>", ""]
)
ids = st.sampled_from(["i1", "i2", "i3"])
local = st.one_of(st.just({}), st.builds(lambda value: {"localId": value}, ids))


def node(name: str, attrs: Any = None, content: Any = None, marks: Any = None) -> st.SearchStrategy[Node]:
    """Nodes of one type; parts given as None, and empty attributes and marks, are left out."""
    parts = {
        "attrs": st.just({}) if attrs is None else attrs,
        "content": st.none() if content is None else content,
        "marks": st.just([]) if marks is None else marks,
    }

    def build(**values: Any) -> Node:
        return {"type": name} | {
            key: value for key, value in values.items() if value or (key == "content" and value is not None)
        }

    return st.builds(build, **parts)


def some(*choices: st.SearchStrategy[Node], least: int = 1, most: int = 3) -> st.SearchStrategy[list[Node]]:
    return st.lists(st.one_of(*choices), min_size=least, max_size=most)


def attrs(**fields: Any) -> st.SearchStrategy[Node]:
    return st.fixed_dictionaries(fields, optional={} if "localId" in fields else {"localId": ids})


def _distinct(marks: list[Node]) -> list[Node]:
    return list({mark["type"]: mark for mark in marks}.values())


link = st.builds(lambda href: {"type": "link", "attrs": {"href": href}}, urls)
plain_marks = st.sampled_from(
    [{"type": name} for name in ("strong", "em", "strike", "underline")]
    + [{"type": "textColor", "attrs": {"color": "#ff0000"}}, {"type": "subsup", "attrs": {"type": "sub"}}]
)
formatted = st.lists(st.one_of(plain_marks, plain_marks, link), max_size=3).map(_distinct)
coded = st.lists(link, max_size=1).map(lambda links: [{"type": "code"}, *links])


def _text(text: str, marks: list[Node]) -> Node:
    return {"type": "text", "text": text, **({"marks": marks} if marks else {})}


text_nodes = st.builds(_text, texts, st.one_of(st.just([]), st.just([]), formatted, coded))
inline = st.one_of(
    text_nodes,
    text_nodes,
    text_nodes,
    node("hardBreak"),
    node("mention", attrs(id=ids, text=st.sampled_from(["@Ana", "@李雷", ""]))),
    node("emoji", attrs(shortName=st.just(":smile:"), text=st.sampled_from(["😀", ""]))),
    node("date", attrs(timestamp=st.sampled_from(["1796083200000", "soon"]))),
    node("status", attrs(text=st.sampled_from(["DONE", "In *progress*"]), color=st.just("green"))),
    node("inlineCard", st.builds(lambda url: {"url": url}, urls)),
    node("inlineCard", st.just({"data": {"name": "x"}})),
    node("placeholder", attrs(text=texts)),
    node("mediaInline", attrs(id=ids, collection=st.just(""), alt=words)),
    node("inlineExtension", st.just({"extensionKey": "k", "extensionType": "t"})),
)
phrases = st.lists(inline, max_size=5)
align = st.sampled_from([[], [], [{"type": "alignment", "attrs": {"align": "center"}}]])

paragraphs = node("paragraph", local, phrases)
headings = node("heading", attrs(level=st.integers(1, 6)), phrases)
code = node(
    "codeBlock",
    st.fixed_dictionaries({}, optional={"language": st.sampled_from(["py", "c++", "a`b", "", "adf"])}),
    st.lists(st.builds(lambda text: _text(text, []), st.one_of(texts, written.filter(bool))), max_size=2),
)
media = node("media", attrs(type=st.just("file"), id=ids, collection=st.just("c"), alt=words))
web_media = node("media", attrs(type=st.just("external"), url=urls, alt=words), marks=st.lists(link, max_size=1))
caption = node("caption", content=st.lists(text_nodes, max_size=2))
layout = st.just({"layout": "center", "width": 50})
pictures = st.one_of(
    node("mediaSingle", layout, st.tuples(st.one_of(media, web_media)).map(list)),
    node("mediaSingle", layout, st.tuples(st.one_of(media, web_media), caption).map(list)),
)
groups = node("mediaGroup", content=some(media, web_media))
extension = node("extension", st.just({"extensionKey": "k", "extensionType": "t", "parameters": {"a": ["```", 1]}}))
tasks: st.SearchStrategy[Node] = st.deferred(
    lambda: node("taskList", attrs(localId=ids), some(task_items, task_items, tasks))
)
block_task = node(
    "blockTaskItem", attrs(localId=ids, state=st.just("TODO")), some(node("paragraph", content=phrases), most=2)
)
task_items: st.SearchStrategy[Node] = st.one_of(
    node("taskItem", attrs(localId=ids, state=st.sampled_from(["TODO", "DONE"])), phrases), block_task
)
decisions = node(
    "decisionList",
    attrs(localId=ids),
    some(node("decisionItem", attrs(localId=ids, state=st.just("DECIDED")), phrases)),
)
lists: st.SearchStrategy[Node] = st.deferred(
    lambda: st.one_of(
        node("bulletList", local, some(items)),
        node(
            "orderedList",
            st.fixed_dictionaries({}, optional={"order": st.sampled_from([0, 1, 5, 2000000000])}),
            some(items),
        ),
    )
)
items: st.SearchStrategy[Node] = node(
    "listItem", local, some(paragraphs, paragraphs, lists, tasks, pictures, code, extension)
)
quotes = node("blockquote", local, some(paragraphs, lists, code, pictures, groups, extension))
rule = node("rule")
cards = node("blockCard", st.builds(lambda url: {"url": url}, urls))
embeds = node("embedCard", st.builds(lambda url: {"url": url, "layout": "wide"}, urls))
panel_type = st.sampled_from(["info", "note", "tip", "warning", "error", "success", "custom"])
panels = node(
    "panel",
    attrs(panelType=panel_type),
    some(paragraphs, headings, lists, cards, groups, pictures, code, tasks, rule, decisions, extension),
)
nestable = [paragraphs, headings, pictures, groups, code, lists, tasks, decisions, rule, panels, quotes, extension]
nested_expands = node("nestedExpand", st.just({"title": "in *side*"}), some(*nestable))
cell_attrs = st.fixed_dictionaries(
    {}, optional={"colspan": st.integers(1, 3), "rowspan": st.integers(1, 2), "background": st.just("#fff")}
)
cells = st.one_of(
    *(
        node(name, cell_attrs, some(paragraphs, paragraphs, paragraphs, *nestable, cards, nested_expands, most=2))
        for name in ("tableCell", "tableHeader")
    )
)
tables = node("table", attrs(layout=st.just("wide")), some(node("tableRow", local, st.lists(cells, max_size=3))))
expands = node(
    "expand",
    st.fixed_dictionaries({}, optional={"title": words}),
    some(*nestable, tables, cards, embeds, nested_expands),
)
bodied = node("bodiedExtension", st.just({"extensionKey": "k", "extensionType": "t"}), some(paragraphs, tables))
columns = node("layoutColumn", st.just({"width": 50}), some(*nestable, tables, expands, bodied, most=2))
sections = node("layoutSection", content=some(columns, least=2, most=3))
marked = node("paragraph", local, phrases, align)
sync = node("syncBlock", st.just({"resourceId": "r", "localId": "l"}))
_any_block = st.one_of(paragraphs, marked, *nestable, tables, expands, cards, embeds, bodied, sections, sync)


@st.composite
def _blocks(draw: st.DrawFn) -> Node:
    """Any block of a document, under a name: a strategy of this size has no readable `repr`."""
    return draw(_any_block)


blocks = _blocks()
documents = st.lists(blocks, max_size=6).map(lambda content: {"version": 1, "type": "doc", "content": content})

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["type", "content", "attrs", "marks", "text", "x"]), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip
names = st.sampled_from(
    [
        "paragraph",
        "table",
        "tableRow",
        "bulletList",
        "taskItem",
        "panel",
        "mediaSingle",
        "layoutSection",
        "text",
        "odd",
        "rule",
    ]
)
wild = st.recursive(
    json_values,
    lambda inner: st.fixed_dictionaries({"type": names}, optional={"content": st.lists(inner, max_size=3), "attrs": inner, "marks": inner, "text": texts}),
    max_leaves=10,
)  # fmt: skip
broken = st.fixed_dictionaries(
    {},
    optional={
        "version": st.just(1),
        "type": st.just("doc"),
        "content": st.one_of(st.lists(st.one_of(wild, blocks), max_size=4), wild),
    },
)

examples = int(os.environ.get("ADF_EXAMPLES", "80"))
thorough = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def is_valid() -> Check:
    """Says whether a document is valid against the published schema."""
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    shared = Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")
    schema = shared / "specs" / "adf.full.schema.json"
    if not schema.exists():
        pytest.skip("the ADF schema is not here")
    check: Check = jsonschema_rs.validator_for(json.loads(schema.read_text())).is_valid
    return check


def dumped(value: object) -> str:
    return json.dumps(value, default=str)


@thorough
@given(documents)
def test_a_document_put_back_unedited_is_itself(doc: Node) -> None:
    before = dumped(doc)
    assert put(get(doc), doc) is doc
    assert dumped(doc) == before


@thorough
@given(broken)
def test_even_a_broken_document_put_back_unedited_is_itself(doc: Node) -> None:
    before = dumped(doc)
    assert dumped(put(get(doc), doc)) == before
    plain(doc)


@thorough
@given(written, st.one_of(st.none(), documents, broken))
def test_putting_twice_is_putting_once(markdown: str, doc: Node | None) -> None:
    once = put(markdown, doc)
    assert dumped(put(markdown, once)) == dumped(once)


@thorough
@given(st.one_of(written, st.text()))
def test_the_normal_form_is_its_own_normal_form(markdown: str) -> None:
    normal = get(put(markdown, None))
    assert get(put(normal, None)) == normal


@thorough
@given(documents)
def test_what_a_valid_document_shows_is_in_normal_form(doc: Node) -> None:
    shown = get(doc)
    assert get(put(shown, None)) == shown


@pytest.mark.data
@thorough
@given(markdown=written)
def test_a_new_document_is_valid(is_valid: Check, markdown: str) -> None:
    made = put(markdown, None)
    assert made is None or is_valid(made)


@pytest.mark.data
@thorough
@given(markdown=written, doc=documents)
def test_a_valid_document_stays_valid_under_any_text(is_valid: Check, markdown: str, doc: Node) -> None:
    assume(is_valid(doc))
    made = put(markdown, doc)
    assert made is None or is_valid(made)


@pytest.mark.data
@thorough
@given(doc=documents, data=st.data())
def test_a_valid_document_stays_valid_under_edits(is_valid: Check, doc: Node, data: st.DataObject) -> None:
    assert is_valid(doc)
    shown = get(doc)
    start = data.draw(st.integers(0, len(shown)))
    stop = data.draw(st.integers(start, min(len(shown), start + 12)))
    edited = shown[:start] + data.draw(written) + shown[stop:]
    made = put(edited, doc)
    assert made is None or is_valid(made)
    assert get(made) == get(put(edited, None))
    assert dumped(put(edited, made)) == dumped(made)


@thorough
@given(st.lists(blocks, max_size=3), marked, st.lists(blocks, max_size=3), words.filter(str.strip))
def test_after_an_edit_of_one_paragraph_all_other_blocks_are_untouched(
    before: list[Node], block: Node, after: list[Node], text: str
) -> None:
    def doc(*middle: Node) -> Node:
        return {"version": 1, "type": "doc", "content": [*before, *middle, *after]}

    edit = {"type": "paragraph", "content": [{"type": "text", "text": f"{text} edited"}]}
    edited = get(doc(edit))
    made = put(edited, doc(block))
    assert made is not None
    assert get(made) == edited
    if get(doc(block)) != get(doc()):
        assert len(made["content"]) == len(before) + len(after) + 1
        assert dumped(made["content"][: len(before)]) == dumped(before)
        assert dumped(made["content"][len(before) + 1 :]) == dumped(after)
    else:  # it showed nothing, so the edit is a new block beside it
        rest = [one for one in made["content"] if one is block or get({"content": [one]}) != get(doc(edit))]
        assert all(any(one is other for other in rest) for one in [*before, *after])


@thorough
@given(st.lists(words, max_size=4).map("\n".join))
def test_plain_text_comes_back_as_it_went_in(text: str) -> None:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    assert plain(from_plain(text)).split("\n") == (lines or [""])
