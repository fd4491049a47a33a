"""The mapping of one kind: which canonical field is seen through which lens."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Self

from hub.mapping.lens import Lens, Terms


class FieldMap(dict[str, Lens]):
    """Lenses by canonical field; written as a table of keyword arguments, and never changed.

    A dict, as every field of every record is looked up in it.
    """

    whole = True
    """Whether these are all the fields that are mapped there."""

    def __init__(self, **lenses: Lens) -> None:
        super().__init__(lenses)
        self._fingerprints: dict[str, str] = {}
        self.readers = [(field, lens.remote, lens.to_canonical) for field, lens in lenses.items()]
        """By what each field is read: its name, the record's field, and what makes the one of the other."""
        self.writers = [(field, lens.remote, lens.put) for field, lens in lenses.items() if lens.writable]
        """Likewise, by what each is written that can be."""

    def bound(self, terms: Terms) -> Self:
        """This mapping with what the configuration of a spoke says; a choice that it gives no names is left out.

        So are custom fields of which it names none.
        """
        bound = {field: lens.bound(field, terms) for field, lens in self.items()}
        return type(self)(**{f: lens for f, lens in bound.items() if lens.named})

    def plus(self, **lenses: Lens) -> Self:
        """This mapping with more lenses, or with others for the same fields."""
        return type(self)(**{**self, **lenses})

    def read_only(self) -> Self:
        """This mapping, never written through."""
        return type(self)(**{field: lens.read_only() for field, lens in self.items()})

    def only(self, *fields: str) -> Self:
        """This mapping's lenses of *fields*; it is no `whole` one."""
        part = type(self)(**{field: lens for field, lens in self.items() if field in fields})
        part.whole = False
        return part

    def remotes(self) -> frozenset[str]:
        """The record's fields that any lens looks at."""
        return frozenset(lens.remote for lens in self.values())

    def fingerprints(self) -> Mapping[str, str]:
        """By field: `REMOTE#DIGEST`, where it is looked for in a record and a short digest of what it means there."""
        if not self._fingerprints:
            self._fingerprints = {field: f"{lens.remote}#{_digest(lens.fingerprint())}" for field, lens in self.items()}
        return self._fingerprints

    def fingerprints_of(self, fields: Collection[str]) -> Mapping[str, str]:
        """Those of some of the fields; the very same mapping each time where these are all."""
        prints = self.fingerprints()
        return prints if len(fields) == len(prints) else {field: prints[field] for field in fields}

    def shown(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a record's fields that this mapping looks at."""
        return {name: record.get(name) for name in sorted(self.remotes())}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
