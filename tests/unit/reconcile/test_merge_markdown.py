"""Where a Markdown text is cut for merging."""

import pytest

from hub.mapping.markdown import PartKind, split_blocks, split_parts


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        ("one\nline\n\n", "two"),
        ("# Title\n", "text\n\n\n", "- a\n- b\n\n", "1. c\n"),
        ("\n\n  \nfirst\n\n", "second\n"),
        ("```\na\n\nb\n```\n\n", "| a |\n|---|\n| b |\n\n", "> quote\n> more\n"),
        ("text\r\n\r\n", "more\r\n\r\n[link]: https://x.org\r\n"),
        ("Heading\n===\n", "    code\n\n    code\n\n", "text\n"),
        (" \n\t\n",),
    ],
)
def test_a_text_is_cut_before_each_block(blocks: tuple[str, ...]) -> None:
    assert split_blocks("".join(blocks)) == blocks


def test_a_line_separator_of_unicode_is_no_line_end() -> None:
    assert split_blocks("a\u2028b\x0bc\n\nd") == ("a\u2028b\x0bc\n\n", "d")


def test_lists_are_cut_into_items_and_tables_into_rows() -> None:
    text = "intro\n\n- a\n\n  more\n  - deep\n- b\n\n| k |\n|---|\n| v |\n\n```\n- code\n```\n"
    assert [(part.text, part.kind) for part in split_parts(text)] == [
        ("intro\n\n", PartKind.PLAIN),
        ("- a\n\n  more\n", PartKind.ITEM),
        ("  - deep\n", PartKind.ITEM),
        ("- b\n\n", PartKind.ITEM),
        ("| k |\n|---|\n", PartKind.ROW),
        ("| v |\n\n", PartKind.ROW),
        ("```\n- code\n```\n", PartKind.CODE),
    ]
