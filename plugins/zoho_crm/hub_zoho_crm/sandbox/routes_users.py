"""The organisation and its people."""

from collections.abc import Callable

from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.paging import plain_page
from hub_zoho_crm.sandbox.problems import Json, bad_parameter, empty, invalid_id
from hub_zoho_crm.sandbox.records import User

_ADMIN = {"name": "Administrator", "id": "554023000000026011"}
_STANDARD = {"name": "Standard", "id": "554023000000026014"}
_ROLE = {"name": "CEO", "id": "554023000000026005"}
_BEGINNING = "2023-02-01T10:09:10+05:30"
_KINDS: dict[str, Callable[[User], bool]] = {
    "AllUsers": lambda _: True,
    "ActiveUsers": lambda one: one.active,
    "DeactiveUsers": lambda one: not one.active,
    "ConfirmedUsers": lambda _: True,
    "NotConfirmedUsers": lambda _: False,
    "ActiveConfirmedUsers": lambda one: one.active,
    "DeletedUsers": lambda _: False,
    "AdminUsers": lambda one: one.admin,
    "ActiveConfirmedAdmins": lambda one: one.active and one.admin,
}


def read_users(call: Call) -> Json | Response:
    """`GET /users?type=`."""
    kind = call.query("type", "AllUsers")
    if kind == "CurrentUser":
        found = [call.user]
    elif test := _KINDS.get(kind):
        found = [one for one in call.org.users.values() if test(one)]
    else:
        raise bad_parameter("type", supported_values=["CurrentUser", *_KINDS])
    rows, info = plain_page(call, found, lambda one: shown(call, one))
    return {"users": rows, "info": info} if rows else empty()


def read_user(call: Call) -> Json:
    """`GET /users/{user}`."""
    found = call.org.users.get(call.path("user"))
    if not found:
        raise invalid_id(resource_path_index=1)
    return {"users": [shown(call, found)]}


def count(call: Call) -> Json:
    """`GET /users/actions/count`."""
    test = _KINDS.get(call.query("type", "AllUsers"), lambda _: True)
    return {"count": str(sum(map(test, call.org.users.values())))}


def shown(call: Call, user: User) -> Json:
    """A user, as an administrator sees one."""
    first, _, last = user.name.rpartition(" ")
    nobody = [
        "state",
        "fax",
        "zip",
        "phone",
        "dob",
        "city",
        "signature",
        "mobile",
        "website",
        "street",
        "alias",
        "status_reason__s",
        "Reporting_To",
    ]
    described: Json = {
        **dict.fromkeys(nobody),
        "id": user.id,
        "email": user.email,
        "full_name": user.name,
        "first_name": first or None,
        "last_name": last,
        "status": "active" if user.active else "disabled",
        "confirm": True,
        "zuid": user.id[-11:],
        "profile": _ADMIN if user.admin else _STANDARD,
        "role": _ROLE,
        "country": "IN",
        "country_locale": "en_US",
        "language": "en_US",
        "locale": "en_US",
        "microsoft": False,
        "sandboxDeveloper": False,
        "personal_account": False,
        "Isonline": False,
        "category": "regular_user",
        "time_zone": call.org.zone,
        "offset": 19_800_000,
        "time_format": "hh:mm a",
        "date_format": "MMM d, yyyy",
        "decimal_separator": "Period",
        "number_separator": "Space",
        "default_tab_group": "0",
        "name_format__s": "Salutation,First Name,Last Name",
        "sort_order_preference__s": "First Name,Last Name",
        "created_time": _BEGINNING,
        "Modified_Time": _BEGINNING,
        "created_by": call.shapes.user(next(iter(call.org.users)), email=False),
        "Modified_By": call.shapes.user(next(iter(call.org.users)), email=False),
    }
    return described | user.told


def organisation(call: Call) -> Json:
    """`GET /org`."""
    nobody = [
        "photo_id",
        "city",
        "street",
        "alias",
        "state",
        "fax",
        "zip",
        "mobile",
        "zia_portal_id",
        "description",
        "website",
        "phone",
    ]
    described: Json = {
        **dict.fromkeys(nobody),
        "id": "554023000000020005",
        "company_name": "ACME",
        "primary_email": next(iter(call.org.users.values())).email,
        "primary_zuid": next(iter(call.org.users))[-11:],
        "time_zone": call.org.zone,
        "country": "IN",
        "country_code": "IN",
        "currency": "Indian Rupee - INR",
        "currency_symbol": "Rs.",
        "currency_locale": "en_IN",
        "iso_code": "INR",
        "domain_name": "org554023",
        "zgid": "60019394",
        "ezgid": "60019394ezgid",
        "zia_zgid": 60019394,
        "type": "Sandbox",
        "employee_count": str(len(call.org.users)),
        "max_per_page": 200,
        "mc_status": False,
        "gapps_enabled": False,
        "translation_enabled": False,
        "deletable_org_account": True,
        "privacy_settings": False,
        "hipaa_compliance_enabled": False,
        "lite_users_enabled": False,
        "oauth_presence": True,
        "call_icon": "default",
        "created_time": _BEGINNING,
        "hierarchy_preferences": {"type": "Role_Hierarchy", "strictly_reporting": False},
        "checkin_preferences": {"restricted_event_types": None},
        "license_details": {
            "paid_expiry": "2030-01-01T00:00:00+05:30",
            "users_license_purchased": 10,
            "trial_type": None,
            "trial_expiry": None,
            "paid": True,
            "paid_type": "enterprise",
            "trial_action": None,
        },
    }
    return {"org": [described]}


ENDPOINTS = [
    Endpoint("GET", "/crm/v8/users", read_users),
    Endpoint("GET", "/crm/v8/users/actions/count", count),
    Endpoint("GET", "/crm/v8/users/{user}", read_user),
    Endpoint("GET", "/crm/v8/org", organisation),
]
