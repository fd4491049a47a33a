"""Fields that a configuration names, over real connections, in both editions: every type, there and back."""

from typing import Any

import pytest
from hub_jira.config import RequirementOptions
from hub_jira.sandbox.records import Edition

from hub.mapping import People, Terms
from hub.sdk import BACKGROUND, Criterion, KindSettings, Patch, Record, Refusal, Refused, Written
from plugins.jira.tests.served import REQ, TASK, World, made, pages, records

pytestmark = pytest.mark.parametrize("edition", ["cloud", "datacenter"])
ANA = "ana@acme.example"
WRITABLE: dict[str, tuple[str, Any]] = {
    "External key": ("text", "A-77"),
    "customfield_10202": ("text", "Why *all* of it\nis needed"),
    "Story Points": ("number", 5),
    "Start date": ("day", "2026-12-01"),
    "Go-live": ("text", "2026-12-01T09:30:00.000Z"),
    "Channel": ("text", "Web"),
    "Systems": ("choices", ["ERP", "Shop"]),
    "Checks": ("choices", ["Legal"]),
    "Tags": ("choices", ["erp", "urgent"]),
    "Specification": ("text", "https://acme.example/spec"),
    "Requester": ("text", ANA),
    "Reviewers": ("choices", [ANA]),
    "Region": ("text", "EU / DE"),
    "Severity": ("text", "Major"),
    "Team": ("text", "developers"),
    "Target version": ("text", "2.0"),
    "Seen in": ("choices", ["1.0", "2.0"]),
}


def settings(world: World, *names: str, options: RequirementOptions | None = None) -> dict[str, KindSettings]:
    custom = {f"Our {name}": name for name in names}
    return {**world.everything(), "requirement": KindSettings(("Story",), "Story", options=options, custom=custom)}


