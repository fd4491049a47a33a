"""`hub init`: any connector's settings are asked for; what it proposes passes its own check."""

import tomllib
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest
from pydantic import BaseModel

from hub.cli.asking import ask, questions, table
from hub.config.placing import propose_names
from hub.config.proposing import propose_people
from hub.config.writing import toml_key, toml_value
from hub.errors import UsageError
from hub.mapping import Account
from hub.model import Priority, RequirementStatus
from hub.plugins import Registry
from hub.sdk import ConnectionConfig, Secret
from hub.sdk.connector import Connector
from hub.testing.memory import MemoryConnector

Office = Any
STATUSES = [str(status) for status in RequirementStatus]


class Token(BaseModel):
    kind: Literal["token"]
    user: str
    token: Secret


class OAuth(BaseModel):
    kind: Literal["oauth"]
    client: str


class Rich(ConnectionConfig):
    """A connection.

    Args:
        url: Where it is.
    """

    url: str
    auth: Token | OAuth
    limit: int
    colour: str | None = None


class Guarded(MemoryConnector):
    """The service in memory, with a secret."""

    name: ClassVar[str] = "guarded"

    class Config(ConnectionConfig):
        """A connection."""

        service: str
        key: Secret
        token: str = "good"


@pytest.fixture
def guarded(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("A_KEY", "s3cret")
    connectors: Mapping[str, type[Connector]] = {"memory": MemoryConnector, "guarded": Guarded}
    office.registry = Registry(connectors)
    office.file.unlink()
    return office


BOTH = ("--connection", "a=guarded", "--connection", "b=memory", "--set", "a.service=left", "--set", "b.service=right")


def test_settings_of_nested_models_are_asked_for_one_by_one() -> None:
    asked = {each.path: each for each in questions(Rich, {})}
    assert list(asked) == ["url", "auth.kind", "auth.user", "auth.token", "limit", "colour"]
    assert asked["auth.token"].secret
    assert asked["auth.kind"].fixed == "token"
    assert asked["url"].about == "Where it is."
    assert [each.path for each in questions(Rich, {"auth.kind": "oauth"})][1:3] == ["auth.kind", "auth.client"]


def test_answers_become_a_table_in_which_secrets_are_named_and_numbers_are_numbers() -> None:
    answers = {"url": "https://x", "auth.user": "bot", "limit": "5"}
    assert table("rich", Rich, answers, "my-x") == {
        "plugin": "rich",
        "url": "https://x",
        "auth": {"kind": "token", "user": "bot", "token": {"env": "MY_X_TOKEN"}},
        "limit": 5,
    }


def test_a_secret_that_is_written_out_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as refused:
        table("rich", Rich, {"url": "x", "auth.user": "bot", "limit": "5", "auth.token": "hunter2"}, "x")
    assert "hunter2" not in str(refused.value)


def test_what_is_missing_is_told_with_the_options_to_add() -> None:
    with pytest.raises(UsageError, match=r"--set x\.auth\.user=… --set x\.limit=…"):
        table("rich", Rich, {"url": "x"}, "x")


def test_only_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("click.prompt", lambda text, **_: asked.append(text) or "1")
    ask(Rich, "x", {"url": "u", "auth.user": "bot"}, again=False)
    assert [text.split()[1] for text in asked] == ["auth.token", "limit"]


def test_init_is_scriptable_and_its_result_passes_every_check(guarded: Office) -> None:
    answer = guarded.json("init", "--yes", *BOTH)
    assert answer["ok"] is True
    written = tomllib.loads(guarded.file.read_text())
    assert written["connections"]["a"] == {"plugin": "guarded", "service": "left", "key": {"env": "A_KEY"}}
    assert written["syncs"]["delivery"]["spokes"]["a"]["status"]["otherwise"] == {"read": "new"}
    assert "s3cret" not in guarded.file.read_text()
    found = guarded.json("check", "--live")["findings"]
    assert [finding for finding in found if finding["level"] == "error"] == []
    guarded.left.add(title="Login page")
    assert guarded.run("sync").exit_code == 0


def test_init_asks_shows_the_proposal_and_writes_when_told_to(guarded: Office) -> None:
    lines = ["guarded", "a", "memory", "b", "n", "left", "env:A_KEY", "right", "y"]
    result = guarded.run("init", text="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    assert "[connections.a]" in result.stderr
    assert "--connection a=guarded" in result.stderr
    assert guarded.file.exists()


def test_a_person_who_says_no_gets_no_file(guarded: Office) -> None:
    result = guarded.run("init", *BOTH, text="n\n")
    assert result.exit_code == 130
    assert not guarded.file.exists()


def test_a_connection_that_does_not_work_is_asked_for_again(guarded: Office) -> None:
    wrong = [each.replace("a.service=left", "a.service=nowhere") for each in BOTH]
    result = guarded.run("init", *wrong, text="left\n\ny\n")
    assert result.exit_code == 0, result.output
    assert "there is no service 'nowhere'" in result.stderr
    assert guarded.run("init", "--yes", "--force", *wrong).exit_code == 3


def test_a_file_is_replaced_only_by_force(guarded: Office) -> None:
    guarded.file.write_text("mine")
    assert guarded.run("init", "--yes", *BOTH).exit_code == 2
    assert guarded.file.read_text() == "mine"
    assert guarded.run("init", "--yes", "--force", *BOTH).exit_code == 0


def test_secrets_that_are_not_set_are_told_all_at_once(guarded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_KEY")
    more = ("--connection", "c=guarded", "--set", "c.service=left")
    findings = guarded.json("init", "--yes", *BOTH, *more, code=2)["findings"]
    assert [finding["where"] for finding in findings] == ["connections.a.key", "connections.c.key"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--set", "a.servise=x"), "did you mean service?"),
        (("--set", "z.service=x"), "there is no connection 'z'"),
        (("--set", "service"), "is not complete"),
        (("--connection", "q"), "'q' is not installed"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_asked(guarded: Office, wrong: tuple[str, ...], told: str) -> None:
    result = guarded.run("init", *BOTH, *wrong)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("To Do", "new"),
        ("1. Ideas 💡", "new"),
        ("进行中", "in_progress"),
        ("开发中(后端)", "in_progress"),
        ("In Developement", "in_progress"),
        ("Ready for QA", "review"),
        ("评审", "review"),
        ("已完成", "delivered"),
        ("Won't Do", "rejected"),
        ("On hold", "on_hold"),
    ],
)
def test_service_names_find_their_status(name: str, value: str) -> None:
    assert name in propose_names(STATUSES, [name]).names[value]


@pytest.mark.parametrize("name", ["未完成", "Unresolved", "Not approved", "第一期"])
def test_a_name_that_cannot_be_placed_is_not_guessed(name: str) -> None:
    found = propose_names(STATUSES, ["To Do", name], "new")
    assert found.unknown == (name,)
    assert found.read == "new"


def test_a_status_without_a_name_borrows_one_and_owners_stand_first() -> None:
    found = propose_names(STATUSES, ["Open", "In Review", "Closed"])
    assert found.names["in_progress"] == ("In Review",)
    assert list(found.names).index("review") < list(found.names).index("in_progress")
    assert set(found.names) == set(STATUSES)


def test_all_priorities_find_their_place() -> None:
    found = propose_names([str(each) for each in Priority], ["Highest", "High", "Medium", "Low", "Lowest"])
    assert found.names == {"critical": ("Highest",), "high": ("High",), "medium": ("Medium",), "low": ("Low", "Lowest")}


def test_people_are_tied_by_name_only_where_nobody_else_has_it() -> None:
    left = [Account("1", "Ann Lee", "ann@x.example"), Account("2", "Bo", "bo@x.example"), Account("3", "Bo")]
    right = [Account("a", "Ann  Lee"), Account("b", "Bo")]
    assert propose_people({"left": left, "right": right}) == {"ann@x.example": {"left": "1", "right": "a"}}


@pytest.mark.parametrize("text", ['say "hi"', "back\\slash", "line\nend", "tab\t", "\x7f", "登录 💡", "", "\u2028"])
def test_any_text_is_written_so_that_toml_reads_it_back(text: str) -> None:
    assert tomllib.loads(f"{toml_key(text or 'x')} = {toml_value({'a b': [text, 1, True]})}") == {
        text or "x": {"a b": [text, 1, True]}
    }


def test_a_secret_file_is_looked_for_beside_the_file_that_is_to_be_written(
    guarded: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (guarded.folder / "key").write_text("s3cret", encoding="utf-8")
    (guarded.folder / "elsewhere").mkdir()
    monkeypatch.chdir(guarded.folder / "elsewhere")
    assert guarded.json("init", "--yes", *BOTH, "--set", "a.key=file:key")["ok"] is True
    assert guarded.json("check")["ok"] is True
