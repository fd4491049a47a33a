"""What the organisation is made of: modules, fields, layouts."""

from starlette.responses import Response

from hub_zoho_crm.sandbox.fields import pick_list
from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.problems import Json, empty, invalid, invalid_module, missing_parameter
from hub_zoho_crm.sandbox.records import Module
from hub_zoho_crm.sandbox.routes_related import related_modules

_PROFILES = [{"name": "Administrator", "id": "554023000000026011"}, {"name": "Standard", "id": "554023000000026014"}]
_TRUE = [
    "deletable",
    "creatable",
    "recycle_bin_on_delete",
    "inventory_template_supported",
    "presence_sub_menu",
    "triggers_supported",
    "chart_view",
    "isBlueprintSupported",
    "visible",
    "editable",
    "emailTemplate_support",
    "email_parser_supported",
    "filter_supported",
    "show_as_tab",
    "viewable",
    "api_supported",
    "quick_create",
    "scoring_supported",
    "webform_supported",
    "chart_view_supported",
    "global_search_supported",
    "track_current_data",
    "kanban_view_supported",
    "filter_status",
    "sub_menu_available",
]


def _asked_module(call: Call) -> Module:
    if not call.query("module"):
        raise missing_parameter("module")
    if call.query("module") not in call.org.modules:
        raise invalid_module(api_name="module")
    return call.org.module(call.query("module"))


def modules(call: Call) -> Json:
    """`GET /settings/modules`."""
    return {"modules": [_module(call, one) for one in call.org.modules.values()]}


def module(call: Call) -> Json | Response:
    """`GET /settings/modules/{api_name}`, or by its id."""
    wanted = call.path("api_name")
    known = (one for one in call.org.modules.values() if wanted in {one.name, one.id})
    found = next(known, None)
    if not found:
        return empty()
    names = [*found.fields]
    more = {
        "$field_states": [],
        "business_card_fields": names[:5],
        "per_page": 10,
        "$properties": [],
        "$on_demand_properties": [],
        "search_layout_fields": names[:5],
        "lookup_field_properties": {"fields": []},
        "related_list_properties": {"sort_by": None, "fields": [], "sort_order": None},
        "display_field": {"api_name": found.title, "id": found.fields[found.title].id},
    }
    return {"modules": [_module(call, found) | more]}


def _module(call: Call, one: Module) -> Json:
    names = [*call.org.modules]
    plural = one.name.replace("_", " ")
    described: Json = {
        **dict.fromkeys(_TRUE, True),
        "has_more_profiles": False,
        "private_profile": None,
        "access_type": "org_based",
        "description": None,
        "modified_time": None,
        "modified_by": None,
        "plural_label": plural,
        "actual_plural_label": plural,
        "singular_label": one.singular,
        "actual_singular_label": one.singular,
        "id": one.id,
        "visibility": 1,
        "convertable": one.name == "Leads",
        "profiles": _PROFILES,
        "profile_count": len(_PROFILES),
        "web_link": None,
        "sequence_number": names.index(one.name) + 1,
        "api_name": one.name,
        "module_name": f"CustomModule{names.index(one.name) + 1}" if one.custom else one.name,
        "generated_type": "custom" if one.custom else "default",
        "feeds_required": False,
        "arguments": [],
        "business_card_field_limit": 5,
        "parent_module": {},
        "activity_badge": "Disabled",
        "kanban_view": False,
        "zia_view": False,
        "default_mapping_fields": [],
        "status": "visible",
    }
    return described | one.told


def fields(call: Call) -> Json | Response:
    """`GET /settings/fields?module=&type=`; there are no unused fields."""
    found = _asked_module(call)
    if call.query("type") == "unused":
        return empty()
    return {"fields": [call.shapes.field(found, one) for one in found.fields.values()]}


def field(call: Call) -> Json | Response:
    """`GET /settings/fields/{field}?module=`."""
    found, wanted = _asked_module(call), call.path("field")
    rows = [call.shapes.field(found, one) for one in found.fields.values() if wanted in {one.id, one.name}]
    return {"fields": rows} if rows else empty()


