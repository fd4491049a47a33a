"""Rich text as Jira keeps it: what it accepts as an ADF document, how it rewrites one, and its plain form.

Source: the Atlassian Document Format reference (node and mark rules). The check here is light: names of nodes, who may
hold whom, what may not be empty; it accepts some documents that the JSON schema does not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hub_jira.sandbox.records import Json, Rich

LIMIT = 32767
_INLINE = frozenset(
    [
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
        "mediaInline",
        "inlineExtension",
        "placeholder",
    ]
)
_LISTS = frozenset({"bulletList", "orderedList"})
_MEDIA = frozenset({"mediaSingle", "mediaGroup"})
_TASKS = frozenset({"taskList", "decisionList"})
_EXTENSIONS = frozenset({"extension", "bodiedExtension", "syncBlock", "bodiedSyncBlock"})
_NESTED = (
    _LISTS | _MEDIA | _TASKS | _EXTENSIONS
    | {"paragraph", "heading", "codeBlock", "blockquote", "rule", "panel", "blockCard", "embedCard"}
)  # fmt: skip
_BLOCKS = _NESTED | {"table", "expand", "layoutSection"}
_HOLDS: dict[str, frozenset[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": frozenset({"text"}),
    "blockquote": frozenset({"paragraph", "codeBlock"}) | _LISTS | _MEDIA | _EXTENSIONS,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": frozenset({"paragraph", "codeBlock", "taskList", "mediaSingle"}) | _LISTS | _EXTENSIONS,
    "panel": _NESTED - {"panel", "blockquote", "embedCard"},
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _NESTED | {"nestedExpand"},
    "tableHeader": _NESTED | {"nestedExpand"},
    "taskList": frozenset({"taskItem", "taskList", "blockTaskItem"}),
    "taskItem": _INLINE,
    "blockTaskItem": frozenset({"paragraph"}) | _EXTENSIONS,
    "decisionList": frozenset({"decisionItem"}),
    "decisionItem": _INLINE,
    "expand": _NESTED | {"table", "nestedExpand"},
    "nestedExpand": _NESTED - {"blockCard"},
    "layoutSection": frozenset({"layoutColumn"}),
    "layoutColumn": _BLOCKS,
    "mediaSingle": frozenset({"media", "caption"}),
    "mediaGroup": frozenset({"media"}),
    "caption": _INLINE,
    "bodiedExtension": _BLOCKS,
    "bodiedSyncBlock": _BLOCKS,
}
_LEAVES = (_INLINE - {"caption"}) | {"rule", "media", "blockCard", "embedCard", "extension", "syncBlock"}
_NEVER_EMPTY = _LISTS | {"listItem", "blockquote", "panel", "table", "taskList", "decisionList", "mediaSingle"}
_MARKS = [
    "link",
    "em",
    "strong",
    "strike",
    "subsup",
    "underline",
    "textColor",
    "backgroundColor",
    "fontSize",
    "annotation",
    "code",
    "alignment",
    "indentation",
    "breakout",
    "border",
    "dataConsumer",
    "fragment",
]
_BESIDE_CODE = frozenset({"code", "link", "annotation"})
_NEEDED_ATTRIBUTES = {
    "heading": "level",
    "panel": "panelType",
    "mention": "id",
    "taskItem": "state",
    "date": "timestamp",
    "emoji": "shortName",
}
_PANELS = frozenset({"info", "note", "tip", "warning", "error", "success", "custom"})


def is_document(value: object) -> bool:
    """Whether Jira would take *value* as an ADF document."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and not value.get("marks")
        and _is_node(value)
    )


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    kind = node["type"]
    if kind == "text":
        return _is_text(node)
    content = node.get("content", [])
    if not isinstance(content, list) or not _attributes_fit(node) or not _are_marks(node.get("marks", [])):
        return False
    if kind in _LEAVES:
        return not content
    allowed = _HOLDS.get(kind)
    if allowed is None or (kind in _NEVER_EMPTY and not content):
        return False
    if not all(_is_node(child) and child["type"] in allowed for child in content):
        return False
    return _order_fits(kind, content)


def _order_fits(kind: str, content: list[Json]) -> bool:
    if kind == "listItem":
        return content[0]["type"] in {"paragraph", "codeBlock", "mediaSingle", "extension", "taskList"}
    if kind == "codeBlock":
        return not any(child.get("marks") for child in content)
    return True


