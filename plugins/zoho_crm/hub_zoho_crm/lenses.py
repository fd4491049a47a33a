"""Lenses for what only Zoho CRM writes so: names in two fields, websites that stand for domains. Pure."""

import re
from typing import Any
from urllib.parse import urlsplit

from hub.sdk import Lens, Text

FIRST_LIMIT, LAST_LIMIT = 40, 80
_HOST = re.compile(r"[^\s/@:?#]+\.[^\s/@:?#.]+")


class PersonName(Lens):
    """A person's name: one line here, `{"first", "last"}` there. A name that nobody changes stays divided as it is.

    The last name must not be empty there, and is at most 80 characters; the first one at most 40.
    """

    def __init__(self, remote: str) -> None:
        super().__init__(remote)
        self._line = Text(remote, limit=LAST_LIMIT, untitled="(unnamed)")

    def get(self, remote: Any) -> str:
        """First and last name with a space between them."""
        return self._line.get(_joined(remote)) if remote else ""

    def put(self, value: str, current: Any) -> Any:
        """The name, divided where *current* is if one half of it stays, else before its last word."""
        line = self._line.put(value, _joined(current) or None)
        return current if current and line == _joined(current) else _divided(line or "", current or {})

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> str:
        """As the base class, with the hidden end of a cut name put back after an edit."""
        if self._shows(current, remote):
            return str(current)
        return self._line.to_canonical(self.get(remote), current=current, seen=self.get(seen))


def _joined(parts: Any) -> str:
    return " ".join(part for part in ((parts or {}).get("first"), (parts or {}).get("last")) if part)


def _divided(name: str, current: Any) -> dict[str, str | None]:
    """A name in two: the last half is never empty."""
    first, last = str(current.get("first") or ""), str(current.get("last") or "")
    if last and first and name.endswith(f" {last}"):
        before, after = name.removesuffix(f" {last}"), last
    elif first and name.startswith(f"{first} "):
        before, after = first, name.removeprefix(f"{first} ")
    else:
        before, _, after = name.rpartition(" ")
    if not before.strip() or len(before) > FIRST_LIMIT or before != before.strip() or after != after.strip():
        return {"first": None, "last": name}
    return {"first": before, "last": after}


class Domain(Lens):
    """A company's domain here, its website there: the rest of an address stays while its domain does."""

    def get(self, remote: Any) -> str | None:
        """The host of the address without `www.`; None where there is none."""
        text = str(remote or "").strip()
        try:
            host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        except ValueError:
            return None
        host = host.removeprefix("www.").rstrip(".")
        return host if _HOST.fullmatch(host) else None

    def put(self, value: str | None, current: Any) -> Any:
        """The address of the domain, `https://acme.example`."""
        wanted = (value or "").strip().lower()
        if (self.get(current) or "") == (self.get(wanted) or wanted):
            return current
        return f"https://{self.get(wanted) or wanted}" if wanted else None