def choices(call: Call) -> Json:
    """`GET /settings/fields/{field_id}/pick_list_values?module=`."""
    found, wanted = _asked_module(call), call.path("field_id")
    one = next((one for one in found.fields.values() if wanted in {one.id, one.name}), None)
    if not one:
        raise invalid("the id given seems to be invalid", resource_path_index=2)
    return {"pick_list_values": pick_list(one)}


def layouts(call: Call) -> Json:
    """`GET /settings/layouts?module=`: each module has one."""
    return {"layouts": [_layout(call, _asked_module(call))]}


def layout(call: Call) -> Json | Response:
    """`GET /settings/layouts/{id}?module=`."""
    found = _asked_module(call)
    return {"layouts": [_layout(call, found)]} if call.path("id") == found.layout else empty()


def _layout(call: Call, one: Module) -> Json:
    shown = [
        {**call.shapes.field(one, field), "required": field.mandatory, "section_id": 1}
        for field in one.fields.values()
        if not field.system
    ]
    section: Json = {
        "display_label": f"{one.singular} Information",
        "sequence_number": 1,
        "isSubformSection": False,
        "tab_traversal": "2",
        "api_name": f"{one.singular}_Information",
        "column_count": 2,
        "name": f"{one.singular} Information",
        "generated_type": "default",
        "id": str(int(one.layout) + 700_000),
        "type": "used",
        "fields": shown,
        "properties": None,
        "_delete": None,
    }
    nothing = [
        "created_time",
        "modified_time",
        "modified_by",
        "created_by",
        "created_for",
        "convert_mapping",
        "subform_properties",
    ]
    actions = dict.fromkeys(["edit", "rename", "clone", "downgrade", "delete", "deactivate", "set_layout_permissions"])
    return {
        **dict.fromkeys(nothing),
        "id": one.layout,
        "name": "Standard",
        "api_name": "Standard",
        "display_label": "Standard",
        "display_type": 1,
        "visible": True,
        "status": "active",
        "source": "default",
        "mode": "create_or_edit",
        "has_more_profiles": False,
        "show_business_card": True,
        "generated_type": "default",
        "profiles": [{**one, "default": True} for one in _PROFILES],
        "sections": [section],
        "actions_allowed": dict.fromkeys(actions, True),
    }


def related_lists(call: Call) -> Json:
    """`GET /settings/related_lists?module=`."""
    parent = _asked_module(call)
    rows = [_list(parent, one, number) for number, one in enumerate(related_modules(call.org, parent), 2)]
    return {"related_lists": [_list(parent, None, 1), *rows]}


def _list(parent: Module, child: Module | None, number: int) -> Json:
    name = child.name if child else "Attachments"
    target = {"api_name": name, "id": child.id} if child else {"api_name": name, "id": parent.id}
    return {
        "id": str(int(parent.id) + 500_000 + number),
        "sequence_number": str(number),
        "display_label": name,
        "api_name": name,
        "module": target,
        "name": name,
        "action": None,
        "href": f"{parent.name}/{{ENTITYID}}/{name}",
        "type": "default",
        "visible": True,
        "customize_sort": False,
        "customize_fields": False,
        "customize_display_label": False,
        "sort_by": None,
        "sort_order": None,
        "fields": [],
        "status": "visible",
    }


_SETTINGS = "/crm/v8/settings"
ENDPOINTS = [
    Endpoint("GET", _SETTINGS + "/modules", modules),
    Endpoint("GET", _SETTINGS + "/modules/{api_name}", module),
    Endpoint("GET", _SETTINGS + "/fields", fields),
    Endpoint("GET", _SETTINGS + "/fields/{field}", field),
    Endpoint("GET", _SETTINGS + "/fields/{field_id}/pick_list_values", choices),
    Endpoint("GET", _SETTINGS + "/related_lists", related_lists),
    Endpoint("GET", _SETTINGS + "/layouts", layouts),
    Endpoint("GET", _SETTINGS + "/layouts/{id}", layout),
]
