"""Changing records: only the fields that differ, and only where nobody changed the record since it was read."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import (
    AnswerLost,
    Delayed,
    NotFound,
    Outcome,
    Patch,
    PermissionLost,
    Record,
    Refusal,
    Refused,
    ServiceError,
    Unknown,
    Written,
    stop_if_signed_out,
)
from hub_zoho_crm import outgoing
from hub_zoho_crm.creating import sending
from hub_zoho_crm.layouts import Layout
from hub_zoho_crm.sending import Change
from hub_zoho_crm.site import Site
from hub_zoho_crm.tags import Labelling, label, labelling


async def update(site: Site, layout: Layout, patches: Sequence[Patch]) -> Sequence[Outcome]:
    """Carry out every patch, and read back what was changed. Raises SignInRejected."""
    types = await site.metadata.types(layout.module, layout.custom)
    values = {p.id: outgoing.changed(layout, p.fields, p.base.fields, types) for p in patches}
    labels = {p.id: each for p in patches if (each := _labelling(layout, p))}
    changes = [Change(p.id, values[p.id], p.base.at) for p in patches if values[p.id]]
    refused = await sending(site, layout).put(changes)
    unlabelled = await label(site, layout.module, [each for n, each in labels.items() if n not in refused])
    done = {p.id: bool(values[p.id] or p.id in labels) for p in patches if p.id not in refused}
    outcomes = {**refused, **await _finished(site, layout, done, unlabelled)}
    told = [outcomes[p.id] for p in patches]
    stop_if_signed_out(told)
    return told


def _labelling(layout: Layout, patch: Patch) -> Labelling | None:
    wanted = outgoing.labels(layout, patch.fields)
    if wanted is None or layout.tags is None:
        return None
    shown: Sequence[Any] = patch.base.fields.get(layout.tags) or ()
    given = labelling(patch.id, wanted, shown, patch.base.extra.get("tags") or {})
    return given if given.added or given.removed else None


async def _finished(
    site: Site, layout: Layout, done: Mapping[str, bool], unlabelled: Mapping[str, ServiceError]
) -> dict[str, Outcome]:
    """Read back what was changed.

    Args:
        done: By id: whether anything was written at all.
    """
    try:
        records = await site.read(layout, list(done))
    except ServiceError as error:
        lost = Unknown(AnswerLost(error.message))
        return {number: lost if wrote else Delayed(error) for number, wrote in done.items()}
    return {number: _told(layout, records.get(number), unlabelled.get(number)) for number in done}


def _told(layout: Layout, shown: Record | None, unlabelled: ServiceError | None) -> Outcome:
    if shown is None:
        return Refusal("there is no such record any more, or this user may not see it")
    if unlabelled and not isinstance(unlabelled, Refused | NotFound | PermissionLost):
        return Unknown(unlabelled)  # nobody said no: it is looked at, and what is lacking is set then
    if unlabelled:
        why = f"its labels could not be set: {unlabelled.message}"
        return Refusal(why, {layout.tags or "Tag": why}, shown)
    return Written(shown)
