"""Labels: written by calls of their own, so many records at once as get the same ones.

Facts: zoho.com/crm/developer/docs/api/v8/add-tags.html and …/remove-tags.html.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.sdk import Refused, ServiceError
from hub_zoho_crm.client import chunks, rows
from hub_zoho_crm.outcomes import id_of, succeeded
from hub_zoho_crm.site import Site

BATCH = 100


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels that a record gets and loses; `ids` has the ids of its tags by name, as far as they are known."""

    record: str
    added: frozenset[str]
    removed: frozenset[str]
    ids: Mapping[str, str]


def labelling(record: str, wanted: Sequence[str], shown: Sequence[str], ids: Mapping[str, str]) -> Labelling:
    """What makes *shown* into *wanted*."""
    return Labelling(record, frozenset(wanted) - frozenset(shown), frozenset(shown) - frozenset(wanted), ids)


async def label(site: Site, module: str, given: Sequence[Labelling]) -> dict[str, ServiceError]:
    """Carry all of them out. Answers why it failed, by the ids of the records where it did."""
    failed: dict[str, ServiceError] = {}
    for names in {each.added for each in given if each.added}:
        some = [each for each in given if each.added == names]
        failed |= await _call(site, module, "add_tags", [{"name": name} for name in sorted(names)], some)
    for names in {each.removed for each in given if each.removed}:
        some = [each for each in given if each.removed == names]
        known = {name: number for each in some for name, number in each.ids.items()}
        tags = [{"name": name, **({"id": known[name]} if name in known else {})} for name in sorted(names)]
        failed |= await _call(site, module, "remove_tags", tags, some)
    return failed


async def _call(
    site: Site, module: str, action: str, tags: Sequence[Mapping[str, str]], given: Sequence[Labelling]
) -> dict[str, ServiceError]:
    over = {"over_write": False} if action == "add_tags" else {}
    failed: dict[str, ServiceError] = {}
    for some in chunks(given, BATCH):
        ids = [each.record for each in some]
        try:
            answer = await site.client.post(f"/{module}/actions/{action}", {"tags": list(tags), "ids": ids, **over})
        except ServiceError as error:
            failed |= dict.fromkeys(ids, error)
            continue
        failed |= {number: Refused(why) for number, why in _refused(ids, rows(answer)).items()}
    return failed


def _refused(ids: Sequence[str], said: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    wrong = [(place, row) for place, row in enumerate(said) if not succeeded(row)]
    if len(said) != len(ids):  # one answer for all
        why = "; ".join(str(row.get("message")) for _, row in wrong) or "Zoho CRM does not say whether it was done"
        return dict.fromkeys(ids, why) if wrong or not said else {}
    return {id_of(row) or ids[place]: str(row.get("message") or row.get("code")) for place, row in wrong}
