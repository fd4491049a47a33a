"""`hub check --live` on services that speak their real protocols: what it tells, and what it costs them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.cli.session import Session
from tests.e2e.house import House, house


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as opened:
        yield opened


def run(home: House, *command: str) -> Any:
    answer = CliRunner().invoke(cli, ["--config", str(home.config), *command, "--json"], obj=Session())
    assert answer.exit_code in {0, 2}, answer.output
    return json.loads(answer.stdout)


def synced(home: House) -> None:
    assert [report["outcome"] for report in run(home, "sync")] == ["done"]


def checked(home: House) -> dict[str, Any]:
    return dict(run(home, "check", "--live"))


def told(home: House) -> list[tuple[str, str, str, str]]:
    return [(each["level"], each["where"], each["message"], each["fix"]) for each in checked(home)["findings"]]


def test_fields_that_a_connection_maps_are_not_said_to_be_unfilled(home: House) -> None:
    found = told(home)
    assert [each for each in found if each[0] == "error" or "needs the field" in each[2]] == []


def test_fields_that_a_service_does_not_have_are_told_with_the_nearest(home: House) -> None:
    home.spokes["zoho"]["requirement"]["fields"]["due"] = "DueDate"
    home.spokes["zoho"]["requirement"]["custom"] = {"estimate": "Estimat"}
    home.spokes["jira"]["requirement"] |= {"custom": {"channel": "Chanel"}, "start": "customfield_99999"}
    home.spokes["trello"]["requirement"]["custom"] = {"budget": "Nowhere"}
    errors = {where: fix for level, where, _, fix in told(home) if level == "error"}
    spokes = "syncs.delivery.spokes"
    assert set(errors) == {
        f"{spokes}.zoho.requirement.fields.due",
        f"{spokes}.zoho.requirement.custom.estimate",
        f"{spokes}.jira.requirement.custom.channel",
        f"{spokes}.jira.requirement.start",
        f"{spokes}.trello.requirement.custom.budget",
    }
    assert "Due_Date" in errors[f"{spokes}.zoho.requirement.fields.due"]
    assert "Estimate" in errors[f"{spokes}.zoho.requirement.custom.estimate"]
    assert "(Channel)" in errors[f"{spokes}.jira.requirement.custom.channel"]


TOKEN = "POST /oauth/v2/token"


def test_a_live_check_uses_the_access_token_that_a_run_has_kept(home: House) -> None:
    synced(home)
    assert home.calls("zoho")[TOKEN] == 1
    checked(home)
    assert TOKEN not in home.calls("zoho")


def test_a_token_that_a_live_check_had_to_ask_for_is_kept_where_there_is_a_database(home: House) -> None:
    synced(home)
    home.calls("zoho")
    with home.hub() as hub:
        hub.store.keep_sealed("zoho", "access", "made with other secrets")
    checked(home)
    checked(home)
    assert home.calls("zoho")[TOKEN] == 1


def test_a_live_check_asks_for_one_token_however_many_syncs_a_connection_is_in(home: House) -> None:
    home.other_syncs = {"archive": {"spokes": {"zoho": home.spokes["zoho"], "trello": home.spokes["trello"]}}}
    assert [each for each in told(home) if each[0] == "error"] == []
    assert home.calls("zoho")[TOKEN] == 1
    assert not (home.folder / "hub.db").exists()


def test_setting_up_asks_for_one_token(home: House) -> None:
    file = home.folder / "made.toml"
    given = {"zoho": home.services["zoho"].connection(), "jira": home.services["jira"].connection()}
    wanted = [part for name, table in given.items() for part in ("--connection", f"{name}={table['plugin']}")]
    settings = [f"{name}.{path}={value}" for name, table in given.items() for path, value in leaves(table)]
    arguments = ["--config", str(file), "init", "--yes", *wanted, *(p for each in settings for p in ("--set", each))]
    answer = CliRunner().invoke(cli, arguments, obj=Session())
    assert answer.exit_code == 0, answer.output
    assert home.calls("zoho")[TOKEN] == 1


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """The settings of a connection as `--set` takes them: `auth.user` and its value, secrets as `env:NAME`."""
    for name, value in table.items():
        if isinstance(value, dict) and set(value) == {"env"}:
            yield f"{path}{name}", f"env:{value['env']}"
        elif isinstance(value, dict):
            yield from leaves(value, f"{path}{name}.")
        elif name != "plugin":
            yield f"{path}{name}", str(value)
