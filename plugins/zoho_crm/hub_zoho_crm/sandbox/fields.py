"""The fields of modules, and how Zoho describes them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from hub_zoho_crm.sandbox.problems import Json

_JSON_TYPES = {
    "integer": "integer",
    "double": "double",
    "currency": "double",
    "percent": "integer",
    "boolean": "boolean",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "multiselectpicklist": "jsonarray",
    "tag": "jsonarray",
}
_LENGTHS = {
    "text": 255,
    "email": 100,
    "phone": 30,
    "website": 450,
    "textarea": 2000,
    "picklist": 120,
    "multiselectpicklist": 100,
    "integer": 9,
    "bigint": 18,
    "double": 16,
    "currency": 16,
    "percent": 5,
    "date": 20,
    "datetime": 120,
    "boolean": 5,
    "lookup": 120,
    "ownerlookup": 120,
}
NO_VALUE = "-None-"
SEARCHABLE = frozenset({"text", "email", "phone", "website", "textarea", "picklist"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a module.

    Args:
        kind: Zoho's `data_type`.
        values: The values of a picklist; without any, every text is taken.
        module: The module a lookup points to; "" for one that names it beside (`se_module`).
        formula: Computed by Zoho: read only.
        system: Kept by Zoho (times, people): read only.
        id: Given when the module is added to an organisation.
    """

    name: str
    label: str
    kind: str = "text"
    length: int = 0
    values: tuple[str, ...] = ()
    module: str = ""
    mandatory: bool = False
    unique: bool = False
    external: bool = False
    custom: bool = False
    formula: bool = False
    system: bool = False
    id: str = ""

    @property
    def read_only(self) -> bool:
        """Whether the API never writes it."""
        return self.formula or self.system

    @property
    def most(self) -> int:
        """The greatest length of its texts, in characters."""
        return self.length or _LENGTHS.get(self.kind, 255)

    @property
    def is_text(self) -> bool:
        """Whether its value is any text."""
        return self.kind in {"text", "email", "phone", "website", "textarea", "autonumber", "bigint"}

    def with_id(self, field_id: str) -> Self:
        """The same field, known by *field_id*."""
        return replace(self, id=field_id)


def described(field: Field, number: int, lookup_id: str, layouts: list[Json]) -> Json:
    """*field* as `GET /settings/fields` shows it."""
    writable = not field.read_only
    lookup: Json = {}
    if field.kind == "lookup" and field.module:
        target = {"api_name": field.module, "id": lookup_id}
        lookup = {"display_label": field.label, "api_name": None, "module": target, "id": field.id}
    return {
        **_constants(field),
        "id": field.id,
        "api_name": field.name,
        "field_label": field.label,
        "display_label": field.label,
        "data_type": field.kind,
        "json_type": _JSON_TYPES.get(field.kind, "string"),
        "length": field.most,
        "sequence_number": number,
        "system_mandatory": field.mandatory,
        "required": field.mandatory,
        "read_only": field.read_only,
        "field_read_only": field.read_only,
        "custom_field": field.custom,
        "created_source": "user" if field.custom else "default",
        "unique": {"casesensitive": "false"} if field.unique else {},
        "external": {"type": "org", "show": True} if field.external else None,
        "lookup": lookup,
        "pick_list_values": [] if field.read_only else pick_list(field),
        "operation_type": dict.fromkeys(("web_update", "api_create", "web_create", "api_update"), writable),
        "view_type": {"view": True, "edit": writable, "quick_create": field.mandatory, "create": writable},
        "layout_associations": layouts,
    }


def pick_list(field: Field) -> list[Json]:
    """The choices of a picklist; a simple one starts with the choice of none."""
    if not field.values:
        return []
    first = [NO_VALUE] if field.kind == "picklist" and not field.mandatory else []
    return [_choice(field, number, value) for number, value in enumerate([*first, *field.values], 1)]


def _choice(field: Field, number: int, value: str) -> Json:
    return {
        "display_value": value,
        "actual_value": value,
        "reference_value": value,
        "sequence_number": number,
        "id": str(int(field.id or 0) * 1000 + number)[-18:],
        "type": "used",
        "colour_code": None,
        "sys_ref_name": None if field.custom else value.replace(" ", "_").lower(),
    }


def _constants(field: Field) -> Json:
    """What is the same for every field of this kind."""
    objects: Iterable[str] = ("currency", "multiselectlookup", "auto_number", "formula", "rollup_summary")
    nothing: Iterable[str] = [
        "colour_code_enabled_by_system",
        "tooltip",
        "private",
        "crypt",
        "hipaa_compliance",
        "history_tracking",
        "association_details",
        "refer_from_field",
        "additional_column",
        "global_picklist",
        "default_value",
        "created_time",
        "modified_time",
        "customizable_properties",
    ]
    true: Iterable[str] = ["webhook", "filterable", "searchable", "sortable", "visible", "available_in_user_layout"]
    false: Iterable[str] = [
        "virtual_field",
        "separator",
        "enable_colour_code",
        "pick_list_values_sorted_lexically",
        "hipaa_compliance_enabled",
    ]
    rest: dict[str, Any] = {
        "type": "used",
        "multi_module_lookup": {},
        "convert_mapping": {"Contacts": None, "Deals": None, "Accounts": None},
        "email_parser": {"fields_update_supported": False, "record_operations_supported": False},
        "column_name": field.name.upper().replace("_", ""),
        "display_type": -1,
        "ui_type": 1,
        "show_type": 7,
        "category": 0,
        "quick_sequence_number": None,
        "decimal_place": 2 if field.kind in {"double", "currency"} else None,
        "blueprint_supported": True,
        "businesscard_supported": True,
        "mass_update": not field.read_only,
        "display_field": False,
        "profiles": [],
    }
    return (
        {name: {} for name in objects}
        | dict.fromkeys(nothing)
        | dict.fromkeys(true, True)
        | dict.fromkeys(false, False)
        | rest
        | {"colour_code_enabled_by_system": False}
    )
