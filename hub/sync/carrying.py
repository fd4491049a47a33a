"""Carrying: the bytes of new attachments are fetched once, kept by their hash, and passed on from there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hub.errors import Refused, ServiceError, SignInRejected, Transient
from hub.model import Attachment, Kind, Stamp
from hub.reconcile import Binding, Event
from hub.sdk.content import Content
from hub.store import Store
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner, stumbled

CONTENT = "content"
"""Under this name a binding's `blocked` says why the bytes of an attachment cannot be had."""


@dataclass
class Carrying:
    """Fetches what the attachments of a sync hold.

    Args:
        limit: Most bytes of one.
    """

    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    now: datetime
    limit: int

    async def work(self) -> None:
        """Fetch what is not here yet and could be passed on to some spoke."""
        if not any(p.spoke.routes[Kind.ATTACHMENT].creates for p in self._holders()):
            return
        keys = self.store.without_identity(Kind.ATTACHMENT)
        entities, ties = self.store.entities(keys), self.store.bindings_of(keys)
        for key in keys:
            entity = entities[key]
            if isinstance(entity, Attachment):
                await self._fetch(entity, ties.get(key, ()))

    def _holders(self) -> list[Partner]:
        return [p for p in self.partners.values() if p.working and Kind.ATTACHMENT in p.spoke.routes]

    async def _fetch(self, entity: Attachment, ties: Iterable[Binding]) -> None:
        for tie in ties:
            partner = self.partners.get(tie.connection)
            if partner is None or not partner.working or tie.state != "bound" or CONTENT in tie.blocked:
                continue
            try:
                content = await self.store.blobs.keep(partner.connector.download(tie.remote), self.limit)
            except (SignInRejected, Transient) as error:
                self._failed(partner, tie, error)
            except ServiceError as error:
                self._blocked(partner, tie, error)
            except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
                partner.error = stumbled(error, partner.name)
            else:
                self._keep(entity, tie, content)
                return

    def _failed(self, partner: Partner, tie: Binding, error: ServiceError) -> None:
        self.ledger.spokes[partner.name].note(Kind.ATTACHMENT, tie.remote, End.FAILED)
        self.ledger.problem(str(error), spoke=partner.name, key=tie.key)

    def _blocked(self, partner: Partner, tie: Binding, error: ServiceError) -> None:
        """It is not asked for again until the attachment changes, or a person says so."""
        said = error.message if isinstance(error, Refused) else str(error)
        self.store.keep_bindings([(replace(tie, blocked={**tie.blocked, CONTENT: said}), False)])
        self.ledger.spokes[partner.name].note(Kind.ATTACHMENT, tie.remote, End.BLOCKED)
        self.ledger.problem(said, spoke=partner.name, key=tie.key)

    def _keep(self, entity: Attachment, tie: Binding, content: Content) -> None:
        """Note hash and size; where the same file is attached to the same thing already, it is the same attachment."""
        with self.store.transaction():
            if twin := self._twin(entity, tie, content):
                self.store.drop_binding(tie)
                self.store.keep_bindings([(replace(tie, key=twin), False)])
                self.store.bury([entity.key])
                return
            stamp = Stamp(who="", connection=tie.connection, at=self.now, because="read")
            values = {"sha256": content.sha256, "size": content.size}
            known = entity.changed(values, dict.fromkeys(values, stamp))
            self.store.keep_entities([known])
            self.store.keep_events([Event(entity.key, "sha256", None, content.sha256, stamp)], self.run, self.now)

    def _twin(self, entity: Attachment, tie: Binding, content: Content) -> str | None:
        same = self.store.known_as(Kind.ATTACHMENT, [content.sha256]).get(content.sha256, [])
        others, ties = self.store.entities(same), self.store.bindings_of(same)
        return next(
            (
                key
                for key in same
                if others[key].belongs_to == entity.belongs_to
                and all(other.connection != tie.connection for other in ties.get(key, ()))
            ),
            None,
        )
