"""Where a kind lives in Zoho CRM: its module, and which field holds what. Pure.

Field names: zoho.com/crm/developer/docs/api/v8/modules-fields.html. A custom module has `Name`, `Owner` and `Tag` at least.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.sdk import Kind, KindSettings
from hub_zoho_crm.config import (
    ClientOptions,
    ContactOptions,
    KindOptions,
    RequirementOptions,
    TaskOptions,
)
from hub_zoho_crm.forms import CUSTOM, NAME, PLAIN, REFERENCE, TAGS, USER, Form

SYSTEM = ("Created_By", "Created_Time", "Modified_By", "Modified_Time")
"""Asked of every record beside what is mapped."""
FULL_NAME = "Full_Name"
MOST_FIELDS = 50

CLIENT = {
    "name": "Account_Name",
    "domain": "Website",
    "phone": "Phone",
    "owner": "Owner",
    "description": "Description",
}
CONTACT = {"name": FULL_NAME, "email": "Email", "phone": "Phone", "role": "Title", "client": "Account_Name"}
TASK = {
    "title": "Subject",
    "description": "Description",
    "status": "Status",
    "due": "Due_Date",
    "assignees": "Owner",
    "requirement": "What_Id",
}
DEALS = {
    "title": "Deal_Name",
    "description": "Description",
    "status": "Stage",
    "type": "Type",
    "due": "Closing_Date",
    "client": "Account_Name",
    "requester": "Contact_Name",
    "assignees": "Owner",
    "labels": "Tag",
}
CASES = {
    "title": "Subject",
    "description": "Description",
    "status": "Status",
    "type": "Type",
    "priority": "Priority",
    "client": "Account_Name",
    "requester": "Related_To",
    "assignees": "Owner",
    "labels": "Tag",
}
CUSTOM_MODULE = {"title": "Name", "assignees": "Owner", "labels": "Tag"}
REQUIREMENTS = {"Deals": DEALS, "Cases": CASES}

_FORMS = {
    "owner": USER,
    "assignees": USER,
    "labels": TAGS,
    "client": REFERENCE,
    "requester": REFERENCE,
    "parent": REFERENCE,
    "requirement": REFERENCE,
}


@dataclass(frozen=True)
class Layout:
    """One kind in one module.

    Args:
        kind: Which.
        module: The module's API name.
        fields: By canonical field: the API name of what holds it; those that nothing holds are left out.
        options: The connector's settings of this kind.
        custom: API names of custom values.
        under: For tasks: the module whose records they stand under.
    """

    kind: Kind
    module: str
    fields: Mapping[str, str]
    options: KindOptions
    custom: tuple[str, ...] = ()
    under: str | None = None

    @property
    def forms(self) -> dict[str, Form]:
        """By name of the record's field: how its value is written in JSON."""
        forms = {remote: _FORMS.get(name, PLAIN) for name, remote in self.fields.items()}
        forms |= {FULL_NAME: NAME} if FULL_NAME in forms else {}
        return forms | ({CUSTOM_VALUES: CUSTOM} if self.custom else {})

    @property
    def tags(self) -> str | None:
        """The field that holds labels."""
        return self.fields.get("labels")

    @property
    def marker(self) -> str:
        """The field that carries the marker, if the module has it."""
        return self.options.marker_field

    def remote_of(self, name: str) -> str:
        """The record's field that the field of an API name is shown in."""
        if name in {"First_Name", "Last_Name"} and self.kind is Kind.CONTACT:
            return FULL_NAME
        return CUSTOM_VALUES if name in self.custom else name

    def asked(self, *, marked: bool) -> tuple[str, ...]:
        """The API names that are read; with the marker's if the module has that."""
        mapped = {remote for remote in self.fields.values() if remote != FULL_NAME}
        named = {"First_Name", "Last_Name"} if FULL_NAME in self.fields.values() else set()
        return tuple(sorted({*mapped, *named, *self.custom, *SYSTEM, *({self.marker} if marked else ())}))


CUSTOM_VALUES = "custom"
"""The field of a record that holds all custom values."""


def layout_of(kind: Kind, kinds: Mapping[Kind, KindSettings]) -> Layout:
    """Where *kind* lives by the configuration."""
    settings = kinds.get(kind, KindSettings())
    options = options_of(kind, settings)
    match kind:
        case Kind.CLIENT:
            module, fields = "Accounts", CLIENT
        case Kind.CONTACT:
            module, fields = "Contacts", CONTACT
        case Kind.TASK:
            module, fields = "Tasks", TASK
        case _:
            module = requirement_module(kinds)
            fields = REQUIREMENTS.get(module, CUSTOM_MODULE)
    named = {**fields, **options.fields}
    custom = tuple(sorted(set(settings.custom.values())))
    under = requirement_module(kinds) if kind is Kind.TASK else None
    return Layout(kind, module, {n: api for n, api in named.items() if api}, options, custom, under)


def requirement_module(kinds: Mapping[Kind, KindSettings]) -> str:
    """The module whose records are requirements."""
    settings = kinds.get(Kind.REQUIREMENT)
    options = settings.options if settings else None
    return options.module if isinstance(options, RequirementOptions) else "Deals"


OPTIONS: dict[Kind, type[KindOptions]] = {
    Kind.CLIENT: ClientOptions,
    Kind.CONTACT: ContactOptions,
    Kind.REQUIREMENT: RequirementOptions,
    Kind.TASK: TaskOptions,
}


def options_of(kind: Kind, settings: KindSettings) -> KindOptions:
    """The connector's settings of a kind, by default empty ones."""
    given = settings.options
    return given if isinstance(given, KindOptions) else OPTIONS[kind]()
