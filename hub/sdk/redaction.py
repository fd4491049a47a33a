"""Takes secrets out of what is shown: error messages may repeat what was sent."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping

HIDDEN = "•••"
SHORTEST = 6
"""Shorter pieces are no secrets, and hiding them would hide half of every sentence."""
_QUOTED = re.compile(r'"([^"]+)"')


def secrets_in(headers: Mapping[str, str]) -> frozenset[str]:
    """What must never be shown of the headers that sign a call: the credentials in every form they are sent in."""
    found: set[str] = set()
    for name, value in headers.items():
        if name.lower() not in {"authorization", "x-api-key", "cookie"}:
            continue
        credentials = value.rpartition(" ")[2]
        found |= {value, credentials, *_QUOTED.findall(value), *_decoded(credentials)}
    return frozenset(each for each in found if len(each) >= SHORTEST)


def _decoded(credentials: str) -> Iterable[str]:
    """User and password of HTTP Basic (RFC 7617); only the password is secret."""
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ()
    return (pair, pair.partition(":")[2]) if ":" in pair else ()


def redacted(text: str, secrets: Iterable[str]) -> str:
    """*text* with every secret hidden, longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
