"""FETCH: the data items of messages (RFC 3501 §6.4.5, CHANGEDSINCE of RFC 7162)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from hub_email.sandbox.boxes import Message
from hub_email.sandbox.imap.session import Command, Session, State
from hub_email.sandbox.imap.structure import body_structure, envelope
from hub_email.sandbox.imap.wire import Bad, Token, listed, string, upper, word, words
from hub_email.sandbox.mime import FIELD, Part

MACROS = {
    "FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
    "ALL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
    "FULL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
}
BODY = re.compile(r"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
SECTION = re.compile(
    r"(\d+(?:\.\d+)*)?\.?(HEADER\.FIELDS(?:\.NOT)?|HEADER|TEXT|MIME)?(?: ?\(([^)]*)\))?", re.IGNORECASE
)
OLD = {"RFC822": "BODY[]", "RFC822.HEADER": "BODY.PEEK[HEADER]", "RFC822.TEXT": "BODY[TEXT]"}
"""Items of older versions, and what they are now; they are answered under their own names."""

Item = Callable[[Message], bytes]
ITEMS: dict[str, Item] = {
    "UID": lambda message: b"%d" % message.uid,
    "INTERNALDATE": lambda message: string(message.at.strftime("%d-%b-%Y %H:%M:%S %z").encode()),
    "RFC822.SIZE": lambda message: b"%d" % len(message.raw),
    "MODSEQ": lambda message: b"(%d)" % message.modseq,
    "ENVELOPE": lambda message: envelope(message.part),
    "BODYSTRUCTURE": lambda message: body_structure(message.part, extended=True),
    "BODY": lambda message: body_structure(message.part, extended=False),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A section of a body that was asked for, or so many octets of it."""

    name: str
    section: str
    start: int | None = None
    size: int = 0
    marks_seen: bool = False

    def shown(self, message: Message) -> bytes:
        """Name and octets, as they are answered."""
        octets = section(message, self.section)
        if octets is not None and self.start is not None:
            octets = octets[self.start : self.start + self.size]
        value = b"NIL" if octets is None else b"{%d}\r\n%b" % (len(octets), octets)
        return self.name.encode() + b" " + value


def section(message: Message, asked: str) -> bytes | None:
    """The octets of a section; None where there is none.

    Raises:
        Bad: The words say no section.
    """
    match = SECTION.fullmatch(asked.strip())
    if not match:
        raise Bad(f"There is no section {asked[:40]!r}")
    path, kind, names = match[1], (match[2] or "").upper(), match[3]
    part = message.part if path is None else _descend(message.part, [int(each) for each in path.split(".")])
    if part is None or not asked.strip():
        return None if part is None else message.raw
    if not kind or kind == "MIME":
        return part.body if not kind else part.head
    if path is not None:
        if not part.is_message:
            return None
        part = part.children[0]
    if kind in {"HEADER", "TEXT"}:
        return part.head if kind == "HEADER" else part.body
    return _fields(part.head, names or "", without=kind.endswith("NOT"))


def _descend(part: Part, path: list[int]) -> Part | None:
    """The part of this path; the only part of a message without parts is number 1."""
    is_leaf = False
    for number in path:
        if is_leaf and not part.is_message:
            return None
        whole = part.children[0] if is_leaf else part
        if not 1 <= number <= (len(whole.children) if whole.is_multipart else 1):
            return None
        part = whole.children[number - 1] if whole.is_multipart else whole
        is_leaf = not part.is_multipart
    return part


def _fields(head: bytes, names: str, *, without: bool) -> bytes:
    wanted = {each.strip('"').lower() for each in names.split()}
    kept = [m[0] for m in FIELD.finditer(head) if (m[1].decode("ascii").lower() in wanted) is not without]
    return b"".join(kept) + b"\r\n"


async def fetch(session: Session, args: list[Token], *, by_uid: bool) -> str:
    """FETCH set items [(CHANGEDSINCE n)]."""
    session.here()
    asked = _asked(args[1])
    since = _changed_since(args[2:])
    if by_uid and "UID" not in asked:
        asked.insert(0, "UID")
    if "MODSEQ" in asked or since is not None:
        session.condstore = True
        asked = [each for each in asked if each != "MODSEQ"] + ["MODSEQ"]
    items = [_sliced(each) or _known(each) for each in asked]
    marks_seen = any(isinstance(each, Slice) and each.marks_seen for each in items) and not session.read_only
    for number, message in session.chosen(args[0], by_uid=by_uid):
        if since is not None and message.modseq <= since:
            continue
        if marks_seen:
            session.here().set_flags(message, message.flags | {r"\Seen"})
        session.say(b"* %d FETCH " % number, listed(_shown(session, message, items, told_flags=marks_seen)))
        await session.drain()
    return ""


def _asked(token: Token) -> list[str]:
    if isinstance(token, list):
        return [each.upper() if not BODY.match(each) else each for each in words(token)]
    name = upper(token)
    return list(MACROS.get(name, [word(token) if BODY.match(name) else name]))


def _changed_since(rest: list[Token]) -> int | None:
    if not rest:
        return None
    modifiers = [each.upper() for each in words(rest[0])]
    if len(modifiers) != 2 or modifiers[0] != "CHANGEDSINCE" or not modifiers[1].isdigit():
        raise Bad("FETCH has the modifier CHANGEDSINCE only")
    return int(modifiers[1])


def _known(name: str) -> str:
    if name != "FLAGS" and name not in ITEMS:
        raise Bad(f"FETCH has no {name[:40]}")
    return name


def _sliced(name: str) -> Slice | None:
    """The section that an item means; None if it means none."""
    match = BODY.fullmatch(OLD.get(name, name))
    if not match:
        return None
    peek, asked, start, size = match.groups()
    if name in OLD:
        return Slice(name, asked, marks_seen=not peek)
    shown = f"BODY[{asked.upper()}]" + (f"<{start}>" if start is not None else "")
    return Slice(shown, asked, int(start) if start is not None else None, int(size or 0), marks_seen=not peek)


def _shown(session: Session, message: Message, items: list[Slice | str], *, told_flags: bool) -> list[bytes]:
    shown = []
    for item in items:
        if isinstance(item, Slice):
            shown.append(item.shown(message))
        elif item != "FLAGS":
            shown.append(item.encode() + b" " + ITEMS[item](message))
    if "FLAGS" in items or told_flags:
        flags = session.shown_flags(message)
        shown.append(flags.partition(b" MODSEQ ")[0] if "MODSEQ" in items else flags)
    return shown


COMMANDS = {
    "FETCH": Command(partial(fetch, by_uid=False), State.SELECTED),
    "UID FETCH": Command(partial(fetch, by_uid=True), State.SELECTED),
}