def shown(pairs: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    return {name: {"type": kind, "value": value} for name, (kind, value) in pairs.items()}


async def test_every_type_is_written_and_read_back_the_same(world: World) -> None:
    async with world.connector(**settings(world, *WRITABLE)) as (jira, _):
        (outcome,) = await jira.create(REQ, [world.draft(1, custom=shown(WRITABLE))])
        assert isinstance(outcome, Written), outcome
        assert outcome.record.fields["custom"] == shown(WRITABLE)
        (read,) = records(await pages(jira))
        assert read.fields == outcome.record.fields
        emptied = {name: {"type": kind, "value": None} for name, (kind, _) in WRITABLE.items()}
        (outcome,) = await jira.update(REQ, [Patch(read.id, {"custom": emptied}, read)])
        assert isinstance(outcome, Written), outcome
        assert outcome.record.fields["custom"] == emptied
        fetched = (await jira.fetch(REQ, [read.id]))[read.id]
        assert isinstance(fetched, Record)
        assert (fetched.fields, fetched.version) == (outcome.record.fields, outcome.record.version)


async def test_only_what_differs_is_written(world: World) -> None:
    async with world.connector(**settings(world, "Channel", "Tags", "Sprint")) as (jira, wire):
        (record,) = await made(jira, 1, description=world.text("Why"))
        site = world.sandbox.site
        site.issues[record.id].values["customfield_10218"] = "1"
        site.touch(site.issues[record.id])
        base = (await jira.fetch(REQ, [record.id]))[record.id]
        assert isinstance(base, Record)
        assert base.fields["custom"]["Sprint"] == {"type": "choices", "value": ["Sprint 1"]}
        wanted = {**base.fields["custom"], "Channel": {"type": "text", "value": "Phone"}}
        wire.sent.clear()
        (outcome,) = await jira.update(REQ, [Patch(base.id, {"custom": wanted}, base)])
        assert isinstance(outcome, Written), outcome
        assert b"customfield_10218" not in wire.sent[0].content
        assert outcome.record.touches["custom"].who.id == world.sandbox.bot.id


async def test_what_can_only_be_read_and_what_nobody_knows_is_refused_with_the_reason(world: World) -> None:
    async with world.connector(**settings(world, "Sprint", "Requester", "Go-live", "Channel")) as (jira, _):
        for name, value, word in (
            ("Sprint", ["Sprint 2"], "only be read"),
            ("Requester", "nobody@acme.example", "nobody"),
            ("Go-live", "soon", "moment"),
            ("Channel", "Fax", "Fax"),
        ):
            custom = {name: {"type": "text", "value": value}}
            (outcome,) = await jira.create(REQ, [world.draft(1, custom=custom)])
            assert isinstance(outcome, Refusal), name
            assert word in outcome.message


async def test_a_field_that_is_not_there_is_told_with_the_setting_to_mend(world: World) -> None:
    async with world.connector(**settings(world, "Moon phase")) as (jira, _):
        with pytest.raises(Refused, match="Moon phase") as caught:
            await pages(jira)
        assert "custom of requirement" in caught.value.fix


async def test_tasks_show_no_fields_that_only_requirements_name(world: World) -> None:
    async with world.connector(**settings(world, "Channel")) as (jira, _):
        (need,) = await world.made(jira)
        body = {
            "project": {"key": "ACME"},
            "issuetype": {"name": "Sub-task"},
            "summary": "x",
            "parent": {"id": need.id},
        }
        world.as_person("POST", "/issue", {"fields": body}).raise_for_status()
        (task,) = records(await pages(jira, kind=TASK))
        assert "custom" not in task.fields


async def test_background_acceptance_start_and_estimate_have_fields_of_their_own(
    world: World, edition: Edition
) -> None:
    world.sandbox.site.find_project("ACME").screen.append("timetracking")  # type: ignore[union-attr]
    options = RequirementOptions(
        background="customfield_10202", acceptance="customfield_10299", start="customfield_10204", estimate=True
    )
    from hub_jira.sandbox.fields import Field

    world.sandbox.site.fields["customfield_10299"] = Field("customfield_10299", "Acceptance", "rich", "textarea")
    world.sandbox.site.find_project("ACME").screen.append("customfield_10299")  # type: ignore[union-attr]
    async with world.connector(**settings(world, options=options)) as (jira, _):
        mapping = jira.mapping(REQ).bound(Terms("jira", {}, People("jira")))
        assert mapping["description"].apart == ()  # type: ignore[attr-defined]
        criteria = (Criterion(text="Opens in Excel", met=True), Criterion(text="As PDF"))
        fields = {
            "customfield_10202": mapping["background"].put("They **print** it", None),
            "customfield_10299": mapping["acceptance"].put(criteria, None),
            "customfield_10204": "2026-12-01",
            "timeoriginalestimate": mapping["estimate_hours"].put(7.5, None),
        }
        (outcome,) = await jira.create(REQ, [world.draft(1, **fields)])
        assert isinstance(outcome, Written), outcome
        (read,) = records(await pages(jira))
        assert read.fields == outcome.record.fields
        assert mapping["background"].get(read.fields["customfield_10202"]) == "They **print** it"
        assert mapping["acceptance"].get(read.fields["customfield_10299"]) == criteria
        assert "Acceptance" not in str(read.fields["customfield_10299"])
        assert mapping["start"].get(read.fields["customfield_10204"]).isoformat() == "2026-12-01"
        assert mapping["estimate_hours"].get(read.fields["timeoriginalestimate"]) == 7.5
        world.pass_time(60)
        world.as_person("PUT", f"/issue/{read.id}", {"fields": {"timetracking": {"originalEstimate": "1d"}}})
        (later,) = records(await pages(jira))
        assert mapping["estimate_hours"].get(later.fields["timeoriginalestimate"]) == 8
        assert later.touches["timeoriginalestimate"].who.name == "Ana Lima"
        assert later.touches["customfield_10204"].who.id == world.sandbox.bot.id
        (outcome,) = await jira.update(REQ, [Patch(later.id, {"timeoriginalestimate": None}, later)])
        assert isinstance(outcome, Written), outcome
        assert outcome.record.fields["timeoriginalestimate"] is None


async def test_sections_of_the_description_hold_background_and_acceptance(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        mapping = jira.mapping(REQ)
        description = mapping["description"].put("Export it", None)
        description = mapping["background"].put("They print it", description)
        description = mapping["acceptance"].put((Criterion(text="Opens in Excel"),), description)
        (record,) = await world.made(jira, description=description)
        (read,) = records(await pages(jira))
        assert read.fields == record.fields
        shown = read.fields["description"]
        assert mapping["description"].get(shown) == "Export it"
        assert mapping["background"].get(shown) == "They print it"
        assert mapping["acceptance"].get(shown) == (Criterion(text="Opens in Excel"),)
        assert BACKGROUND.english in str(shown)


async def test_named_fields_and_their_choices_are_described(world: World) -> None:
    async with world.connector(**settings(world, "Channel")) as (jira, _):
        told = await jira.describe()
        fields = {field.label: field for field in told.fields[REQ]}
        assert fields["Channel"].choices == ("Web", "Mobile", "Phone")
        assert "read only" in fields["Sprint"].type
        assert {field.name for field in told.fields[TASK]} >= {"summary", "parent", "status"}
        assert fields["Channel"].also == ("Channel",)


async def test_a_field_that_the_site_does_not_have_is_not_described(world: World) -> None:
    options = RequirementOptions(start="customfield_99999")
    async with world.connector(**settings(world, options=options)) as (jira, _):
        told = await jira.describe()
        assert told.whole == {REQ, TASK}
        assert "customfield_99999" not in {field.name for field in told.fields[REQ]}
        assert "environment" in {field.name for field in told.fields[REQ]}, "a setting may name any field of the site"
