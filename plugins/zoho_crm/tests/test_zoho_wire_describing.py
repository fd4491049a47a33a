"""What is said of an organisation, and what a configuration makes of its modules."""

from typing import Any

import httpx
import pytest
from hub_zoho_crm.config import RequirementOptions, TaskOptions
from hub_zoho_crm.connector import ZohoConnector
from pydantic import ValidationError

from hub.sdk import Choice, Draft, FieldInfo, Kind, KindSettings, PermissionLost, Phase, Refusal, Refused, SectionText
from plugins.zoho_crm.tests.zoho_answering import (
    FIELDS,
    ME,
    NOTHING,
    REQ,
    TASK,
    Zoho,
    deal,
    field,
    known,
    opened,
    page,
    pages,
    picks,
    requirements,
)


async def described(zoho: Zoho, **more: Any) -> dict[str, FieldInfo]:
    connector = await opened(zoho, **more)
    return {info.name: info for info in (await connector.describe()).fields[REQ]}


async def test_fields_choices_and_people_are_described() -> None:
    retired = {"display_value": "Old", "actual_value": "Old", "type": "unused"}
    stages = field("Stage", "picklist", pick_list_values=[*picks("-None-", "Qualification"), retired])
    fields = [each for each in FIELDS["Deals"] if each["api_name"] != "Stage"]
    people = [ME, {"id": "901", "full_name": "Ana", "email": "ana@acme.example"}]
    zoho = Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": [*fields, stages]})})
    connector = await opened(zoho)
    zoho.answers["GET /users"] = [
        httpx.Response(200, json={"users": people[:1], "info": {"more_records": True}}),
        httpx.Response(200, json={"users": people[1:], "info": {"more_records": False}}),
    ]
    description = await connector.describe()
    assert description.choices(REQ, "Stage") == ("Qualification",)
    assert description.types == {REQ: ("Deals",)}
    assert [(who.id, who.email) for who in description.people] == [(p["id"], p["email"]) for p in people]
    assert [r.url.params["type"] for r in zoho.of("GET /users")] == ["ActiveUsers", "ActiveUsers"]


async def test_what_forecasts_make_of_a_stage_says_how_far_a_deal_is() -> None:
    types = {"Signed": "Closed Won", "Gone": "Closed Lost", "Begun": "Open", "Odd": "Something else", "Bare": None}
    stages = [{"actual_value": name, "type": "used", "forecast_type": said} for name, said in types.items()]
    fields = [each for each in FIELDS["Deals"] if each["api_name"] != "Stage"]
    shown = [*fields, field("Stage", "picklist", pick_list_values=stages)]
    found = await described(Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": shown})}))
    assert found["Stage"].phases == {"Signed": Phase.DONE, "Gone": Phase.DROPPED, "Begun": Phase.OPEN}


async def test_a_field_that_a_new_record_needs_is_told_unless_it_has_a_default() -> None:
    needed = [*FIELDS["Deals"], field("Pipeline", system_mandatory=True)]
    answer = {"GET /settings/fields": httpx.Response(200, json={"fields": needed})}
    assert (await described(Zoho(**answer)))["Pipeline"].required
    filled = requirements(defaults={"Pipeline": "Standard"})
    assert not (await described(Zoho(**answer), requirement=filled))["Pipeline"].required


@pytest.mark.parametrize(
    ("marker", "word"),
    [(None, "add it to Deals"), (field("Hub_Key"), "Do not allow duplicate values")],
)
async def test_a_missing_markers_field_is_required_with_the_fix(marker: Any, word: str) -> None:
    fields = [each for each in FIELDS["Deals"] if each["api_name"] != "Hub_Key"] + ([marker] if marker else [])
    found = (await described(Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": fields})})))["Hub_Key"]
    assert found.required
    assert word in found.label


async def test_a_markers_field_of_another_name_will_do() -> None:
    found = await described(Zoho(), requirement=requirements(marker_field="Seats"))
    assert not found["Hub_Key"].required


async def test_every_field_of_a_module_is_described_and_none_that_it_does_not_have() -> None:
    connector = await opened(Zoho(), requirement=requirements({"budget": "Budgett"}, fields={"status": "Stagge"}))
    description = await connector.describe()
    names = {info.name for info in description.fields[REQ]}
    assert description.whole == {REQ}
    assert {"Stage", "Budget", "Regions", "Layout"} <= names
    assert not {"Stagge", "Budgett"} & names


def test_a_configuration_moves_fields_and_sections() -> None:
    options = RequirementOptions(module="Cases", fields={"background": "Background", "type": "", "priority": "Urgency"})
    connector = Zoho().connector(requirement=KindSettings(options=options))
    mapping = connector.mapping(REQ)
    assert (mapping["title"].remote, mapping["background"].remote) == ("Subject", "Background")
    assert (mapping["priority"].remote, "type" in mapping) == ("Urgency", False)
    assert isinstance(Zoho().connector().mapping(REQ)["background"], SectionText)


def test_without_a_connection_every_vocabulary_is_known() -> None:
    usual = ZohoConnector.kinds[REQ].mapping
    assert {name for name, lens in usual.items() if isinstance(lens, Choice)} == {"status", "type", "priority"}
    assert isinstance(ZohoConnector.kinds[TASK].mapping["status"], Choice)


@pytest.mark.parametrize("options", [{"fields": {"titel": "Name"}}, {"module": "Deals/../x"}, {"colour": "red"}])
def test_a_wrong_option_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RequirementOptions.model_validate(options)


async def test_a_field_that_nobody_may_see_is_never_taken_for_an_empty_one() -> None:
    row = {name: value for name, value in deal(10).items() if name != "Budget"}
    fields = [each for each in FIELDS["Deals"] if each["api_name"] != "Budget"]
    zoho = Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": fields})})
    connector = await opened(zoho, requirement=requirements({"budget": "Budget"}))
    zoho.answers["GET /Deals"] = page([row])
    with pytest.raises(PermissionLost, match="no field Budget"):
        await pages(connector)


async def test_more_fields_than_zoho_shows_at_once_are_refused() -> None:
    connector = await opened(Zoho(), requirement=requirements({f"f{n}": f"Field_{n}" for n in range(50)}))
    with pytest.raises(Refused, match="50 at once"):
        await pages(connector)


async def test_a_markers_field_that_was_added_is_read_from_then_on() -> None:
    without = [each for each in FIELDS["Deals"] if each["api_name"] != "Hub_Key"]
    zoho = Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": without})})
    connector = await opened(zoho)
    zoho.answers["GET /Deals"] = NOTHING
    cursor = (await pages(connector))[-1].cursor
    zoho.answers["GET /settings/fields"] = zoho.fields
    connector = await opened(zoho)
    zoho.answers["GET /Deals"] = page([deal(10)])
    (only,) = await pages(connector, cursor)
    assert only.records[0].marker == "REQ-10"
    assert only.cursor["marked"]


async def test_what_the_hub_made_for_nobody_shows_nobody_as_its_owner() -> None:
    owner = {"id": ME["id"], "name": "Hub"}
    connector = await opened(zoho := Zoho())
    assert (await known(zoho, connector, Owner=owner)).fields["Owner"] is None
    assert (await known(zoho, connector, Owner=owner, Hub_Key=None)).fields["Owner"] == owner


async def test_a_task_without_a_requirement_is_not_made() -> None:
    connector = await opened(zoho := Zoho(), task=KindSettings(options=TaskOptions()))
    (outcome,) = await connector.create(Kind.TASK, [Draft("TSK-1", {"Subject": "Try"})])
    assert isinstance(outcome, Refusal)
    assert "POST /Tasks" not in zoho.names()
