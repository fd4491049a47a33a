"""References of one connection: the ties that the store has, and what waits until a tie is there."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from hub.mapping import FieldMap, Ref, References
from hub.model import Kind
from hub.reconcile import Route, Unmet
from hub.store import Store


class StoredReferences(References):
    """The ties of one connection, as the store has them."""

    def __init__(self, store: Store, connection: str) -> None:
        self._store, self._connection = store, connection

    def key_of(self, kind: str, remote: str) -> str | None:
        """The key of the entity that *remote* is a copy of."""
        return self._store.key_at(self._connection, Kind(kind), remote)

    def remote_of(self, kind: str, key: str) -> str | None:
        """The id of the copy of *key*."""
        del kind
        return self._store.remote_of(self._connection, key)


class Awaiting(Ref):
    """A reference that waits for what it refers to where that is still to come, instead of standing for nothing.

    Args:
        lens: The reference as the connector has it, bound.
        comes: Whether records there are taken up, so that one that is not known will be.
        goes: Whether what has no copy there will get one.
    """

    def __init__(self, lens: Ref, *, comes: bool, goes: bool) -> None:
        super().__init__(lens.remote, *lens.kinds, writable=lens.writable, weak=lens.weak)
        self.references, self._lens, self._comes, self._goes = lens.references, lens, comes, goes

    def get(self, remote: Any) -> str | None:
        """The key of the entity whose copy *remote* is. Raises Unmet while that is not known here."""
        key = super().get(remote)
        if remote and key is None and self._comes:
            raise Unmet(f"{self.remote} {remote!r} is not known here yet")
        return key

    def put(self, value: str | None, current: Any) -> str | None:
        """The id of the copy of *value*. Raises Unmet while there is none."""
        shown = super().put(value, current)
        if value and shown is None and self._goes:
            raise Unmet(f"{value} has no copy there yet")
        return shown

    def fingerprint(self) -> str:
        """That of the reference itself: the meaning is the same."""
        return self._lens.fingerprint()

    def read_only(self) -> Self:
        """This lens, never written through."""
        lens = copy(self)
        lens.writable = False
        return lens


def awaiting(mapping: FieldMap, routes: Mapping[Kind, Route]) -> FieldMap:
    """*mapping* with references that wait for kinds of which a spoke takes up, or gets, everything."""

    def waits(lens: Ref) -> Awaiting:
        whole = [routes[kind] for kind in lens.kinds if kind in routes and not routes[kind].where.wanted]
        return Awaiting(lens, comes=any(r.originates for r in whole), goes=any(r.creates for r in whole))

    return mapping.plus(**{name: waits(lens) for name, lens in mapping.items() if isinstance(lens, Ref)})
