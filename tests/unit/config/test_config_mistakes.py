"""A broken hub.toml: every mistake is told at once, with its place and what to do."""

from pathlib import Path

import pytest

from hub.config import Config, load_config
from hub.errors import ConfigError
from hub.plugins import discover

GOOD = """
[hub]
store = "sqlite:///hub.db"

[connections.jira]
plugin = "jira"
url = "https://acme.atlassian.net"
auth = { kind = "token", user = "bot@acme.example", token = { env = "JIRA_TOKEN" } }
project = "ACME"

[connections.trello]
plugin = "trello"
key = { env = "TRELLO_KEY" }
token = { env = "TRELLO_TOKEN" }
board = "5ad3c6eb79d93844dc6b0b3f"

[syncs.delivery]
every = "2m"
full_every = "1d"

[syncs.delivery.spokes.jira]
audience = "internal"
requirement = { originates = true, creates = true, types = ["Story", "Task"], create_type = "Story" }
task        = { originates = true, creates = true, types = ["Sub-task"], create_type = "Sub-task" }
status   = { new = ["To Do", "Open"], in_progress = "In Progress", delivered = "Done", otherwise = { write = "To Do", read = "new" } }
priority = { critical = "Highest", high = "High", medium = "Medium", low = "Low" }
on_delete = "unlink"

[syncs.delivery.spokes.trello]
audience = "internal"
requirement = { originates = true, creates = true, where = { labels = ["client"] } }
status = { new = "Backlog", in_progress = "Doing", delivered = "Done" }

[syncs.delivery.rules]
default = "latest"
status = "owner:jira"
description = "merge"
due = "ask"

[people]
"li.wei@acme.example" = { jira = "5b10ac8d82e05b22cc7d4ef5", trello = "liwei" }
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JIRA_TOKEN", "TRELLO_KEY", "TRELLO_TOKEN"):
        monkeypatch.setenv(name, "secret")


def load(folder: Path, text: str) -> Config:
    file = folder / "hub.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, discover())


def mistakes(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return {finding.where: f"{finding.message} | {finding.fix}" for finding in caught.value.findings}


def absent(config: Config) -> dict[str, str]:
    return {finding.where: finding.message for finding in config.absent(config.connections)}


def test_the_example_of_the_contract_is_accepted(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert list(config.syncs["delivery"].spokes) == ["jira", "trello"]
    assert config.store == str(tmp_path.resolve() / "hub.db")


def test_a_status_without_a_name_on_one_side_is_a_warning(tmp_path: Path) -> None:
    warnings = {finding.where: finding.message for finding in load(tmp_path, GOOD).warnings}
    assert "approved" in warnings["syncs.delivery.spokes.trello.status"]


BROKEN = {
    # a setting that does not exist: where it stands, and what was probably meant
    'store = "sqlite:///hub.db"': ('stoer = "sqlite:///hub.db"', "hub.stoer", "did you mean store?"),
    # a secret written out
    'token = { env = "JIRA_TOKEN" }': (
        'token = "abc123"',
        "connections.jira.auth.token",
        "a secret is never written here",
    ),
    # a setting that is missing
    'project = "ACME"': ("", "connections.jira.project", "is missing"),
    # a plugin that is not installed
    'plugin = "trello"': ('plugin = "trelo"', "connections.trello.plugin", "did you mean trello?"),
    # a length of time that is none
    'every = "2m"': ('every = "two minutes"', "syncs.delivery.every", 'write "30s", "2m"'),
    # a canonical value that does not exist
    'in_progress = "In Progress"': (
        'in_progres = "In Progress"',
        "syncs.delivery.spokes.jira.status.in_progres",
        "did you mean in_progress?",
    ),
    # a policy that does not exist
    'on_delete = "unlink"': ('on_delete = "forget"', "syncs.delivery.spokes.jira.on_delete", "'unlink'"),
    # a rule that does not exist
    'default = "latest"': ('default = "newest"', "syncs.delivery.rules.default", "there is no rule 'newest'"),
    # a rule that names no spoke of the sync
    'status = "owner:jira"': ('status = "owner:jra"', "syncs.delivery.rules.status", "the spokes are jira, trello"),
    # a rule for a field that does not exist
    'due = "ask"': ('dew = "ask"', "syncs.delivery.rules.dew", "did you mean due?"),
    # an account that is somebody else's, a person who is none
    '"li.wei@acme.example" = {': ('"li wei" = {', "people.li wei", "is no e-mail address"),
    # a value of the wrong type
    'types = ["Story", "Task"]': ("types = 7", "syncs.delivery.spokes.jira.requirement.types", "valid list"),
}


def test_a_dozen_mistakes_are_all_told_at_once(tmp_path: Path) -> None:
    text = GOOD
    for right, (wrong, _, _) in BROKEN.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    found = mistakes(tmp_path, text)
    for _, place, words in BROKEN.values():
        assert words in found[place], (place, found.get(place))


@pytest.mark.parametrize("right", BROKEN)
def test_a_single_mistake_is_the_only_one_told(tmp_path: Path, right: str) -> None:
    wrong, place, words = BROKEN[right]
    found = mistakes(tmp_path, GOOD.replace(right, wrong, 1))
    assert words in found[place]
    assert {where for where in found if not where.startswith("syncs.delivery.spokes.trello.status")} <= {
        place,
        *warned(),
    }


def warned() -> set[str]:
    """Doubts that the good file has as well."""
    return {f"syncs.delivery.spokes.jira.{name}" for name in ("type", "status", "priority")}


def test_text_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in mistakes(tmp_path, '[hub]\nstore = "oops\n')["hub.toml"]


def test_a_file_that_is_not_there_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hub init"):
        load_config(tmp_path / "hub.toml", discover())


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "hub.toml", discover())


def test_a_secret_that_is_not_set_names_the_variable_and_never_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    found = absent(load(tmp_path, GOOD))
    assert "JIRA_TOKEN is not set" in found["connections.jira.auth.token"]


def test_beside_a_mistake_a_secret_that_is_not_set_is_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    found = mistakes(tmp_path, GOOD.replace("sqlite:///hub.db", "postgres://"))
    assert {"hub.store", "connections.jira.auth.token"} <= found.keys()


def test_a_secret_written_out_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace('token = { env = "JIRA_TOKEN" }', 'token = "hunter2-very-secret"'))
    assert "hunter2" not in str(caught.value)


TOKEN_IN_FILE = GOOD.replace('{ env = "JIRA_TOKEN" }', '{ file = "secrets/jira" }').replace(
    '{ env = "TRELLO_KEY" }', '{ file = "secrets/jira" }'
)


def test_a_secret_file_is_found_beside_the_configuration_wherever_the_hub_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "jira").write_text("hush\n", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    connections = load(tmp_path, TOKEN_IN_FILE).connections
    assert connections["jira"].config.auth.token.get_secret_value() == "hush"  # type: ignore[attr-defined]
    assert connections["trello"].config.key.get_secret_value() == "hush"  # type: ignore[attr-defined]


def test_a_secret_file_may_be_named_by_its_whole_path(tmp_path: Path) -> None:
    token = tmp_path / "far away"
    token.write_text("hush", encoding="utf-8")
    (tmp_path / "hub").mkdir()
    load(tmp_path / "hub", TOKEN_IN_FILE.replace('"secrets/jira"', f"'{token}'"))


@pytest.mark.parametrize("name", ["secrets/jira", "~nobody-of-that-name/token"])
def test_a_secret_file_that_is_not_there_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    found = absent(load(tmp_path, TOKEN_IN_FILE.replace("secrets/jira", name)))
    assert f"the secret file {tmp_path / name} cannot be read" in found["connections.jira.auth.token"]


def test_two_people_with_one_account_are_told(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD + '"other@acme.example" = { trello = "liwei" }\n')
    assert "li.wei@acme.example" in found["people.other@acme.example.trello"]


def test_a_spoke_without_a_connection_is_told_with_what_there_is(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GOOD.replace("spokes.trello]", "spokes.trelo]"))
    assert "did you mean trello?" in found["syncs.delivery.spokes.trelo"]


def test_statuses_of_tasks_may_stand_in_the_same_table(tmp_path: Path) -> None:
    text = GOOD.replace(
        'in_progress = "In Progress"', 'in_progress = "In Progress", doing = "In Progress", done = "Done"', 1
    )
    names = load(tmp_path, text).syncs["delivery"].spokes["jira"].vocabularies["status"].names
    assert (names["doing"], names["done"], names["in_progress"]) == (("In Progress",), ("Done",), ("In Progress",))


def test_two_custom_values_for_one_field_are_told(tmp_path: Path) -> None:
    told = mistakes(tmp_path, GOOD.replace('types = ["Story", "Task"],', 'custom = { area = "Ext", cost = "Ext" },'))
    said = "2 names stand for the field 'Ext' | keep one of them"
    assert told["syncs.delivery.spokes.jira.requirement.custom"] == said
