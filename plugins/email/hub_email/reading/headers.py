"""The header fields of a message or a part: found, unfolded, decoded.

Follows RFC 5322 (fields), RFC 2047 (encoded words) and RFC 2231 (parameters), and what senders make of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_to_bytes

from hub_email.reading.charsets import text_of
from hub_email.reading.transfer import from_base64

MOST_HEADER_BYTES, MOST_FIELDS, LONGEST_FIELD = 512_000, 1_000, 64_000

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_FIELD = re.compile(rb"[ \t]*([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,60}?)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_FOLD = re.compile(r"(?:\r\n|\r|\n)(?=[ \t])")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_NUMBERED = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order: names in small letters, values unfolded but with their encoded words untouched."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def split(cls, raw: bytes) -> tuple[Self, bytes]:
        """The fields at the start of *raw*, and the body after them."""
        lines, end = _header_lines(raw)
        return cls(tuple(_fields(lines))), raw[end:]

    def first(self, name: str) -> str | None:
        """The topmost value of a field, or None."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field, the topmost first."""
        wanted = name.lower()
        return tuple(value for field, value in self.fields if field == wanted)

    def words(self, name: str) -> str | None:
        """The topmost value of a field with its encoded words decoded, or None."""
        value = self.first(name)
        return None if value is None else decode_words(value)

    def parameters(self, name: str) -> tuple[str, dict[str, str]]:
        """A structured field: its value in small letters, and its parameters by name in small letters."""
        return parameters(self.first(name) or "")


def _header_lines(raw: bytes) -> tuple[list[bytes], int]:
    """The lines of the header, folded ones joined by a line end, and where the body begins."""
    found: list[bytes] = []
    start = len(raw) - len(raw.lstrip(b"\r\n")) if raw[:2] in (b"\n\n", b"\r\n") and _begins_late(raw) else 0
    for match in _LINE.finditer(raw, start):
        line = match[1]
        if match.start() >= start + MOST_HEADER_BYTES or (not match[0] and match.end() == len(raw)):
            return found, match.start()
        if not line.strip(b" \t"):
            return found, match.end()
        if not found and line.startswith((b"From ", b">From ")):
            continue
        if found and line[:1] in (b" ", b"\t"):
            found[-1] += b"\n" + line
        elif _FIELD.match(line):
            found.append(line)
        elif found and _more_fields(raw, match.end()):
            found[-1] += b"\n " + line
        else:
            return found, match.start()
    return found, len(raw)


def _begins_late(raw: bytes) -> bool:
    """Whether empty lines stand before a header that looks like a whole message's."""
    return bool(
        re.match(rb"\s+(?:Return-Path|Received|From|Date|Delivered-To|Message-ID|Subject)\s*:", raw, re.IGNORECASE)
    )


def _more_fields(raw: bytes, start: int) -> bool:
    """Whether a field still follows before the empty line: then a line without a colon is a badly folded one."""
    for count, match in enumerate(_LINE.finditer(raw, start, start + 4_000)):
        if not match[1].strip() or count == 5:
            return False
        if _FIELD.match(match[1]) and match[1][:1] not in (b" ", b"\t"):
            return True
    return False


def _fields(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines[:MOST_FIELDS]:
        if match := _FIELD.match(line):
            yield match[1].decode("ascii").lower(), _unfolded(text_of(match[2][:LONGEST_FIELD]))


def _unfolded(value: str) -> str:
    return re.sub(r"[\r\n]+", " ", _FOLD.sub("", value)).strip()


def decode_words(text: str) -> str:
    """Decode the encoded words of RFC 2047; neighbours in one charset are joined first, as bytes.

    Some senders cut a character in two between words, so words are not decoded one by one.
    """
    pieces: list[str] = []
    charset, waiting, at = "", b"", 0
    for match in _WORD.finditer(text):
        between = text[at : match.start()]
        same = waiting and match[1].lower() == charset and not between.strip()
        if not same:
            pieces.append(text_of(waiting, charset) if waiting else "")
            waiting = b""
            pieces.append("" if at and not between.strip() else between)
        charset = match[1].lower()
        waiting += _word_bytes(match[2], match[3])
        at = match.end()
    pieces.append(text_of(waiting, charset) if waiting else "")
    return re.sub(r"[\r\n\t]+", " ", "".join(pieces) + text[at:]).strip()


def _word_bytes(kind: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if kind in "bB":
        return from_base64(data)
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split `main; name=value; ...`; RFC 2231 pieces are joined and decoded, RFC 2047 words in values too."""
    main = value.split(";", 1)[0].strip().lower()
    plain: dict[str, str] = {}
    numbered: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value[len(value.split(";", 1)[0]) :]):
        content = _unquoted(match[2].strip())
        name = _NUMBERED.fullmatch(match[1].lower())
        if name is None:
            continue
        if name[2] is None and not name[3]:
            plain.setdefault(name[1], decode_words(content) if "=?" in content else content)
        else:
            numbered.setdefault(name[1], {})[int(name[2] or 0)] = (content, bool(name[3]))
    return main, plain | {name: _joined(pieces) for name, pieces in numbered.items()}


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
    return value


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The value of an RFC 2231 parameter: `charset'language'percent-encoded`, in pieces by number."""
    charset, data = None, b""
    for number in sorted(pieces):
        content, encoded = pieces[number]
        if encoded and number == min(pieces) and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return text_of(data, charset)
