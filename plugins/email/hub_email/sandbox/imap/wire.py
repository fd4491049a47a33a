"""IMAP's words on the wire: commands with literals in, quoted strings and literals out (RFC 3501 §4 and §9)."""

import re
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Iterable

LONGEST_LINE = 2**16
LITERAL = re.compile(rb"\{(\d{1,12})(\+?)\}\Z")
TOKEN = re.compile(
    rb"""(?P<space>[ ]+)|(?P<open>\()|(?P<close>\))
    |"(?P<quoted>(?:[^"\\]|\\["\\])*)"
    |(?P<atom>(?:\[[^\]]*\]|[^\s()"\[\]])+)""",
    re.VERBOSE,
)
"""An atom may hold brackets with spaces within, as `BODY[HEADER.FIELDS (TO)]<0.99>` does."""


class String(bytes):
    """Octets that came in quotes or as a literal, and so are no atom."""


Token = bytes | list["Token"]


class No(Exception):
    """A command that is understood and not carried out; its words may begin with a response code."""


class Bad(Exception):
    """A command that is not understood."""


class Ended(Exception):
    """The connection is over; its words, if any, are said in a last BYE."""


async def read_command(reader: StreamReader, writer: StreamWriter, largest: int) -> list[bytes]:
    """One command: lines without their ends, and `String`s for the literals between them.

    Raises:
        No: A literal is longer than *largest*; the client was not told to send it.
        Ended: The connection closed, or a line or a literal that cannot be stopped is too long.
    """
    pieces: list[bytes] = []
    while True:
        line = await read_line(reader)
        announced = LITERAL.search(line)
        if not announced:
            return [*pieces, line]
        size, waits = int(announced[1]), not announced[2]
        if size + sum(map(len, pieces)) > largest:
            if not waits:
                raise Ended(f"[TOOBIG] Literals may have {largest} octets at most")
            tag = (pieces or [line])[0].split(b" ")[0].decode("ascii", "replace")
            raise No(tag, f"[TOOBIG] Literals may have {largest} octets at most")
        pieces.append(line[: announced.start()])
        if waits:
            writer.write(b"+ OK\r\n")
        pieces.append(String(await read_exactly(reader, size)))


async def read_line(reader: StreamReader) -> bytes:
    """A line without its end.

    Raises:
        Ended: The connection closed, or the line is longer than 64 KiB.
    """
    try:
        line = await reader.readline()
    except ValueError:
        raise Ended("Lines may have 65536 octets at most") from None
    except ConnectionError:
        raise Ended from None
    if not line.endswith(b"\n"):
        raise Ended
    return line.removesuffix(b"\n").removesuffix(b"\r")


async def read_exactly(reader: StreamReader, size: int) -> bytes:
    """So many octets.

    Raises:
        Ended: The connection closed before.
    """
    try:
        return await reader.readexactly(size)
    except (IncompleteReadError, ConnectionError):
        raise Ended from None


def tokens(pieces: Iterable[bytes]) -> list[Token]:
    """The words of a command; parenthesised ones are lists within.

    Raises:
        Bad: Parentheses or quotes that do not close.
    """
    stack: list[list[Token]] = [[]]
    for piece in pieces:
        if isinstance(piece, String):
            stack[-1].append(piece)
            continue
        end = 0
        for match in TOKEN.finditer(piece):
            if match.start() != end:
                raise Bad(f"Cannot read {piece[end : match.start()]!r}")
            end = match.end()
            _take(match, stack)
        if end != len(piece):
            raise Bad(f"Cannot read {piece[end : end + 40]!r}")
    if len(stack) != 1:
        raise Bad("A parenthesis is not closed")
    return stack[0]


def _take(match: re.Match[bytes], stack: list[list[Token]]) -> None:
    if match["open"]:
        stack.append([])
    elif match["close"]:
        if len(stack) < 2:
            raise Bad("A parenthesis closes that was not opened")
        inner = stack.pop()
        stack[-1].append(inner)
    elif match["quoted"] is not None:
        stack[-1].append(String(re.sub(rb"\\(.)", rb"\1", match["quoted"])))
    elif match["atom"]:
        stack[-1].append(match["atom"])


def word(token: Token) -> str:
    """A token that has to be a word or a string, as text.

    Raises:
        Bad: It is a list.
    """
    if isinstance(token, list):
        raise Bad("Expected a word, got a list")
    return token.decode("utf-8", "surrogateescape")


def upper(token: Token) -> str:
    """A keyword, in capitals."""
    return word(token).upper()


def words(token: Token) -> list[str]:
    """The words of a list; one word alone counts as a list of it."""
    return [word(each) for each in token] if isinstance(token, list) else [word(token)]


def string(value: bytes | None) -> bytes:
    """A nstring: NIL, quoted where it can be, else a literal."""
    if value is None:
        return b"NIL"
    if len(value) < 1_000 and re.fullmatch(rb"[ -~]*", value):
        return b'"' + re.sub(rb'(["\\])', rb"\\\1", value) + b'"'
    return b"{%d}\r\n%b" % (len(value), value)


def listed(values: Iterable[bytes]) -> bytes:
    """Values in parentheses."""
    return b"(" + b" ".join(values) + b")"


def ranges(token: Token) -> list[tuple[str, str]]:
    """The parts of a sequence set, each with both ends (RFC 3501 §9, sequence-set).

    Raises:
        Bad: It is none.
    """
    text = word(token)
    if not re.fullmatch(r"(?:\d+|\*)(?::(?:\d+|\*))?(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*", text):
        raise Bad(f"{text[:40]!r} is no set of numbers")
    return [(low, high or low) for low, _, high in (part.partition(":") for part in text.split(","))]


def numbers(token: Token, largest: int) -> list[range]:
    """A sequence set with `*` for *largest*. Its ends may stand in either order, so that `n:*` always has the last."""
    found = []
    for ends in ranges(token):
        low, high = sorted(largest if end == "*" else int(end) for end in ends)
        found.append(range(low, high + 1))
    return found
