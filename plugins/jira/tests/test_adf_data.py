"""The ADF lens over real documents, and over documents that other converters pair with Markdown."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_jira.adf import get, plain, put

pytestmark = pytest.mark.data

Node = dict[str, Any]
SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")
FOLDER = SHARED / "data" / "adf"

# Pairs whose Markdown is not what we show, each with the reason. All others must agree, read back.
TABLE_PART = "a part of a table cannot stand alone in Markdown; that converter writes loose cells"
OWN_SYNTAX = (
    "that converter has a syntax of its own for panels, expands, people and dates; ours are alerts and plain words"
)
INDENTED = "the expected text is indented as a whole, which CommonMark reads as code"
DIFFERENCES = {
    "atlasdoc_case_bullet_list_with_links_and_mixed_formatting": INDENTED,
    "atlasdoc_case_code_block_python": INDENTED,
    "atlasdoc_case_code_block_without_attributes": INDENTED,
    "atlasdoc_case_ordered_list_with_nested_structure": INDENTED,
    "atlasdoc_case_task_list_with_nested_structure": INDENTED,
    "atlasdoc_case_table_with_complex_nested_content": INDENTED,
    "atlasdoc_case_list_item_with_multiple_text_formats": "an item alone is shown with its sign",
    "atlasdoc_case_media_external_image_basic_markdown": "media stand only inside mediaSingle; alone they are kept as JSON",
    "atlasdoc_case_media_external_image_with_alt_and_link": "media stand only inside mediaSingle; alone they are kept as JSON",
    "atlasdoc_case_table_cell_with_bullet_list": TABLE_PART,
    "atlasdoc_case_table_cell_with_escaped_pipe_char": TABLE_PART,
    "atlasdoc_case_table_header_with_bold_text": TABLE_PART,
    "atlasdoc_case_table_row_with_multiple_cells": TABLE_PART,
    "atlasdoc_case_text_node_with_titled_hyperlink": "that converter drops the link's title; we keep it",
    "extadf_comprehensive-blocks": OWN_SYNTAX,
    "extadf_comprehensive-lists": "a quote in a list item is shown as one, but ADF allows none there, so it is read as its paragraphs",
    "extadf_comprehensive-mentions-and-social": OWN_SYNTAX,
    "extadf_comprehensive-panels": OWN_SYNTAX,
    "extadf_date-examples": OWN_SYNTAX,
    "extadf_edge-cases": OWN_SYNTAX,
    "extadf_media-expand": OWN_SYNTAX,
    "extadf_panel-markdown-parsing": OWN_SYNTAX,
    "extadf_rich-content": OWN_SYNTAX,
    "mdtoadf_mix-lists": "that converter lets a list with any number interrupt a paragraph; CommonMark asks for 1",
}  # fmt: skip


def _files(folder: str) -> list[Path]:
    return sorted((FOLDER / folder).glob("*.json"))


def _document(path: Path) -> Node:
    found = json.loads(path.read_text())
    if isinstance(found, dict) and "adf_node" in found:
        found = found["adf_node"]
    if isinstance(found, dict) and found.get("type") == "doc":
        return found
    return {"version": 1, "type": "doc", "content": found if isinstance(found, list) else [found]}


def _named(paths: list[Path]) -> list[Any]:
    return [pytest.param(path, id=path.name.removesuffix(".json").removesuffix(".adf")) for path in paths] or [
        pytest.param(None, marks=pytest.mark.skip("the folder of real documents is not here"))
    ]


every_document = pytest.mark.parametrize("path", _named(_files("documents") + _files("pairs")))
every_pair = pytest.mark.parametrize("path", _named(_files("pairs")))


@pytest.fixture(scope="module")
def is_valid() -> Callable[[Any], bool]:
    """Says whether a document is valid against the published schema."""
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = SHARED / "specs" / "adf.full.schema.json"
    if not schema.exists():
        pytest.skip("the ADF schema is not here")
    check: Callable[[Any], bool] = jsonschema_rs.validator_for(json.loads(schema.read_text())).is_valid
    return check


def _edits(doc: Node) -> Iterator[tuple[int, str]]:
    """For each top block that shows words, the document's Markdown with one more word in that block."""
    for at, block in enumerate(doc["content"]):
        changed = _with_a_word(block)
        if changed is not None:
            yield at, get({**doc, "content": [*doc["content"][:at], changed, *doc["content"][at + 1 :]]})


def _with_a_word(block: Any) -> Node | None:
    if isinstance(block, dict) and block.get("type") == "text":
        return {**block, "text": block["text"] + " indeed"}
    content = block.get("content") if isinstance(block, dict) else None
    content = content if isinstance(content, list) else []
    for at, child in enumerate(content):
        changed = _with_a_word(child)
        if changed is not None:
            return {**block, "content": [*content[:at], changed, *content[at + 1 :]]}
    return None


@every_document
def test_a_real_document_put_back_unedited_is_itself(path: Path) -> None:
    doc = _document(path)
    before = json.dumps(doc)
    assert json.dumps(put(get(doc), doc)) == before
    assert get(doc)
    assert plain(doc) or "codeBlock" in before


@every_document
def test_what_a_real_document_shows_makes_a_valid_document(path: Path, is_valid: Callable[[Any], bool]) -> None:
    made = put(get(_document(path)), None)
    assert is_valid(made)
    assert get(put(get(made), None)) == get(made)


@every_document
def test_an_edit_of_one_real_block_leaves_all_others_as_they_were(path: Path, is_valid: Callable[[Any], bool]) -> None:
    doc = _document(path)
    for at, edited in _edits(doc):
        made = put(edited, doc)
        assert made is not None
        others = [block for place, block in enumerate(doc["content"]) if place != at]
        kept = [block for place, block in enumerate(made["content"]) if place != at]
        assert json.dumps(kept) == json.dumps(others)
        assert json.dumps(put(edited, made)) == json.dumps(made)
        if is_valid(doc):
            assert is_valid(made)
            assert get(made) == edited


@every_pair
def test_a_pair_reads_as_the_other_converter_meant_or_differs_for_a_known_reason(path: Path) -> None:
    name = path.name.removesuffix(".json").removesuffix(".adf")
    found = json.loads(path.read_text())
    paired = isinstance(found, dict) and "expected_markdown" in found
    expected = found["expected_markdown"] if paired else path.with_name(f"{name}.md").read_text()
    agrees = get(_document(path)) == get(put(expected, None))
    assert agrees == (name not in DIFFERENCES), DIFFERENCES.get(name)
