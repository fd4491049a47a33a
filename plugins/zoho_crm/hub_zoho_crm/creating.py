"""Making records with their markers, labelling them, and reading them back."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import AnswerLost, Draft, Outcome, Record, Refusal, ServiceError, Unknown, Written, stop_if_signed_out
from hub_zoho_crm import outgoing
from hub_zoho_crm.layouts import Layout
from hub_zoho_crm.sending import Made, Sending
from hub_zoho_crm.site import Site
from hub_zoho_crm.tags import label, labelling

_LOOSE = Refusal("a task stands under a requirement, and its requirement has none here")


async def create(site: Site, layout: Layout, drafts: Sequence[Draft]) -> Sequence[Outcome]:
    """Make a record of each draft. Raises SignInRejected."""
    marked = await site.marked(layout)
    types = await site.metadata.types(layout.module, layout.custom)
    given = [outgoing.made(layout, d.fields, types, d.marker if marked else None) for d in drafts]
    loose = {n: _LOOSE for n, draft in enumerate(drafts) if layout.under and not draft.fields.get(_parent(layout))}
    said = iter(await sending(site, layout).post([each for n, each in enumerate(given) if n not in loose]))
    became = [loose[n] if n in loose else next(said) for n in range(len(drafts))]
    made = {place: each for place, each in enumerate(became) if isinstance(each, Made)}
    finished = await _finished(site, layout, drafts, made)
    outcomes = [finished[n] if isinstance(each, Made) else each for n, each in enumerate(became)]
    stop_if_signed_out(outcomes)
    return outcomes


def _parent(layout: Layout) -> str:
    return layout.fields.get("requirement", "")


def sending(site: Site, layout: Layout) -> Sending:
    """How rows of a layout are sent: workflows run on them only if the configuration says so."""
    beside: dict[str, Any] = {} if layout.options.trigger else {"trigger": []}
    return Sending(site.client, layout.module, beside=beside, marker=layout.marker, named=layout.remote_of, me=site.me)


async def _finished(
    site: Site, layout: Layout, drafts: Sequence[Draft], made: Mapping[int, Made]
) -> dict[int, Outcome]:
    """Label what is new, and read back all of it. Never Delayed: the records are there, and must not be made again."""
    asked = {n: outgoing.labels(layout, drafts[n].fields) for n, each in made.items() if each.new}
    given = [labelling(made[n].id, names, (), {}) for n, names in asked.items() if names]
    failed = await label(site, layout.module, given)
    try:
        records = await site.read(layout, [each.id for each in made.values()])
    except ServiceError as error:
        return dict.fromkeys(made, Unknown(AnswerLost(error.message)))
    return {n: _told(layout, records.get(each.id), failed.get(each.id)) for n, each in made.items()}


def _told(layout: Layout, shown: Record | None, unlabelled: ServiceError | None) -> Outcome:
    if shown is None:
        return Unknown(AnswerLost("Zoho CRM does not show what it made"))
    if unlabelled:
        why = f"it was made, but its labels could not be set: {unlabelled.message}"
        return Refusal(why, {layout.tags or "Tag": why}, shown)
    return Written(shown)
