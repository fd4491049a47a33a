"""Bytes as text, whatever their sender says they are.

A charset named in a mail is a hint: `gb2312` usually means a superset of it, `us-ascii` usually means "I did not think
about it", and many mails name none. What is decoded here never holds lone surrogates or control characters.
"""

import codecs
import re

from charset_normalizer import from_bytes

_GUESSED_BYTES = 64_000
_BETTER_KNOWN = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb-2312": "gb18030", "gb2312-80": "gb18030",
    "gb-2312-80": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "windows-936": "gb18030",
    "chinesesimp": "gb18030", "gb18030-2000": "gb18030", "big5": "cp950", "big-5": "cp950", "x-x-big5": "cp950",
    "big5-hkscs": "big5hkscs", "shift-jis": "cp932", "shift-jisx0213": "shift_jisx0213", "sjis": "cp932",
    "x-sjis": "cp932", "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "euc-kr": "cp949", "iso-2022-jp": "iso2022_jp",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf-8": "utf-8", "utf8": "utf-8", "utf-8-": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "us-ascii": "ascii", "ansi-x3.4-1968": "ascii", "iso-8859-1": "cp1252",
    "latin-1": "cp1252", "latin1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-8-i": "iso8859-8", "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}  # fmt: skip
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_UTF8_LIKELIER = frozenset({"cp1252", "cp1254", "ascii"})
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def clean(text: str) -> str:
    """The text without control characters (line ends and tabs stay) and with lone surrogates replaced."""
    return text.encode("utf-8", "replace").decode("utf-8").translate(_CONTROLS)


def codec(charset: str | None) -> str | None:
    """The Python codec for a charset as mails name it; None for one that nobody knows."""
    if not charset:
        return None
    plain = re.sub(r"[\s_]+", "-", charset.strip().strip("\"'").lower())
    name = _BETTER_KNOWN.get(plain, plain)
    if dos := re.fullmatch(r"(?:cp|dos|ibm|windows|win)-?(\d{3,4})", name):
        name = f"cp{dos[1]}"
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("-", "_") not in _NOT_CHARSETS else None


def text_of(data: bytes, charset: str | None = None) -> str:
    """The bytes as text: by the named charset if they obey it, else by what they look like.

    Latin-1 and ASCII give way to UTF-8 where the bytes are valid UTF-8, since that does not happen by chance.
    """
    named = codec(charset)
    for name in _candidates(data, named):
        if (text := _strictly(data, name)) is not None:
            return clean(text)
    if named and _nearly(data, named):
        return clean(data.decode(named, "replace"))
    if not named and _looks_chinese(data):
        return clean(data.decode("gb18030"))
    return clean(_guessed(data) or data.decode(named or "cp1252", "replace"))


def _candidates(data: bytes, named: str | None) -> list[str]:
    escapes = ["iso2022_jp", "iso2022_jp_ext"] if b"\x1b$" in data or b"\x1b(" in data else []
    if named in _UTF8_LIKELIER:
        return [*escapes, "utf-8-sig", *([named] if named != "ascii" else [])]
    if named == "iso2022_jp":
        return ["iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "utf-8"]
    return [*([named] if named else []), *escapes, "utf-8-sig"]


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError, LookupError):
        return None


def _nearly(data: bytes, name: str) -> bool:
    """Whether only a little is wrong under this codec, such as a character cut at the end."""
    broken = data.decode(name, "replace").count("\ufffd")
    return 0 < broken <= max(1, len(data) // 200)


def _looks_chinese(data: bytes) -> bool:
    """Whether most double bytes are common letters of GB2312, and not only where Korean has its syllables too.

    Short texts, such as subjects, are too little for statistics of all languages.
    """
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", data[:_GUESSED_BYTES])
    common = sum(1 for pair in pairs if 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1)
    beyond_korean = sum(1 for pair in pairs if 0xC9 <= pair[0] <= 0xD7)
    likely = bool(pairs) and common >= 0.7 * len(pairs) and beyond_korean >= 0.15 * len(pairs)
    return likely and _strictly(data, "gb18030") is not None


def _guessed(data: bytes) -> str | None:
    best = from_bytes(data[:_GUESSED_BYTES]).best()
    name = codec(best.encoding) if best else None
    return data.decode(name, "replace") if name else None
