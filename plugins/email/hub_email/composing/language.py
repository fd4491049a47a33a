"""Which language a client writes in."""

import re

from hub_email.composing.letter import Language

_NOT_WORDS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,15}://[!-~]+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+|^[ \t]*>.*$",
    re.MULTILINE | re.IGNORECASE | re.ASCII,
)
"""Addresses, and lines that quote somebody else: not the client's own words."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9d]")
_WORD = re.compile(r"[^\W\d_\u2e80-\u9fff\uf900-\uffef\U00020000-\U0003ffff]+")
_LONG_ENOUGH = 20_000
"""Characters to look at."""
_KANA_IN_JAPANESE = 0.1
"""Japanese has far more kana than this for each character; Chinese has them only in names."""


def language_of(text: str, default: Language = "en") -> Language:
    """The language to answer *text* in: Chinese if most of it is, English otherwise, *default* if it has no words.

    Chinese words are seldom longer than two characters, so a text with as many characters as foreign words, such as
    `login 页面打不开`, was written by somebody who speaks Chinese.
    """
    own = _NOT_WORDS.sub(" ", text[:_LONG_ENOUGH])
    han, kana, words = (len(each.findall(own)) for each in (_HAN, _KANA, _WORD))
    if not han + kana + words:
        return default
    return "zh-CN" if han >= words and kana <= _KANA_IN_JAPANESE * han and han else "en"
