"""What the hub sent, as it stands in the folder of sent mail: with headers that say what the client was told.

They are the connector's only memory. The mail that goes out has none of them: a client's program may show headers.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub_email.reading.headers import Headers

SENDING, SENT = "$HubSending", "$HubSent"
"""Flags of a copy: put down and maybe not sent, and surely sent."""
PRIVATE = ("X-Hub-Copy", "X-Hub-Key", "X-Hub-Token", "X-Hub-Marker", "X-Hub-Told")

_PRIVATE_FIELD = re.compile(
    rb"^(?:" + "|".join(PRIVATE).encode() + rb"):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*", re.MULTILINE | re.IGNORECASE
)
_FOLD = 74


@dataclass(frozen=True, slots=True)
class Copy:
    """What one sent mail was for.

    Args:
        kind: `requirement`, `comment` or `attachment`.
        thread: The thread's id.
        key: The requirement's key, if it is known.
        version: The how-manyth telling of the requirement this is; 0 for other mails.
        markers: Of the entities that it holds, in the order of their files.
        token: What its address for replies carries.
        sending: Whether nobody knows if it went out.
    """

    kind: str
    thread: str
    key: str = ""
    version: int = 0
    markers: tuple[str, ...] = ()
    token: str = ""
    sending: bool = False


def copy_in(headers: Headers, flags: Iterable[bytes], hub: str) -> Copy | None:
    """What a sent mail's headers and flags say; None if this hub did not put it there."""
    kind, thread = headers.words("x-hub-copy"), headers.words("x-hub-thread")
    if not kind or not thread or (headers.words("x-hub-origin") or "") != hub:
        return None
    told = {bytes(flag).decode("ascii", "replace").lower() for flag in flags}
    version = headers.words("x-hub-version") or ""
    return Copy(
        kind=kind,
        thread=thread,
        key=headers.words("x-hub-key") or "",
        version=int(version) if version.isdigit() else 0,
        markers=tuple((headers.words("x-hub-marker") or "").split()),
        token=(headers.words("x-hub-token") or "").lower(),
        sending=SENDING.lower() in told and SENT.lower() not in told,
    )


def with_private(raw: bytes, copy: Copy, told: Mapping[str, Any]) -> bytes:
    """A mail with the headers that only our own copy has."""
    fields = {
        "X-Hub-Copy": copy.kind,
        "X-Hub-Key": copy.key,
        "X-Hub-Token": copy.token,
        "X-Hub-Marker": "\r\n ".join(copy.markers),
        "X-Hub-Told": packed(told),
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode("ascii", "replace") + raw


def without_private(raw: bytes) -> bytes:
    """A copy as it goes out."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    return _PRIVATE_FIELD.sub(b"", head + b"\r\n").removesuffix(b"\r\n") + gap + body


def packed(told: Mapping[str, Any]) -> str:
    """JSON data as a header's value: compressed, in base64url, folded."""
    data = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(zlib.compress(data, 9)).decode("ascii")
    return "\r\n ".join(text[start : start + _FOLD] for start in range(0, len(text), _FOLD))


def unpacked(header: bytes) -> dict[str, Any] | None:
    """What the field X-Hub-Told in a header says; None where there is none that can be read."""
    found = re.search(
        rb"^X-Hub-Told:((?:[^\r\n]*\r?\n?)(?:[ \t][^\r\n]*\r?\n?)*)", header, re.MULTILINE | re.IGNORECASE
    )
    if not found:
        return None
    try:
        data = json.loads(zlib.decompress(base64.urlsafe_b64decode(b"".join(found[1].split()))))
    except (binascii.Error, zlib.error, ValueError):
        return None
    return data if isinstance(data, dict) else None
