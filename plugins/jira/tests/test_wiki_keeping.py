"""What an edit leaves alone: every other block of the markup, to the byte."""

import pytest
from hub_jira.wiki import get, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BLOCKS = [
    "{panel:title=My title|borderStyle=dashed}\nsome {color:red}red{color} text\n* item\n{panel}",
    "{info}\nh2. Within\n\ntext\n{info}",
    "{expand:More}\nhidden\n{expand}",
    "{chart:type=pie|title=Sales}\n||a||b||\n|1|2|\n{chart}",
    "!attachment.png|thumbnail!",
    "!https://a.example/p.png|width=300!",
    "Ask [~ana] about [^report v2.pdf] and {anchor:here} :) (!) (y)",
    "+inserted+ ^up^ ~down~ ??cited?? {{mono *spaced*}}",
    "h1.   Loose   title  ",
    " * one\n ** two\n*** three\n # four",
    "- dash\n- dash again",
    "# first\n{code:java|title=A.java}\nint x = 1; // *\n{code}\n# second",
    "* [ ] open\n* (/) done",
    "||a  ||b||\n| {color:blue}x{color} |[t|http://a.example] |\n|* in\n* cell| |",
    "{code:title=B.sql}select * from t{code}",
    "{noformat}\n  as *it* is\n{noformat}",
    "{html}<b>bold</b>{html}",
    "{quote}\nsaid\n\nand said\n{quote}",
    "bq. short",
    "-----",
    "first line\\\\second line\nthird &amp; last  \nC:\\dir \\{x\\}",
    "mid{code}a=1{code}line",
    "[alias|http://a.example/x_y|tip] http://b.example/_x_ [#anchor] [PROJ-1] [mailto:a@b.example]",
    "中文*不粗*中文{*}粗{*}，*粗*。",
]

blocks = st.lists(st.sampled_from(BLOCKS), max_size=4)
gaps = st.sampled_from(["\n\n", "\n\n\n", "\r\n\r\n", "\n \n"])
quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(before=blocks, after=blocks, gap=gaps, lead=st.sampled_from(["", "\n", "  \r\n"]))
def test_after_an_edit_of_one_paragraph_all_other_blocks_are_untouched(
    before: list[str], after: list[str], gap: str, lead: str
) -> None:
    def text(middle: str) -> str:
        return lead + gap.join([*before, middle, *after]) + lead

    edited = get(text("the plain paragraph")).replace("the plain paragraph", "quite another **word**")
    made = put(edited, text("the plain paragraph"))
    assert made == text("quite another *word*")
    assert get(made) == edited


@quick
@given(before=blocks, after=blocks, gap=gaps)
def test_a_paragraph_put_in_between_or_taken_out_leaves_all_blocks_untouched(
    before: list[str], after: list[str], gap: str
) -> None:
    whole, parts = gap.join([*before, *after]), [get(gap.join(part)) for part in (before, after)]
    longer = put("\n\n".join(part for part in [parts[0], "put in", parts[1]] if part), whole)
    assert longer is not None
    assert [block for block in [*before, *after] if block not in longer] == []
    shorter = put(get(whole), longer)
    assert (shorter or "").replace("\r", "").split() == whole.replace("\r", "").split()


@pytest.mark.parametrize(
    ("markup", "old", "new", "edited"),
    [
        ("Ask [~ana] soon", "soon", "now", "Ask [~ana] now"),
        ("see !a.png|thumbnail! here", "here", "there", "see !a.png|thumbnail! there"),
        ("{color:red}red{color} and blue", "blue", "green", "{color:red}red{color} and green"),
        ("+new+ and H~2~O text", "text", "words", "+new+ and H~2~O words"),
        ("{anchor:x} text", "text", "words", "{anchor:x} words"),
        ("* one [~ana]\n*  two  \n* three", "three", "four", "* one [~ana]\n* two\n* four"),
        ("|| a ||b||\n| {color:red}x{color} |old|", "old", "new", "|| a ||b||\n| {color:red}x{color} |new|"),
        (
            "{panel:title=T|bgColor=#fff}\nold\n\n[~ana]\n{panel}",
            "old",
            "new",
            "{panel:title=T|bgColor=#fff}\nnew\n\n[~ana]\n{panel}",
        ),
        ("{code:java|title=A.java}\nold\n{code}", "old", "new", "{code:java|title=A.java}\nnew\n{code}"),
        ("{html}<b>old</b>{html}", "old", "new", "{html}\n<b>new</b>\n{html}"),
        ("h2. Title\nold text\n\nnext", "old", "new", "h2. Title\nnew text\n\nnext"),
        ("one\r\n\r\nold\r\n\r\nthree", "old", "new", "one\r\n\r\nnew\r\n\r\nthree"),
        (
            "* a\r\n{code}\r\nx\r\n{code}\r\n* old\r\nmore\r\n",
            "old",
            "new",
            "* a\r\n{code}\r\nx\r\n{code}\r\n* new\\\\more\r\n",
        ),
        ("- dash\n- old", "old", "new", "* dash\n* new"),
    ],
)
def test_an_edited_block_keeps_what_markdown_cannot_say(markup: str, old: str, new: str, edited: str) -> None:
    assert put(get(markup).replace(old, new), markup) == edited
