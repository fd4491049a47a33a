"""Large mails without their files: put together again from those parts that hold words (RFC 3501 §7.4.2, BODYSTRUCTURE)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub_email.imap import Items
from hub_email.reading import Mail, read
from hub_email.reading.headers import Headers

LONGEST_TEXT = 1_000_000
"""Bytes that are fetched of one text."""
BEGINNING = 4_000
"""Bytes that are fetched of a file, to see how long its lines are, and what a forwarded mail is called."""
MOST_PARTS, MOST_DEPTH = 200, 20
STRUCTURE = ("BODYSTRUCTURE", "BODY.PEEK[HEADER]")
_STAND_IN = b"AAAA"
"""In place of a file's bytes, so that the part is not taken for an empty one."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part: its number as IMAP counts (empty for the whole), its size as sent, and the parts in it."""

    number: str
    media_type: str = ""
    encoding: str = ""
    octets: int = 0
    children: tuple["Node", ...] = field(default=())

    def leaves(self) -> Iterator["Node"]:
        """The parts that hold something themselves."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def parts(self) -> Iterator["Node"]:
        """All parts in it."""
        for child in self.children:
            yield child
            yield from child.parts()

    @property
    def has_words(self) -> bool:
        """Whether its bytes are wanted."""
        return self.media_type in {"text/plain", "text/html"}

    @property
    def is_mail(self) -> bool:
        """Whether it is a mail within the mail, which is called by its subject."""
        return self.media_type == "message/rfc822"

    def size(self, beginning: bytes = b"") -> int:
        """How many bytes it has once decoded, to within three, told from how long its first line is."""
        if self.encoding != "base64":
            return self.octets
        line, end, _ = beginning.partition(b"\r\n")
        lines = -(-self.octets // (len(line) + 2)) if end and line else 0
        return max(0, self.octets - 2 * lines) * 3 // 4


def node_of(structure: Any, number: str = "", depth: int = 0) -> Node:
    """The tree that a server's BODYSTRUCTURE tells."""
    if structure and isinstance(structure[0], list):
        if depth >= MOST_DEPTH:
            return Node(number or "1", "application/octet-stream")
        inner = (
            node_of(each, f"{number}.{n}".lstrip("."), depth + 1) for n, each in enumerate(structure[0][:MOST_PARTS], 1)
        )
        return Node(number, f"multipart/{_text(structure[1])}", children=tuple(inner))
    told = [*structure, *[None] * 7]
    octets = told[6] if isinstance(told[6], int) else 0
    return Node(number or "1", f"{_text(told[0])}/{_text(told[1])}", _text(told[5]), octets)


def _text(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def wanted(node: Node) -> Sequence[str]:
    """What to fetch besides `STRUCTURE`."""
    heads = [f"BODY.PEEK[{each.number}.MIME]" for each in node.parts()]
    texts = [f"BODY.PEEK[{each.number}]<0.{LONGEST_TEXT}>" for each in node.leaves() if each.has_words]
    begun = [n for n in node.leaves() if not n.has_words and (n.encoding == "base64" or n.is_mail)]
    lines = [f"BODY.PEEK[{each.number}]<0.{BEGINNING}>" for each in begun]
    return [*heads, *texts, *lines]


def can_be_thin(head: bytes, node: Node) -> bool:
    """Whether a server saw the parts as they were meant: what it says of broken mails is of no use."""
    main, options = Headers.split(head)[0].parameters("content-type")
    return main.startswith("multipart/") == bool(node.children) and ("boundary" in options or not node.children)


def thin(items: Items, node: Node) -> Mail:
    """The mail with its words, and with its files by name and size only."""
    found = {_name(name): value for name, value in items.items()}
    raw = _rebuilt(node, bytes(found.get("HEADER") or b""), found)
    mail = read(raw)
    sizes = {each.number: each.size(bytes(found.get(each.number) or b"")) for each in node.leaves()}
    parts = (replace(part, size=sizes.get(part.number, part.size), sha256="") for part in mail.attachments)
    return replace(mail, attachments=tuple(parts))


def _name(name: bytes) -> str:
    """`2.1.MIME` of `BODY[2.1.MIME]`, `2.1` of `BODY[2.1]<0>`."""
    return name.decode("ascii", "replace").partition("[")[2].partition("]")[0].upper()


def _rebuilt(node: Node, head: bytes, found: Mapping[str, Any]) -> bytes:
    head = head.rstrip(b"\r\n") + b"\r\n\r\n" if head.strip() else b"\r\n"
    if not node.children:
        return head + (bytes(found.get(node.number) or b"") if node.has_words or node.is_mail else _STAND_IN)
    _, options = Headers.split(head)[0].parameters("content-type")
    mark = b"--" + options.get("boundary", "").rstrip().encode("utf-8", "replace")
    inner = (_rebuilt(each, bytes(found.get(f"{each.number}.MIME") or b""), found) for each in node.children)
    return head + b"".join(mark + b"\r\n" + each + b"\r\n" for each in inner) + mark + b"--\r\n"
