"""Message-IDs and signed addresses: derived, never drawn by lot, so that a repeat is recognised as one."""

import hashlib
import hmac
import re
from base64 import b32encode

TOKEN_LENGTH, HINT_LENGTH = 20, 6
"""Characters of base32: of these, the first 30 bits say which thread, and 70 bits that we made the token."""
LONGEST_ID = 250
LONGEST_LOCAL_PART = 64
"""Octets (RFC 5321, 4.5.3.1.1)."""
LONGEST_DOMAIN = 200
"""A name may have 253 characters (RFC 1035), but a Message-ID needs some of its length for what makes it unique."""

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_TOKEN = re.compile(r"[a-z2-7]{16,26}")


def ascii_domain(domain: str) -> str:
    """*domain* in lower case and in ASCII (RFC 3490).

    Raises:
        ValueError: It is no domain name.
    """
    plain = domain.strip().rstrip(".").lower()
    try:
        plain = plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if not _DOMAIN.fullmatch(plain):
        raise ValueError(f"{domain!r} is no domain name; it should look like mail.example.com")
    return plain


def _packed(*parts: str) -> bytes:
    """Parts joined so that no two lists of parts give the same bytes."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(each).to_bytes(4, "big") + each for each in encoded)


def _base32(digest: bytes, length: int) -> str:
    return b32encode(digest).decode("ascii").lower()[:length]


def message_id(hub_id: str, thread: str, what: str, version: int, domain: str) -> str:
    """The Message-ID of one mail, with its angle brackets: the same for the same arguments, another for any other.

    Args:
        hub_id: The hub that sends.
        thread: The binding or key that the mail belongs to.
        what: What the mail tells: `update`, `comment.CMT-7`.
        version: The version of the requirement that it tells.
        domain: A domain of the sender's own.

    Raises:
        ValueError: *domain* is no domain name, or has more than 200 characters.
    """
    host = ascii_domain(domain)
    if len(host) > LONGEST_DOMAIN:
        raise ValueError(f"the domain {host[:40]}… has {len(host)} characters; take one of {LONGEST_DOMAIN} at most")
    digest = hashlib.sha256(_packed(hub_id, thread, what, str(version), host)).digest()
    told = (re.sub(r"[^A-Za-z0-9-]+", "-", part).strip("-")[:40] for part in (thread, what, str(version)))
    unique = f"{_base32(digest, 26)}@{host}>"
    readable = ".".join(["<hub", *filter(None, told)])[: LONGEST_ID - len(unique) - 1]
    return f"{readable.rstrip('.-')}.{unique}"


def token(secret: bytes, thread: str, address: str) -> str:
    """Twenty letters and digits that only holders of *secret* can make for this thread and this client's address.

    Raises:
        ValueError: *secret* is empty.
    """
    if not secret:
        raise ValueError("tokens cannot be signed with an empty secret")
    signed = hmac.new(secret, _packed(thread, address.strip().lower()), hashlib.sha256).digest()
    return hint(thread) + _base32(signed, TOKEN_LENGTH - HINT_LENGTH)


def hint(thread: str) -> str:
    """What every token of this thread begins with; other threads' may too, so that it proves nothing."""
    return _base32(hashlib.sha256(_packed(thread)).digest(), HINT_LENGTH)


def check_token(secret: bytes, thread: str, address: str, given: str) -> bool:
    """Whether *given* is the token of this thread and address, in any case of letters; takes the same time always."""
    expected = token(secret, thread, address)
    return hmac.compare_digest(expected.encode("ascii"), given.strip().lower().encode("utf-8", "replace"))


def plus_address(address: str, token: str) -> str:
    """`hub@example.com` with a token: `hub+TOKEN@example.com`.

    Raises:
        ValueError: *address* is none, *token* cannot be a token, or the part before the @ gets longer than 64 octets.
    """
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain):
        raise ValueError(f"{address!r} is no mail address")
    if not _TOKEN.fullmatch(token.lower()):
        raise ValueError(f"{token!r} is no token")
    longer = f"{local}+{token}"
    if len(longer.encode("utf-8")) > LONGEST_LOCAL_PART:
        most = LONGEST_LOCAL_PART - len(token) - 1
        raise ValueError(f"{address} is too long for a token: before the @ it may have {most} octets at most")
    return f"{longer}@{domain}"


def token_in(address: str, own_address: str) -> str | None:
    """The token in *address*, in lower case, if it is *own_address* with one."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    own_local, _, own_domain = own_address.strip().lower().rpartition("@")
    found = local.removeprefix(f"{own_local}+")
    if domain != own_domain or found == local or not _TOKEN.fullmatch(found):
        return None
    return found
