"""Whose words a comment is: said in a paragraph of its own, and taken off without a trace, in both dialects."""

import json
from typing import Any

import pytest
from hub_jira.attribution import again, signed, unsigned
from hub_jira.dialects import Adf, Markup, Parted
from hypothesis import given, settings
from hypothesis import strategies as st

AT = "2026-11-22T08:30:00Z"
PANEL = {
    "type": "panel",
    "attrs": {"panelType": "note", "localId": "p-1"},
    "content": [{"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "5b10", "text": "@Ana"}}]}],
}
BODIES: list[tuple[Parted, Any]] = [
    (Adf(), {"type": "doc", "version": 1, "content": [PANEL, {"type": "rule"}]}),
    (Adf(), {"type": "doc", "version": 1, "content": [{"type": "paragraph"}]}),
    (Markup(), "h2. Plan\r\n\r\n{panel:title=x}\r\n[~ana] *now*\r\n{panel}\r\n----\r\n * one\r\n"),
    (Markup(), "plain\n\n\n  and more  "),
]
NAMES = ["Li Wei", "李伟", "O'Neil & co <b>", "Bob (ext.)", "#1 -x", "A_b *x* {c}", "h1. Big", "a|b"]


@pytest.mark.parametrize(("dialect", "body"), BODIES)
@pytest.mark.parametrize("name", NAMES)
def test_a_text_comes_back_to_the_byte_with_its_author(dialect: Parted, body: Any, name: str) -> None:
    written = signed(dialect, body, {"name": name}, AT)
    read = unsigned(dialect, written)
    assert json.dumps(read.body) == json.dumps(body)
    assert read.author == {"name": name}
    assert again(dialect, read.body, read.head) == written


@pytest.mark.parametrize("dialect", [Adf(), Markup()])
def test_what_is_not_signed_stays_as_it_is(dialect: Parted) -> None:
    for words in ("**Note:**\n\nRead", "**Li Wei**: yes", "", "- **x** · 2026-11-22 08:30 UTC:\n- y", "# Hi"):
        body = dialect.put(words, None)
        assert unsigned(dialect, body).body is body
        assert unsigned(dialect, body).author is None
    body = dialect.put("Hello", None)
    for author, at in (({"name": "Ann"}, None), ({}, AT), (None, AT), ({"name": ""}, AT)):
        assert signed(dialect, body, author, at) is body


@pytest.mark.parametrize("dialect", [Adf(), Markup()])
@settings(max_examples=150, deadline=None)
@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40))
def test_no_name_keeps_a_text_from_coming_back(dialect: Parted, name: str) -> None:
    body = dialect.put("First\n\n- a\n- b", None)
    read = unsigned(dialect, signed(dialect, body, {"name": name}, AT))
    assert read.body == body or not any(each.isalnum() for each in name)
