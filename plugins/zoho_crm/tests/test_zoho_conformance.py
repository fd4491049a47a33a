"""The Zoho CRM connector keeps every promise of the contract, for every kind, against the imitation of the service."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hub_zoho_crm.config import RequirementOptions

from hub.sdk import Kind, KindSettings, Vocabulary
from plugins.zoho_crm.tests.zoho_conforming import ZohoConformance


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in the class, so that it stands before the connector is made."""
    with request.instance.serving(monkeypatch):
        yield


class TestClients(ZohoConformance):
    kind, module, key = Kind.CLIENT, "Accounts", "CLI-1"

    def refused(self) -> Mapping[str, Any]:
        return {"Account_Name": "x" * 500}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Industry": "Manufacturing"}


class TestContacts(ZohoConformance):
    kind, module, key = Kind.CONTACT, "Contacts", "CON-1"

    def refused(self) -> Mapping[str, Any]:
        return {"Full_Name": {"first": None, "last": "x" * 500}}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Department": "Sales"}


class TestDeals(ZohoConformance):
    kind, module = Kind.REQUIREMENT, "Deals"

    def refused(self) -> Mapping[str, Any]:
        return {"Stage": "Nowhere"}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Next_Step": "Call them"}


class TestCustomModule(ZohoConformance):
    kind, module = Kind.REQUIREMENT, "Requirements"

    def settings(self) -> dict[Kind, KindSettings]:
        fields = {
            "description": "Description",
            "background": "Background",
            "status": "Status",
            "priority": "Priority",
            "start": "Start_Date",
            "due": "Due_Date",
            "estimate_hours": "Estimate",
            "client": "Account",
            "requester": "Contact",
        }
        options = RequirementOptions(module="Requirements", fields=fields)
        return {**super().settings(), Kind.REQUIREMENT: KindSettings(options=options)}

    def vocabularies(self) -> dict[str, Any]:
        priorities = {"critical": ("Urgent",), "high": ("High",), "medium": ("Medium",), "low": ("Low",)}
        return {
            "status": Vocabulary({"new": ("New",), "in_progress": ("In Progress",)}),
            "priority": Vocabulary(priorities),
        }

    def refused(self) -> Mapping[str, Any]:
        return {"Status": "Nowhere"}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Areas": ["Finance"]}


class TestCases(ZohoConformance):
    kind, module = Kind.REQUIREMENT, "Cases"

    def settings(self) -> dict[Kind, KindSettings]:
        return {**super().settings(), Kind.REQUIREMENT: KindSettings(options=RequirementOptions(module="Cases"))}

    def vocabularies(self) -> dict[str, Any]:
        priorities = {"critical": ("High",), "high": ("High",), "medium": ("Medium",), "low": ("Low",)}
        return {"status": Vocabulary({"new": ("New",)}), "priority": Vocabulary(priorities)}

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {"Case_Origin": "Phone", **super().values(fields)}

    def refused(self) -> Mapping[str, Any]:
        return {"Priority": "Nowhere"}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Internal_Comments": "Call them"}


class TestTasks(ZohoConformance):
    kind, module, key = Kind.TASK, "Tasks", "TSK-1"

    def refused(self) -> Mapping[str, Any]:
        return {"Subject": "x" * 500}

    def unmapped(self) -> Mapping[str, Any]:
        return {"Priority": "Highest"}


class TestComments(ZohoConformance):
    kind, module, key = Kind.COMMENT, "Notes", "CMT-1"

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if body := fields.get("body"):
            values = {"Note_Title": body["title"], "Note_Content": body["text"]}
        if parent := fields.get("parent"):
            values["Parent_Id"] = {"module": {"api_name": "Deals"}, "id": parent}
        return values

    def refused(self) -> Mapping[str, Any]:
        return {"body": {"title": None, "text": "x" * 70_000}}


class TestAttachments(ZohoConformance):
    kind, module, key = Kind.ATTACHMENT, "Deals", "ATT-1"

    async def add(self, fields: Mapping[str, Any]) -> str:
        file = {"file": (fields["name"], b"by hand", fields.get("media_type", "text/plain"))}
        path = f"/Deals/{fields['parent']}/Attachments"
        return f"{fields['parent']}/{self.done(self.ana.post(path, files=file))['id']}"

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        pytest.skip(f"files never change: {record}, {len(fields)} fields")

    async def remove(self, record: str) -> None:
        parent, _, number = record.partition("/")
        self.done(self.ana.delete(f"/Deals/{parent}/Attachments", params={"ids": number}))

    def refused(self) -> Mapping[str, Any]:
        return {"parent": "12"}
