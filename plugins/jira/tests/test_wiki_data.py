"""The wiki lens over real descriptions and comments."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_jira.adf.show import show_blocks
from hub_jira.wiki import get, put
from hub_jira.wiki.read import read

pytestmark = pytest.mark.data

SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")
FOLDERS = ("public_issues", "rest_issues", "webhook_payloads")
FIELDS = frozenset({"description", "body", "environment", "comment"})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name in FIELDS and isinstance(part, str):
                yield part
            else:
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


@pytest.fixture(scope="module")
def markups() -> list[str]:
    """Every text of a field that holds wiki markup, each once."""
    files = sorted(file for folder in FOLDERS for file in (SHARED / "data" / "jira" / folder).glob("*.json"))
    found = {text for file in files for text in _texts(json.loads(file.read_text()))}
    if not found:
        pytest.skip("the folder of real issues is not here")
    return sorted(found)


def test_real_markup_put_back_unedited_is_itself(markups: list[str]) -> None:
    assert [text for text in markups if put(get(text), text) != text] == []


def test_what_real_markup_shows_reads_back(markups: list[str]) -> None:
    differing = [text for text in markups if get(put(get(text), None)) != get(text)]
    assert len(differing) <= len(markups) // 500, differing


def test_an_edit_of_one_real_paragraph_leaves_all_else_as_it_was(markups: list[str]) -> None:
    edits = 0
    for text in markups[::5]:
        page = read(text)
        at = next((at for at, node in enumerate(page.nodes) if node["type"] == "paragraph"), None)
        if at is None:
            continue
        block, nodes = page.blocks[at], page.nodes
        nodes[at] = {"type": "paragraph", "content": [{"type": "text", "text": "edited here"}]}
        made = put(show_blocks(nodes), text)
        assert made == text[: block.start] + "edited here" + text[block.stop :]
        assert put(show_blocks(nodes), made) == made
        edits += 1
    assert edits > 100


def _cases() -> list[Any]:
    files = sorted((SHARED / "data" / "adf" / "wiki_markup").glob("*"))
    return [pytest.param(file, id=file.name) for file in files if file.is_file()] or [
        pytest.param(None, marks=pytest.mark.skip("the folder of wiki markup is not here"))
    ]


@pytest.mark.parametrize("file", _cases())
def test_published_markup_put_back_unedited_is_itself(file: Path) -> None:
    text = file.read_text(errors="replace")
    assert put(get(text), text) == text
    assert put(get(text) + "\n\nmore", text) is not None
