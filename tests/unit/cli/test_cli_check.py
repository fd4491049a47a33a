"""`hub check`: every finding at once, and the configuration held against what services have."""

from typing import Any

import pytest
from pydantic import BaseModel

from hub.config import Spoke
from hub.config.live import compare as compare_live
from hub.config.live import strangers
from hub.config.naming import near
from hub.config.settings import Connection
from hub.errors import Finding, ServiceDown
from hub.mapping import Account, CustomFields, FieldMap, Text, Vocabulary
from hub.model import Kind
from hub.reconcile import Route, Where
from hub.sdk import FieldName
from hub.sdk.connector import Description, FieldInfo, KindSettings
from hub.testing.memory import Fault, MemoryConfig, MemoryConnector

Office = Any
REQ = Kind.REQUIREMENT


def spoke(status: dict[str, Any] | None = None, **settings: Any) -> Spoke:
    connection = Connection("left", MemoryConnector, MemoryConfig(plugin="memory", service="left"))
    vocabularies = {"status": Vocabulary.from_config(status)} if status else {}
    return Spoke(connection, {REQ: Route(True, True, Where({}))}, {REQ: KindSettings(**settings)}, vocabularies)


def has(*statuses: str, types: tuple[str, ...] = (), **more: Any) -> Description:
    return Description({REQ: types}, {REQ: (FieldInfo("status", choices=statuses), *more.get("fields", ()))})


def compare(given: Spoke, where: str, description: Description, mapping: FieldMap | None = None) -> list[Finding]:
    usual = MemoryConnector.kinds
    return compare_live(given, where, description, lambda kind: mapping or usual[kind].mapping)


def test_a_written_name_that_the_service_does_not_have_is_an_error_with_a_suggestion() -> None:
    (finding,) = compare(spoke({"new": "To Doo"} | {"otherwise": {"read": "new"}}), "s", has("To Do", "Done"))
    assert (finding.where, finding.level, finding.fix) == ("s.status.new", "error", "did you mean To Do?")


def test_a_name_that_is_only_read_does_no_harm() -> None:
    (finding,) = compare(spoke({"new": ["To Do", "Open"]}), "s", has("To Do"))
    assert (finding.level, finding.message) == ("warning", "the service has no 'Open'")


def test_names_of_the_service_that_nothing_maps_are_a_warning_unless_there_is_an_otherwise() -> None:
    (finding,) = compare(spoke({"new": "To Do"}), "s", has("To Do", "Doing", "Done"))
    assert finding.level == "warning"
    assert "'Doing', 'Done'" in finding.message
    assert compare(spoke({"new": "To Do", "otherwise": {"read": "new"}}), "s", has("To Do", "Doing")) == []


def test_types_that_the_service_does_not_have_are_errors() -> None:
    found = compare(spoke({"new": "To Do"}, types=("Storry",), create_type="Epos"), "s", has("To Do", types=("Story",)))
    assert [(f.where, f.level) for f in found] == [
        ("s.requirement.types", "error"),
        ("s.requirement.create_type", "error"),
    ]


def test_a_field_that_a_new_record_needs_and_nobody_fills_is_a_warning() -> None:
    needed = FieldInfo("customfield_1", "Cost centre", required=True)
    (finding,) = compare(spoke({"new": "To Do"}), "s", has("To Do", fields=(needed,)))
    assert "Cost centre" in finding.message


def test_a_field_that_the_configuration_itself_maps_is_filled() -> None:
    needed = FieldInfo("Name", "Requirement Name", required=True)
    assert compare(spoke(), "s", has(fields=(needed,)), FieldMap(title=Text("Name"))) == []


FIELDS = (
    FieldInfo("Budget", "Sales budget"),
    FieldInfo("cf_7", "Cost centre", also=("Cost centre",)),
    FieldInfo("cf_8", "Site", also=("Site",)),
    FieldInfo("cf_9", "Site", also=("Site",)),
)


def settings(custom: dict[str, str] | None = None, **options: Any) -> Spoke:
    return spoke(custom=custom or {}, options=Options(**options))


class Options(BaseModel):
    fields: dict[str, FieldName] = {}
    defaults: dict[FieldName, Any] = {}
    many: list[FieldName] = []
    colour: str = ""


def told(given: Spoke, *, whole: bool = True, mapping: FieldMap | None = None) -> list[tuple[str, str, str]]:
    description = Description(fields={REQ: FIELDS}, whole=frozenset({REQ} if whole else ()))
    found = compare(given, "s", description, mapping or FieldMap(custom=CustomFields("custom")))
    return [(finding.where, finding.message, finding.fix) for finding in found if finding.level == "error"]


def test_a_custom_field_that_the_service_does_not_have_is_an_error_with_the_nearest_names() -> None:
    (finding,) = told(settings({"budget": "sales_budgett"}))
    assert finding == (
        "s.requirement.custom.budget",
        "the service has no field 'sales_budgett'",
        "did you mean Budget (Sales budget)?",
    )


def test_a_field_is_named_by_its_name_or_by_what_else_it_may_be_called() -> None:
    assert told(settings({"one": "Budget", "two": "cost CENTRE", "three": "cf_8"})) == []


