"""`hub check`: every finding at once, and the configuration held against what services have."""

from typing import Any

import pytest

from hub.config import Spoke
from hub.config.live import compare, strangers
from hub.config.settings import Connection
from hub.errors import ServiceDown
from hub.mapping import Account, Vocabulary
from hub.model import Kind
from hub.reconcile import Route, Where
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
