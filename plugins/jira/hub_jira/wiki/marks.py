"""The signs of wiki markup that reading and writing must agree on."""

from __future__ import annotations

import re
from typing import Final

ESCAPABLE: Final = frozenset("*_-+^~?{}[]|!#()")
"""What a backslash takes the meaning of; a backslash before anything else is itself, two are a line break."""

SIGNS: Final = {
    "*": ("strong", {}),
    "_": ("em", {}),
    "-": ("strike", {}),
    "+": ("underline", {}),
    "^": ("subsup", {"type": "sup"}),
    "~": ("subsup", {"type": "sub"}),
}
"""What each sign of a phrase (`*so*`, or `{*}so{*}` within a word) marks."""
CITE: Final = "??"

VERBATIM: Final = frozenset({"code", "noformat", "html"})
"""Macros whose body is taken as it is."""
QUOTE: Final = "quote"
PANELS: Final = {"panel": "custom", "info": "info", "note": "note", "tip": "tip", "warning": "warning"}
"""Macros that frame a body, and the panel each is."""
COLORS: Final = {
    "#deebff": "info",
    "#eae6ff": "note",
    "#e6fcff": "tip",
    "#fffae6": "warning",
    "#ffebe6": "error",
    "#e3fcef": "success",
}
"""Which kind of panel a `{panel:bgColor=...}` of these colours is: Data Center has only the one macro."""

TAG: Final = re.compile(r"(?<![\\{])\{([A-Za-z][\w-]*)(?::([^{}\r\n]*))?\}")
MONO: Final = re.compile(r"\{\{((?:[^\r\n\\{}]|\\.|\\$|\}(?!\})|\{(?!\{))+)\}\}")
LINK: Final = re.compile(r"\[((?:[^\[\]\r\n\\]|\\.)+)\]")
IMAGE: Final = re.compile(r"!([^\s!|][^!|\r\n]*)(?:\|([^!\r\n]*))?!")
URL: Final = re.compile(r"(?:https?|ftp)://[^\s|{}\[\]<>\"'()!*^\\]+")
ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|nbsp|quot);")

ADDRESS: Final = re.compile(r"(?:(?:https?|ftps?|irc)://|(?:mailto|tel|news):|//|#)\S+")
"""What a link without an alias must look like; other text in brackets is text in brackets."""
PICTURE: Final = re.compile(r"\.(?:png|jpe?g|gif|bmp|svg|webp|tiff?|ico|heic)$", re.IGNORECASE)
FILE_NAME: Final = re.compile(r"[^\s|!\[\]{}^~\\,\"=&][^|!\[\]{}^\\\r\n\t,\"=&]*")

HEADING: Final = re.compile(r"[ \t]*h([1-6])\.(?:[ \t]+|$)")
SHORT_QUOTE: Final = re.compile(r"[ \t]*bq\.[ \t]+")
RULE: Final = re.compile(r"[ \t]*-{4,}[ \t]*$")
ITEM: Final = re.compile(r"[ \t]*(-|[*#][*#-]{0,8})[ \t]+")
ROW: Final = re.compile(r"[ \t]*\|")
BOX: Final = re.compile(r"(\[ \]|\[[xX]\]|\((?:/|x)\))(?:[ \t]+|$)")
DONE: Final = frozenset({"[x]", "[X]", "(/)"})
