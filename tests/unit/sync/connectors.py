"""Connectors of services in memory whose descriptions hold sections, or have them beside."""

from collections.abc import Mapping
from typing import ClassVar

from hub.errors import ChangedMeanwhile
from hub.mapping import BACKGROUND, FieldMap, RichText, SectionText
from hub.model import Kind
from hub.plugins import Registry
from hub.sdk.connector import KindSpec
from hub.sdk.records import Delayed, Outcome, Patch
from hub.testing import MemoryConnector
from hub.testing.memory import REQUIREMENT

LIMIT = 400
"""Most characters of a text that has sections."""


def _sections() -> FieldMap:
    apart = (BACKGROUND,)
    return REQUIREMENT.plus(
        description=RichText("body", limit=LIMIT, apart=apart),
        background=SectionText("body", BACKGROUND, limit=LIMIT, apart=apart),
    )


class Beside(MemoryConnector):
    """The background has a field of its own, `note`, and there is no limit."""

    name = "beside"
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        **MemoryConnector.kinds,
        Kind.REQUIREMENT: KindSpec(REQUIREMENT.plus(description=RichText("body"), background=RichText("note"))),
    }


class Sectioned(MemoryConnector):
    """The background is a section of the description."""

    name = "sectioned"
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {**MemoryConnector.kinds, Kind.REQUIREMENT: KindSpec(_sections())}


class Since(MemoryConnector):
    """Likewise, and a write is refused to what was changed since, so that it need not be looked at before."""

    name = "since"
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        **MemoryConnector.kinds,
        Kind.REQUIREMENT: KindSpec(_sections(), conditional=True, looks_for=frozenset()),
    }

    async def _update(self, kind: Kind, patch: Patch) -> Outcome:
        state, known = self.service.state(patch.id), patch.base.at
        if known is not None and state.touched.at > known:
            return Delayed(ChangedMeanwhile("was changed", connection=self.setup.connection))
        return await super()._update(kind, patch)


REGISTRY = Registry({each.name: each for each in (MemoryConnector, Beside, Sectioned, Since)})
