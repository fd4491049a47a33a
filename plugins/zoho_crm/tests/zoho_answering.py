"""A Zoho CRM that gives the answers a test wants, without a server."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from hub_zoho_crm.config import RequirementOptions, ZohoConfig
from hub_zoho_crm.connector import ZohoConnector
from pydantic import SecretStr

from hub.sdk import Draft, Kind, KindSettings, MemoryVault, Network, Outcome, Page, Patch, Record, Setup

CLIENT, CONTACT, REQ, TASK = Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT, Kind.TASK
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ME = {"id": "900", "full_name": "Hub", "email": "hub@acme.example"}
ANA = {"id": "901", "name": "Ana", "email": "ana@acme.example"}
TOKEN = {"access_token": "1000.first", "api_domain": "https://www.zohoapis.eu", "expires_in": 3600}


def field(name: str, data_type: str = "text", **more: Any) -> dict[str, Any]:
    return {"api_name": name, "field_label": name.replace("_", " "), "data_type": data_type, **more}


def picks(*names: str) -> list[dict[str, Any]]:
    return [{"display_value": name, "actual_value": name, "type": "used"} for name in names]


FIELDS = {
    "Deals": [
        *(field(name) for name in ("Description", "Type", "Account_Name", "Contact_Name", "Owner", "Tag", "Urgency")),
        field("Deal_Name", system_mandatory=True),
        field("Stage", "picklist", pick_list_values=picks("Qualification", "Closed Won"), system_mandatory=True),
        field("Closing_Date", "date"),
        field("Hub_Key", unique={"casesensitive": False}),
        field("Budget", "currency"),
        field("Regions", "multiselectpicklist", pick_list_values=picks("North", "South")),
        field("Go_Live", "datetime"),
        field("Seats", "integer"),
        field("Urgent", "boolean"),
    ],
    "Accounts": [field("Account_Name", system_mandatory=True), field("Hub_Key", unique={"casesensitive": False})],
    "Contacts": [
        *(field(name) for name in ("First_Name", "Email", "Phone", "Title", "Account_Name")),
        field("Last_Name", system_mandatory=True),
        field("Hub_Key", unique={"casesensitive": False}),
    ],
    "Tasks": [
        *(field(name) for name in ("Description", "Status", "Due_Date", "Owner", "What_Id")),
        field("Subject", system_mandatory=True),
        field("Hub_Key", unique={"casesensitive": False}),
    ],
}


def deal(number: int = 10, **values: Any) -> dict[str, Any]:
    shown = {
        "Deal_Name": f"Deal {number}",
        "Description": None,
        "Stage": "Qualification",
        "Type": None,
        "Closing_Date": "2026-12-01",
        "Account_Name": {"id": "50", "name": "Acme"},
        "Contact_Name": None,
        "Owner": ANA,
        "Tag": [{"name": "erp", "id": "70", "color_code": None}],
        "Created_By": ME,
        "Created_Time": "2026-10-01T10:00:00+02:00",
        "Modified_By": ANA,
        "Modified_Time": "2026-10-02T10:00:00+02:00",
        "Hub_Key": f"REQ-{number}",
    }
    return {"id": str(number), **shown, **values}


def page(shown: list[dict[str, Any]], token: str | None = None, **info: Any) -> httpx.Response:
    told = {"count": len(shown), "more_records": token is not None, "next_page_token": token, **info}
    return httpx.Response(200, json={"data": shown, "info": told}) if shown else NOTHING


def said(*rows: Mapping[str, Any], status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"data": list(rows)})


def done(number: int | str) -> dict[str, Any]:
    return {"code": "SUCCESS", "details": {"id": str(number)}, "message": "record added", "status": "success"}


def wrong(code: str, message: str = "no", **details: Any) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def refused(status: int, code: str, message: str = "no", **details: Any) -> httpx.Response:
    return httpx.Response(status, json=wrong(code, message, **details))


NOTHING = httpx.Response(204)
UNMODIFIED = httpx.Response(304)
EXPIRED = refused(401, "INVALID_TOKEN", "invalid oauth token")


class Zoho:
    """Answers by method and path; what a test gives comes first, and a list is used up one by one."""

    def __init__(self, **given: Any) -> None:
        self.sent: list[httpx.Request] = []
        self.slept: list[float] = []
        self.vault = MemoryVault()
        self.now = NOW
        self.shown: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Any] = {
            "POST /oauth/v2/token": httpx.Response(200, json=TOKEN),
            "GET /users": httpx.Response(200, json={"users": [ME]}),
            "GET /org": httpx.Response(200, json={"org": [{"id": "1", "zgid": "77"}]}),
            "GET /settings/fields": self.fields,
            "GET /Deals": self.bulk,
            "GET /Deals/deleted": NOTHING,
            "POST /coql": NOTHING,
            **given,
        }

    def fields(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"fields": FIELDS[request.url.params["module"]]})

    def bulk(self, request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get("ids", "").split(",")
        return page([self.shown[number] for number in ids if number in self.shown])

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.get(self.name(request))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        return answer or refused(
            404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
        )

    def name(self, request: httpx.Request) -> str:
        return f"{request.method} {request.url.path.removeprefix('/crm/v8')}"

    def names(self) -> list[str]:
        return [self.name(request) for request in self.sent]

    def of(self, name: str) -> list[httpx.Request]:
        return [request for request in self.sent if self.name(request) == name]

    def bodies(self, name: str) -> list[Any]:
        return [json.loads(request.content) for request in self.of(name)]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def connector(self, table: Mapping[str, Any] | None = None, **kinds: KindSettings) -> ZohoConnector:
        config = ZohoConfig.model_validate(
            {
                "plugin": "zoho_crm",
                "client_id": "1000.CLIENT",
                "client_secret": SecretStr("hush-client"),
                "refresh_token": SecretStr("hush-refresh"),
                "data_centre": "eu",
                **(table or {}),
            }
        )
        network = Network(httpx.MockTransport(self), self._sleep, lambda: self.now, lambda: 0.0)
        settings = {Kind(name): value for name, value in kinds.items()} or {REQ: KindSettings()}
        return ZohoConnector(Setup("zoho", config, settings, network, lambda: self.now, self.vault))


async def opened(zoho: Zoho, **more: Any) -> ZohoConnector:
    connector = zoho.connector(**more)
    await connector.open()
    zoho.sent.clear()
    return connector


async def known(zoho: Zoho, connector: ZohoConnector, number: int = 10, **values: Any) -> Record:
    zoho.shown[str(number)] = deal(number, **values)
    record = (await connector.fetch(REQ, [str(number)]))[str(number)]
    assert isinstance(record, Record)
    zoho.sent.clear()
    return record


async def patched(zoho: Zoho, fields: Mapping[str, Any], **values: Any) -> Outcome:
    connector = await opened(zoho)
    record = await known(zoho, connector, **values)
    (outcome,) = await connector.update(REQ, [Patch(record.id, fields, record)])
    return outcome


async def pages(connector: ZohoConnector, cursor: Any = None, *, kind: Kind = REQ, full: bool = False) -> list[Page]:
    return [each async for each in connector.changes(kind, cursor, full=full)]


def drafts(count: int, **fields: Any) -> list[Draft]:
    return [
        Draft(f"REQ-{number}", {"Deal_Name": f"Deal {number}", "Stage": "Qualification", **fields})
        for number in range(1, count + 1)
    ]


def requirements(custom: Mapping[str, str] | None = None, **options: Any) -> KindSettings:
    return KindSettings(options=RequirementOptions(**options), custom=custom or {})
