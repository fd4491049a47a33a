"""Mail addresses out of header fields (RFC 5322 section 3.4), and out of what looks like them.

Structure is read before encoded words are: a name that decodes to `boss@acme.example` never becomes an address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub_email.reading.headers import decode_words

MOST_ADDRESSES = 1_000

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.){0,500}"|<[^<>]{0,500}>|\((?:[^()\\]|\\.){0,500}\)|[,;:]|[^",;:<>()]+|.', re.DOTALL
)
_EMAIL = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,255}")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address: `email` with its domain in small letters, and the name shown beside it, decoded."""

    email: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the last `@`; empty where there is none."""
        return self.email.rpartition("@")[2] if "@" in self.email else ""


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """All addresses in the raw values of address fields, in their order; what is no address is passed over."""
    found: dict[str, Address] = {}
    for value in values:
        for item in _items(value):
            if (address := _address(item)) and len(found) < MOST_ADDRESSES:
                found.setdefault(address.email, address)
    return tuple(found.values())


def _items(value: str) -> Iterator[list[str]]:
    """The tokens of each address: split at commas and semicolons; a group's name before a colon is dropped."""
    item: list[str] = []
    for match in _TOKEN.finditer(value):
        if match[0] in ",;":
            yield item
            item = []
        elif match[0] == ":":
            item = []
        else:
            item.append(match[0])
    yield item


def _address(tokens: list[str]) -> Address | None:
    angle = [token for token in tokens if token.startswith("<") and token.endswith(">")]
    comments = [token[1:-1] for token in tokens if token.startswith("(") and token.endswith(")")]
    words = [token for token in tokens if token not in angle and not token.startswith("(")]
    if angle:
        email = _email(angle[-1][1:-1])
        name = _name(words)
    else:
        email = _email(_bare(words))
        name = _name(comments)
    return Address(email, name) if email else None


def _bare(words: list[str]) -> str:
    joined = " ".join("".join(words).split())
    return joined if joined.count("@") == 1 and " " not in joined else (_EMAIL.search(joined) or [""])[0]


def _email(text: str) -> str:
    """A usable address, its domain in small letters; empty for anything else."""
    plain = re.sub(r"\([^()]{0,200}\)|\s+", "", decode_words(text)).removeprefix("mailto:").rpartition(":")[2]
    local, at, domain = plain.rpartition("@")
    usable = at and local and domain and "\x00" not in plain and len(plain) <= 320
    return f"{local}@{domain.lower().rstrip('.')}" if usable else ""


def _name(words: list[str]) -> str:
    parts = (re.sub(r"\\(.)", r"\1", w[1:-1]) if len(w) > 1 and w[0] == w[-1] == '"' else w for w in words)
    return " ".join(decode_words("".join(parts)).strip().strip("'").split())
