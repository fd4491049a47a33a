"""Of which module rows of an answer are: answers do not say."""

import re
from collections.abc import Sequence
from typing import Any

from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Json

_WELL_KNOWN = {
    "Call_Start_Time": "Calls",
    "Event_Title": "Events",
    "Start_DateTime": "Events",
    "Campaign_Name": "Campaigns",
    "Product_Name": "Products",
    "Vendor_Name": "Vendors",
    "Service_Name": "Services__s",
    "Appointment_Name": "Appointments__s",
    "Solution_Title": "Solutions",
    "Price_Book_Name": "Price_Books",
    "Locked_For__s": "Locking_Information__s",
    "Scoring_Rule": "Entity_Scores__s",
    "Appointment_For": "Appointments__s",
    "Converted__s": "Leads",
}
"""Modules that an organisation of the sandbox has only once such a record is loaded, by a field that gives them away."""
_TITLE = 3
"""How much the field that names a record weighs, beside one for every other."""


def module_of_rows(org: Org, rows: Sequence[Json]) -> str | None:
    """The API name of the module that *rows* look like; None if they look like none."""
    told = next((row["$module"] for row in rows if isinstance(row.get("$module"), str)), None)
    if told:
        return str(told)
    keys: Json = {}
    for row in rows:
        keys |= {name: value for name, value in row.items() if value is not None or name not in keys}
    by_score = {name: _score(org, name, keys) for name in org.modules}
    best = max(by_score, key=lambda name: by_score[name])
    telling = [module for name, module in _WELL_KNOWN.items() if name in keys and not _is_lookup(name, keys[name])]
    if telling and by_score.get(best, 0) < 2 * _TITLE:
        return telling[0]
    return best if by_score[best] else _named_after(keys)


def _is_lookup(name: str, value: Any) -> bool:
    """Whether a key that names records of one module is, here, a lookup of another."""
    return name.endswith("_Name") and isinstance(value, dict)


def _score(org: Org, name: str, keys: Json) -> int:
    """How many of the keys are fields of a module, in a shape that fits."""
    module = org.modules[name]
    fitting = [one for one in module.fields.values() if one.name in keys and _fits(one, keys[one.name])]
    own = [one for one in fitting if not one.system and one.name not in {"Owner", "Tag"}]
    return len(own) + sum(_TITLE for one in own if one.mandatory or one.name == module.title)


def _fits(field: Field, value: Any) -> bool:
    if field.kind in {"lookup", "ownerlookup"}:
        return value is None or isinstance(value, dict)
    return not isinstance(value, dict)


def _named_after(keys: Json) -> str | None:
    """A module named after the key that names its records: `Visit_Name` of `Visits`."""
    found = (re.fullmatch(r"([A-Z]\w*)_Name", name) for name in keys if isinstance(keys[name], str))
    return next((f"{one[1]}s" for one in found if one), None)


def module_of_fields(org: Org, fields: Sequence[Json]) -> str | None:
    """The module whose fields *fields* describe: the one it shares the most with."""
    names = {one["api_name"] for one in fields}
    shared = {name: len(names & module.fields.keys()) for name, module in org.modules.items()}
    best = max(shared, key=lambda name: shared[name])
    return best if shared[best] > len(_COMMON) else None


_COMMON = ("Owner", "Tag", "Created_Time")
