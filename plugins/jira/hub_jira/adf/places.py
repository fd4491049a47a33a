"""Which blocks may stand where, of those that Markdown can give (from the ADF JSON schema, version 1)."""

from __future__ import annotations

from typing import Final

Place = frozenset[str]

_EVERYWHERE: Final = frozenset({"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle"})

ITEM: Final[Place] = _EVERYWHERE | {"taskList"}
QUOTE: Final[Place] = _EVERYWHERE
PANEL: Final[Place] = _EVERYWHERE | {"heading", "taskList", "rule", "decisionList"}
NESTED_EXPAND: Final[Place] = PANEL | {"panel", "blockquote"}
EXPAND: Final[Place] = NESTED_EXPAND | {"table", "nestedExpand"}
COLUMN: Final[Place] = NESTED_EXPAND | {"table", "expand"}
DOCUMENT: Final[Place] = COLUMN | {"layoutSection"}
