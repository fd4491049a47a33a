"""The laws of the lens between wiki markup and Markdown, over texts made at random."""

import os

from hub_jira.wiki import Wiki, get, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.mapping import RichText

FRAGMENTS = [
    "word", "two words", " ", "  ", "\t", "中文", "，", "。", "é", "😀", "1. ", ".", "\\", "\\\\", "&", "&#42;", "&amp;", "<b>",
    "*", "_", "-", "+", "^", "~", "??", "{", "}", "[", "]", "|", "||", "!", "#", "{*}", "{_}", "{-}", "{{", "}}", "--", "----",
    "*bold*", "_em_", "-gone-", "+new+", "^up^", "~down~", "??cite??", "{{mono}}", "中{*}粗{*}文", "\\*", "\\{", "\\[x]",
    "http://a.example/x_y_z", "[http://a.example]", "[alias|http://a.example|tip]", "[~ana]", "[^a b.pdf]", "[#top]", "[a|^b.pdf]",
    "!pic.png!", "!pic.png|thumbnail!", "!http://a.example/p.png|alt=words!", "[!http://a.example/p.png!|http://b.example]",
    "{anchor:here}", "{color:red}", "{color}", "{color:#172b4d}red{color}", "{chart:type=pie}", ":)", "(x)", "(/)", "[ ] ", "[x] ",
    "{code}", "{code:java}", "{code:title=A.java|borderStyle=solid}", "{noformat}", "{quote}", "{panel}", "{panel:title=Ti|bgColor=#deebff}",
    "{info}", "{warning:title=x}", "{expand}", "{html}", "\0", "\x0b", "\x1b", "\ud800", "\u2028", "\u00a0",
]  # fmt: skip
LINES = [
    "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\nh1. ", "\nh3. Title", "\nbq. ", "\n----\n", "\n* ", "\n** ", "\n# ", "\n#* ", "\n*# ",
    "\n- ", "\n * ", "\n* [ ] ", "\n* (/) ", "\n|", "|\n|", "\n||a||b||\n|c|d|\n", "\n{code}\nx = 1\n{code}\n", "\n{noformat}",
    "\n{quote}\nsaid\n{quote}\n", "\n{panel}\nframed\n{panel}\n", "h1.", "bq.",
]  # fmt: skip
MARKDOWN = [
    "word", "中文", "，", " ", "# ", "- ", "* ", "1. ", "+ ", "> ", "|", "---", "===", "```", "~~~", "`", "``", "*", "**", "_", "__",
    "~~", "[", "]", "(", ")", "![", "](", "<", ">", "<br>", "<https://a.example>", "&", "&amp;", "\\", "!", "[x] ", "[ ] ", "[!NOTE]",
    "[!EXPAND] Title", "[!WARNING]", "http://a.example/(b)", "a_b_c", "\"", "\t", "{", "}", "{code}", "{*}", "^", "+", "-", "h1. ", "bq. ",
    "||", "(/)", "{{", "}}", "??", "!a.png!", "[~ana]", "\n", "\n\n", "\r\n", "    ", "\\\n", "- [ ] task\n", "- [x] done\n", "\n> ", "\n- ",
    "\n  - ", "\n1. ", "\n## ", "\n| a | b |\n| --- | --- |\n| c | d |\n", "\n```py\n", "\n```\n", "\n***\n", "![alt](https://a.example/p.png)",
    "![f.png](attachment:f.png)", "[a](b \"c\")", "[a](https://a.example/?x|y!)", "\0", "\ud800", "\u2028", "*a*", "**b**", "~~c~~",
]  # fmt: skip

markup = st.lists(st.one_of(st.sampled_from(FRAGMENTS + LINES), st.text(max_size=6)), max_size=14).map("".join)
markdown = st.lists(st.one_of(st.sampled_from(MARKDOWN), st.text(max_size=6)), max_size=14).map("".join)
present = st.one_of(st.none(), markup)
examples = int(os.environ.get("WIKI_EXAMPLES", "150"))
thorough = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
LENS = RichText("description", dialect=Wiki())


@thorough
@given(present)
def test_markup_put_back_unedited_is_itself(text: str | None) -> None:
    assert put(get(text), text) == text


@thorough
@given(markdown, present)
def test_putting_twice_is_putting_once(written: str, text: str | None) -> None:
    once = put(written, text)
    assert put(written, once) == once


@thorough
@given(markdown)
def test_the_normal_form_is_its_own_normal_form(written: str) -> None:
    normal = get(put(written, None))
    assert get(put(normal, None)) == normal


@thorough
@given(markdown, markup)
def test_what_is_put_over_other_markup_shows_the_same_as_put_into_nothing(written: str, text: str) -> None:
    over = put(written, text)
    shown = get(put(get(over), None))
    assert shown == get(put(written, None)) or over == text


@thorough
@given(markdown, present)
def test_both_laws_of_a_lens_hold_for_rich_text(written: str, text: str | None) -> None:
    assert LENS.to_canonical(LENS.to_remote(written, current=text), current=written) == written
    assert LENS.to_remote(LENS.to_canonical(text, current=written), current=text) == text


@thorough
@given(markup, st.data())
def test_the_laws_hold_for_edits_of_what_is_shown(text: str, data: st.DataObject) -> None:
    shown = get(text)
    start = data.draw(st.integers(0, len(shown)))
    stop = data.draw(st.integers(start, min(len(shown), start + 12)))
    edited = shown[:start] + data.draw(markdown) + shown[stop:]
    made = put(edited, text)
    assert put(edited, made) == made
    assert made == text or get(put(get(made), None)) == get(put(edited, None))
