"""ENVELOPE and BODYSTRUCTURE of a message (RFC 3501 §7.4.2)."""

import re
from email.utils import getaddresses

from hub_email.sandbox.imap.wire import listed, string
from hub_email.sandbox.mime import Part

PARAMETER = re.compile(rb';\s*([^=\s;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')


def envelope(part: Part) -> bytes:
    """Date, subject, six lists of addresses, In-Reply-To and Message-ID; encoded words stay encoded."""
    sender = part.field("From")
    lists = [part.field("Sender") or sender, part.field("Reply-To") or sender]
    people = [sender, *lists, *(part.field(name) for name in ("To", "Cc", "Bcc"))]
    date, subject = string(part.field("Date")), string(part.field("Subject"))
    ids = [string(part.field("In-Reply-To")), string(part.field("Message-ID"))]
    return listed([date, subject, *map(addresses, people), *ids])


def addresses(value: bytes | None) -> bytes:
    """Name, route, local part and domain of each address of a field; the names of groups are left out."""
    if not value:
        return b"NIL"
    found = getaddresses([value.decode("utf-8", "surrogateescape")])
    shown = [_address(name, address) for name, address in found if address]
    return b"(" + b"".join(shown) + b")" if shown else b"NIL"


def _address(name: str, address: str) -> bytes:
    local, _, domain = address.rpartition("@")
    pieces = [each.encode("utf-8", "surrogateescape") for each in (name, local or address, domain)]
    return listed([string(pieces[0] or None), b"NIL", string(pieces[1]), string(pieces[2] if local else b"")])


def body_structure(part: Part, *, extended: bool) -> bytes:
    """The tree of parts; with what BODYSTRUCTURE tells beyond BODY if *extended*."""
    main, _, sub = part.type.partition("/")
    after = [_disposition(part), _language(part), string(part.field("Content-Location"))] if extended else []
    parameters = _parameters(part.field("Content-Type") or b"", with_charset=main == "text")
    if part.is_multipart:
        children = b"".join(body_structure(each, extended=extended) for each in part.children)
        more = b"".join(b" " + each for each in ([parameters, *after] if extended else []))
        return b"(" + children + b" " + string(sub.upper().encode()) + more + b")"
    if main == "multipart":
        main, sub = "application", "octet-stream"
    encoding = (part.field("Content-Transfer-Encoding") or b"7BIT").upper()
    shown = [string(main.upper().encode()), string(sub.upper().encode()), parameters]
    shown += [string(part.field("Content-ID")), string(part.field("Content-Description")), string(encoding)]
    shown.append(b"%d" % len(part.body))
    if part.is_message:
        inner = part.children[0]
        shown += [envelope(inner), body_structure(inner, extended=extended)]
    if part.is_message or main == "text":
        shown.append(b"%d" % part.body.count(b"\n"))
    if extended:
        shown += [string(part.field("Content-MD5")), *after]
    return listed(shown)


def _parameters(value: bytes, *, with_charset: bool = False) -> bytes:
    """Pairs of names and values; text has a charset in any case (RFC 2045 §5.2)."""
    found = PARAMETER.findall(value)
    if with_charset and not any(name.lower() == b"charset" for name, _ in found):
        found.append((b"charset", b"us-ascii"))
    if not found:
        return b"NIL"
    return listed(each for name, given in found for each in (string(name), string(_unquoted(given))))


def _unquoted(value: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", value[1:-1]) if value.startswith(b'"') else value


def _disposition(part: Part) -> bytes:
    value = part.field("Content-Disposition")
    if not value:
        return b"NIL"
    return listed([string(value.partition(b";")[0].strip().upper()), _parameters(value)])


def _language(part: Part) -> bytes:
    value = part.field("Content-Language")
    return listed(string(each.strip()) for each in value.split(b",")) if value else b"NIL"