def test_what_people_call_a_field_is_no_name_for_it_unless_the_service_takes_it() -> None:
    ((where, _, fix),) = told(settings({"one": "Sales budget"}))
    assert (where, fix) == ("s.requirement.custom.one", "did you mean Budget (Sales budget)?")


def test_a_name_that_several_fields_have_is_an_error_with_what_tells_them_apart() -> None:
    ((_, message, fix),) = told(settings({"site": "site"}))
    assert (message, fix) == ("the service has several fields 'site'", "name one of cf_8, cf_9")


def test_a_field_that_a_connectors_own_setting_names_is_looked_for_too() -> None:
    given = settings(fields={"status": "Stagge", "due": ""}, defaults={"Piplin": 1}, many=["x"], colour="red")
    wheres = [where for where, _, _ in told(given, mapping=FieldMap(title=Text("Stagge")))]
    assert wheres == ["s.requirement.fields.status", "s.requirement.defaults.Piplin", "s.requirement.many"]


def test_a_field_that_a_lens_looks_at_and_nobody_named_is_told_with_what_it_is_for() -> None:
    ((where, message, _),) = told(settings(), mapping=FieldMap(title=Text("Nowhere")))
    assert (where, message) == (
        "s.requirement",
        "the service has no field 'Nowhere', which is looked at for title",
    )


def test_where_no_field_is_called_nearly_so_a_few_are_listed_and_many_counted() -> None:
    ((_, _, few),) = told(settings({"one": "qqqq"}))
    assert few == "there are: Budget (Sales budget), cf_7 (Cost centre), cf_8 (Site), cf_9 (Site)"
    many = [FieldInfo(f"field_{n}") for n in range(99)]
    assert near("qqqq", many, many) == "none of its 99 other fields is called nearly so"


def test_an_id_with_another_number_is_not_near() -> None:
    assert near("cf_10", FIELDS, FIELDS).startswith("there are: ")


def test_a_field_that_is_mapped_already_is_not_listed() -> None:
    ((_, _, fix),) = told(settings({"one": "qqqq"}), mapping=FieldMap(title=Text("Budget")))
    assert "Budget" not in fix


def test_of_a_service_that_does_not_tell_all_its_fields_none_is_called_missing() -> None:
    assert told(settings({"one": "Nowhere"}), whole=False) == []


def test_people_whom_neither_mail_nor_configuration_ties_are_listed_compactly() -> None:
    here = [Account("1", "Ann", "ann@x.example"), Account("2", "Bo"), *(Account(f"9{i}", f"P{i}") for i in range(7))]
    there = [Account("a", "Ann", "ANN@x.example"), Account("b", "Bo", "bo@x.example")]
    people = {"bo@x.example": {"here": "2"}}
    (finding,) = strangers(people, {"here": here, "there": there})
    assert finding.message.startswith("7 of 9 people of here are known nowhere else: P0 (90), ")
    assert finding.message.endswith(" and 2 more")


def test_check_tells_every_mistake_at_once(office: Office) -> None:
    office.file.write_text('[connections.a]\nplugin = "memorie"\n[syncs.x]\nevrey = "2m"\n[syncs.x.spokes.a]\n')
    answer = office.json("check", code=2)
    assert answer["ok"] is False
    wheres = {finding["where"] for finding in answer["findings"]}
    assert {"connections.a.plugin", "syncs.x.evrey"} <= wheres
    assert "did you mean memory?" in office.run("check").stdout


def test_a_missing_file_is_a_finding(office: Office) -> None:
    office.file.unlink()
    (finding,) = office.json("check", code=2)["findings"]
    assert "hub init" in finding["fix"]


def test_a_live_check_shows_whose_account_it_is(office: Office) -> None:
    answer = office.json("check", "--live")
    assert answer["ok"] is True
    assert answer["connections"]["left"]["name"] == "Hub"
    assert "Hub" in office.run("check", "--live").stdout


def test_a_live_check_names_the_connection_that_does_not_work(office: Office) -> None:
    office.left.token = "other"
    (finding,) = [f for f in office.json("check", "--live", code=2)["findings"] if f["level"] == "error"]
    assert finding["where"] == "connections.left"


def test_a_service_that_is_down_is_exit_code_three(office: Office) -> None:
    office.left.faults.append(Fault("open", ServiceDown("no answer"), times=9))
    assert office.run("check", "--live").exit_code == 3


@pytest.mark.parametrize("options", [(), ("--live",)])
def test_looking_for_mistakes_makes_no_database(office: Office, options: tuple[str, ...]) -> None:
    assert office.json("check", *options)["ok"] is True
    assert [each.name for each in office.folder.iterdir()] == ["hub.toml"]


def test_looking_for_mistakes_leaves_the_database_as_it_is(office: Office) -> None:
    office.json("sync")
    before = (office.folder / "hub.db").read_bytes()
    office.json("check", "--live")
    assert (office.folder / "hub.db").read_bytes() == before


def test_a_database_that_could_not_be_made_is_a_finding(office: Office) -> None:
    office.file.write_text('[hub]\nstore = "sqlite:///nowhere/hub.db"\n' + office.file.read_text())
    (finding,) = office.json("check", code=2)["findings"]
    assert finding["where"] == "hub.store"
