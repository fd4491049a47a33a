"""Retrying: what was refused is forgotten, so that the next run asks for it again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.records import Absence
from hub.store import Store
from hub.sync.breaking import forget_writes
from hub.sync.carrying import CONTENT
from hub.sync.intake import is_owed
from hub.sync.plan import REFUSED, WHOLE

HIDDEN = "it cannot be seen any more"


@dataclass(frozen=True, slots=True)
class Try:
    """Something stuck that is tried again: what (`create`, `write`, `read`), of which copy, and why it was stuck."""

    key: str
    kind: Kind
    connection: str
    remote: str | None
    what: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """In the shape of `hub retry`."""
        return {
            "key": self.key,
            "kind": self.kind,
            "connection": self.connection,
            "remote": self.remote,
            "what": self.what,
            "why": self.why,
        }


def retry(store: Store, now: datetime, connections: Collection[str], key: str | None = None) -> list[Try]:
    """Forget why copies on *connections* (of one entity, if *key* is given) cannot be made, read or written."""
    tried: list[Try] = []
    with store.transaction():
        for connection in connections:
            stuck = [*store.blocked(connection), *store.hidden(connection)]
            for tie in (tie for tie in stuck if key in (None, tie.key)):
                tried += _freed(store, tie, now)
            for kind in Kind:
                tried += _asked_again(store, connection, kind, key)
    return tried


def _freed(store: Store, tie: Binding, now: datetime) -> list[Try]:
    """A copy that is there; a field that cannot be read is read anew by every run as it is."""
    where = (tie.key, tie.kind, tie.connection, tie.remote)
    if tie.state == Absence.HIDDEN:
        free, tried = replace(tie, state="bound"), [Try(*where, "read", HIDDEN)]
        store.want_full_reading(tie.connection, tie.kind)  # only what is missing in one is looked for by its id
    else:
        free = replace(tie, blocked={n: why for n, why in tie.blocked.items() if n not in {WHOLE, REFUSED, CONTENT}})
        told = {name: why for name, why in tie.blocked.items() if name != REFUSED}
        tried = [Try(*where, "write" if n == WHOLE else "read", f"{n}: {why}" if n else why) for n, why in told.items()]
    entity, holds = store.entities([tie.key])[tie.key], store.holds([tie.key]).get(tie.key, ())
    store.keep_ties([(free, is_owed(entity, free, holds))])
    forget_writes(store, tie, now)
    return tried


def _asked_again(store: Store, connection: str, kind: Kind, key: str | None) -> Iterator[Try]:
    """Copies that the service would not make."""
    refused = {k: i for k, i in store.intents(connection, kind).items() if i.refused is not None and key in (None, k)}
    store.drop_intents(connection, kind, refused)
    for entity, intent in refused.items():
        yield Try(entity, kind, connection, None, "create", intent.refused or "")
