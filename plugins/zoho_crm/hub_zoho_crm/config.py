"""What a `[connections.NAME]` table with `plugin = "zoho_crm"` says, and the connector's own settings of each kind.

Hosts of the data centres: zoho.com/crm/developer/docs/api/v8/multi-dc.html.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from hub.sdk import ConnectionConfig, FieldName, Secret

MARKER_FIELD = "Hub_Key"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where a data centre is: its API, and the accounts server that gives out tokens."""

    api: str
    accounts: str


class DataCentre(StrEnum):
    """Where an organisation's data is; an account of one is unknown in all others."""

    US = "us"
    EU = "eu"
    IN = "in"
    AU = "au"
    JP = "jp"
    CN = "cn"
    CA = "ca"
    SA = "sa"

    @property
    def hosts(self) -> Hosts:
        """Its addresses."""
        return _HOSTS[self]


_HOSTS = {
    DataCentre.US: Hosts("https://www.zohoapis.com", "https://accounts.zoho.com"),
    DataCentre.EU: Hosts("https://www.zohoapis.eu", "https://accounts.zoho.eu"),
    DataCentre.IN: Hosts("https://www.zohoapis.in", "https://accounts.zoho.in"),
    DataCentre.AU: Hosts("https://www.zohoapis.com.au", "https://accounts.zoho.com.au"),
    DataCentre.JP: Hosts("https://www.zohoapis.jp", "https://accounts.zoho.jp"),
    DataCentre.CN: Hosts("https://www.zohoapis.com.cn", "https://accounts.zoho.com.cn"),
    DataCentre.CA: Hosts("https://www.zohoapis.ca", "https://accounts.zohocloud.ca"),
    DataCentre.SA: Hosts("https://www.zohoapis.sa", "https://accounts.zoho.sa"),
}
_PAGES = {
    DataCentre.US: "https://crm.zoho.com",
    DataCentre.EU: "https://crm.zoho.eu",
    DataCentre.IN: "https://crm.zoho.in",
    DataCentre.AU: "https://crm.zoho.com.au",
    DataCentre.JP: "https://crm.zoho.jp",
    DataCentre.CN: "https://crm.zoho.com.cn",
    DataCentre.CA: "https://crm.zohocloud.ca",
    DataCentre.SA: "https://crm.zoho.sa",
}
_TABS = {"Accounts": "Accounts", "Contacts": "Contacts", "Deals": "Potentials", "Cases": "Cases", "Tasks": "Tasks"}


def _web_address(given: str | None) -> str | None:
    if given is not None and not given.startswith(("https://", "http://")):
        raise ValueError("an address begins with https:// (or http:// for a sandbox)")
    return given.rstrip("/") if given else None


class ZohoConfig(ConnectionConfig):
    """One organisation in Zoho CRM, reached as the user who granted the refresh token.

    Args:
        client_id: Of the client registered at https://api-console.zoho.com.
        client_secret: Of the same client.
        refresh_token: Made with `access_type=offline` and the scopes of `SCOPES`.
        data_centre: Where the organisation is.
        url: Stands in for both the API and the accounts server: a sandbox, a proxy.
    """

    client_id: str
    client_secret: Secret
    refresh_token: Secret
    data_centre: DataCentre = DataCentre.US
    url: Annotated[str | None, AfterValidator(_web_address)] = None

    @property
    def accounts(self) -> str:
        """The accounts server."""
        return self.url or self.data_centre.hosts.accounts

    def page(self, module: str, record: str) -> str | None:
        """Where a person opens a record; None for custom modules, and behind a `url` of its own, which has no pages."""
        tab = _TABS.get(module)
        return f"{_PAGES[self.data_centre]}/crm/tab/{tab}/{record}" if tab and not self.url else None


class KindOptions(BaseModel):
    """What every kind that is a record of a module may be told.

    Args:
        fields: By canonical field: the API name of the field that holds it; empty for none.
        defaults: By API name: what a new record gets where the hub says nothing.
        marker_field: The API name of the unique text field that carries the marker.
        trigger: Whether workflows, approvals and the like run on what the hub writes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    NAMES: ClassVar[Collection[str]] = ()

    fields: dict[str, FieldName] = {}
    defaults: dict[FieldName, Any] = {}
    marker_field: str = MARKER_FIELD
    trigger: bool = False

    @field_validator("fields")
    @classmethod
    def _known(cls, given: dict[str, str]) -> dict[str, str]:
        for name in given:
            if name not in cls.NAMES:
                raise ValueError(f"{name!r} has no field of its own here; there are {', '.join(sorted(cls.NAMES))}")
        return given


class ClientOptions(KindOptions):
    """Zoho's settings for clients."""

    NAMES = ("name", "domain", "phone", "owner", "description", "tier")


class ContactOptions(KindOptions):
    """Zoho's settings for contacts."""

    NAMES = ("email", "phone", "role", "client")


class RequirementOptions(KindOptions):
    """Zoho's settings for requirements.

    Args:
        module: The API name of the module whose records are requirements: `Deals`, `Cases`, or a custom module.
    """

    NAMES = (
        "title",
        "description",
        "background",
        "acceptance",
        "type",
        "status",
        "priority",
        "due",
        "start",
        "estimate_hours",
        "client",
        "requester",
        "assignees",
        "labels",
        "parent",
    )

    module: str = Field(default="Deals", pattern=r"^[A-Za-z]\w*$")


class TaskOptions(KindOptions):
    """Zoho's settings for tasks."""

    NAMES = ("title", "description", "status", "due", "assignees", "position")