def _are_marks(marks: Any) -> bool:
    """Whether *marks* is a list of known marks, none of them twice."""
    if not isinstance(marks, list):
        return False
    kinds = [mark.get("type") if isinstance(mark, dict) else None for mark in marks]
    return all(isinstance(kind, str) and kind in _MARKS for kind in kinds) and len(set(kinds)) == len(kinds)


def _is_text(node: Json) -> bool:
    marks = node.get("marks", [])
    if not isinstance(node.get("text"), str) or not node["text"] or not _are_marks(marks):
        return False
    kinds = [mark["type"] for mark in marks]
    if "link" in kinds and not all(_has_address(mark) for mark in marks if mark["type"] == "link"):
        return False
    return "code" not in kinds or set(kinds) <= _BESIDE_CODE


def _has_address(mark: Json) -> bool:
    attributes = mark.get("attrs")
    return isinstance(attributes, dict) and isinstance(attributes.get("href"), str)


def _attributes_fit(node: Json) -> bool:
    attributes = node.get("attrs", {})
    if not isinstance(attributes, dict):
        return False
    needed = _NEEDED_ATTRIBUTES.get(node["type"])
    if needed and needed not in attributes:
        return False
    match node["type"]:
        case "heading":
            return attributes["level"] in range(1, 7)
        case "panel":
            return attributes["panelType"] in tuple(_PANELS)
        case "taskItem":
            return attributes["state"] in ("TODO", "DONE")
        case "date":
            return str(attributes["timestamp"]).isascii() and str(attributes["timestamp"]).lstrip("-").isdigit()
        case _:
            return True


def as_stored(document: Json, new_local_id: Callable[[], str]) -> Json:
    """*document* as Jira keeps it: marks in its own order, and a `localId` on every task list and item."""
    node = {key: value for key, value in document.items() if key not in {"content", "marks"}}
    if node["type"] in {"taskList", "taskItem", "decisionList", "decisionItem"}:
        attributes = dict(node.get("attrs") or {})
        attributes["localId"] = attributes.get("localId") or new_local_id()
        node["attrs"] = attributes
    if "content" in document:
        node["content"] = [as_stored(child, new_local_id) for child in document["content"]]
    if document.get("marks"):
        node["marks"] = sorted(document["marks"], key=lambda mark: _MARKS.index(mark["type"]))
    return node


def from_plain(text: str) -> Json | None:
    """The document of a plain text: a paragraph per block, a hard break per line end; None if there is no text."""
    blocks = [block.strip("\n") for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")]
    paragraphs = [_paragraph(block) for block in blocks if block.strip()]
    return {"type": "doc", "version": 1, "content": paragraphs} if paragraphs else None


def _paragraph(block: str) -> Json:
    content: list[Json] = []
    for number, line in enumerate(block.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def plain(document: Rich | None) -> str:
    """The text of *document*, blocks apart by an empty line; "" for None; wiki markup as it is."""
    if isinstance(document, str):
        return document
    return "\n\n".join(_block(node) for node in (document or {}).get("content", []))


def _block(node: Json) -> str:
    children = node.get("content", [])
    match node.get("type"):
        case "heading":
            return f"h{node.get('attrs', {}).get('level', 1)}. {_line(children)}"
        case "bulletList" | "taskList" | "decisionList":
            return "\n".join(f"* {_block(child)}" for child in children)
        case "orderedList":
            return "\n".join(f"# {_block(child)}" for child in children)
        case "codeBlock":
            return f"{{code}}\n{_line(children)}\n{{code}}"
        case "rule":
            return "----"
        case "tableRow":
            return "|" + "|".join(_block(child) for child in children) + "|"
        case _ if children and children[0].get("type") in _INLINE:
            return _line(children)
        case _:
            return "\n".join(_block(child) for child in children) or str(node.get("attrs", {}).get("url", ""))


def _line(children: list[Json]) -> str:
    return "".join(_inline(child) for child in children)


def _inline(node: Json) -> str:
    attributes = node.get("attrs", {})
    match node.get("type"):
        case "text":
            return str(node.get("text", ""))
        case "hardBreak":
            return "\n"
        case "date" if str(attributes.get("timestamp", "")).isdigit():
            seconds = int(attributes["timestamp"]) / 1000
            return datetime.fromtimestamp(seconds, UTC).date().isoformat()
        case _:
            return str(attributes.get("text") or attributes.get("shortName") or attributes.get("url") or "")
