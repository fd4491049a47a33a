"""Every command, against services in memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pluggy
import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.cli.session import Session
from hub.errors import RateLimited, ServiceDown, StoreError
from hub.plugins import Registry
from hub.sdk import hookspecs
from hub.sdk.http import Network
from hub.sdk.records import Absence
from hub.store import Store, only_one_now
from hub.testing.memory import Fault

Office = Any


def test_every_command_has_help_with_an_example() -> None:
    top = click.Context(cli, **cli.context_settings)
    for name, command in cli.commands.items():
        text = command.get_help(click.Context(command, parent=top, info_name=name))
        assert "Example:\n  hub " in text
        assert "--json" in text


def test_a_first_sync_creates_what_is_missing_and_says_so_for_a_manager(office: Office) -> None:
    office.left.add(title="Login page")
    office.right.add(title="导出报表")
    result = office.run("sync")
    assert result.exit_code == 0
    assert "2 requirements are the same in left and right." in result.stdout
    assert [state.fields["title"] for state in office.left.states["2"]] == ["导出报表"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(office: Office) -> None:
    office.left.add(title="Login page")
    result = office.run("sync", "--dry-run")
    assert "+ create REQ-1" in result.stdout
    assert "A run would create 1 and import 1. Nothing was written." in result.stdout
    assert office.right.states == {}
    assert office.json("list") == []


def test_a_dry_run_shows_each_field_from_and_to(office: Office) -> None:
    office.left.add(title="Login page", due="2026-01-01")
    office.json("sync")
    office.left.edit("1", due="2026-02-02")
    assert "due: 2026-01-01 → 2026-02-02" in office.run("sync", "--dry-run").stdout


def test_sync_prints_one_json_list_with_a_report_of_each_sync(office: Office) -> None:
    (report,) = office.json("sync", "delivery", "delivery")
    assert {"sync", "run", "outcome", "dry_run", "seconds", "spokes", "problems"} <= set(report)
    assert report["outcome"] == "done"


def test_json_is_understood_before_and_after_the_command(office: Office) -> None:
    assert json.loads(office.run("--json", "list").stdout) == json.loads(office.run("list", "--json").stdout) == []


def test_without_json_progress_goes_to_standard_error(office: Office) -> None:
    office.left.add(title="Login page")
    result = office.run("sync")
    assert "reading requirements of left" in result.stderr
    assert "reading" not in result.stdout


def test_a_service_that_is_down_leaves_problems_and_a_next_step(office: Office) -> None:
    office.right.faults.append(Fault("open", ServiceDown("no answer", connection="right")))
    result = office.run("sync")
    assert result.exit_code == 1
    assert "no answer" in result.stdout
    assert "it is tried again with the next sync" in result.stdout
    assert office.json("status")["syncs"]["delivery"]["connections"]["right"]["state"] == "down"


def test_what_was_not_read_is_not_said_to_be_the_same_now(office: Office) -> None:
    office.left.add(title="Login page")
    assert "1 requirement is the same in left and right." in office.run("sync").stdout
    assert "Everything is in step: a run would write nothing." in office.run("sync", "--dry-run").stdout
    office.right.faults.append(Fault("open", ServiceDown("no answer", connection="right"), times=2))
    known = "1 requirement is the same in left and right, as far as right had been read before."
    assert known in office.run("sync").stdout
    shown = office.run("sync", "--dry-run").stdout
    assert "As things are (see above), a run would write nothing." in shown
    assert "in step" not in shown


def test_no_working_connection_at_all_is_exit_code_three(office: Office) -> None:
    for service in (office.left, office.right):
        service.faults.append(Fault("open", ServiceDown("no answer")))
    result = office.run("sync")
    assert result.exit_code == 3
    assert "no connection works" in result.stdout


def test_what_is_listed_shown_and_blamed_has_the_shapes_that_scripts_rely_on(office: Office) -> None:
    office.left.add(title="Login page", body="Please")
    office.json("sync")
    (row,) = office.json("list", "requirements")
    assert set(row) == {"key", "kind", "title", "status", "client", "bindings"}
    assert set(row["bindings"]["left"]) == {"id", "key", "url"}
    shown = office.json("show", "req-1")
    assert shown["fields"]["description"] == "Please"
    assert shown["bindings"]["right"]["state"] == "bound"
    assert office.json("blame", "REQ-1")["title"]["who"] == "Ann"
    events = office.json("history", "REQ-1", "--field", "title")
    assert [event["new"] for event in events] == ["Login page"]


def test_people_get_tables_that_can_be_read(office: Office) -> None:
    office.left.add(title="[bold]登录[/bold] \x1b[31mred", body="one\n\ntwo")
    office.json("sync")
    assert "[bold]登录[/bold] \ufffd[31mred" in office.run("list").stdout
    assert "one\n\ntwo" in office.run("show", "REQ-1").stdout
    assert "Ann" in office.run("history", "REQ-1").stdout
    assert "Login" not in office.run("blame", "REQ-1").stdout
    assert "seconds ago" in office.run("status").stdout
    assert "Nothing waits" in office.run("conflicts").stdout


def test_a_conflict_is_taken_from_one_side_and_spread(office: Office, with_conflict: Callable[[], str]) -> None:
    hold = with_conflict()
    settled = office.json("resolve", hold, "--take", "right")
    assert settled["value"] == "2026-03-03"
    assert office.left.state("1").fields["due"] == "2026-03-03"
    assert office.json("conflicts") == []


def test_a_conflict_is_settled_with_a_value_of_ones_own(office: Office, with_conflict: Callable[[], str]) -> None:
    hold = with_conflict()
    assert office.run("resolve", hold, "--value", '"2026-12-01"').exit_code == 0
    dues = {service.state("1").fields["due"] for service in (office.left, office.right)}
    assert dues == {"2026-12-01"}


def test_a_service_that_is_down_does_not_undo_a_decision(office: Office, with_conflict: Callable[[], str]) -> None:
    hold = with_conflict()
    office.left.faults.append(Fault("open", ServiceDown("no answer", connection="left")))
    result = office.run("resolve", hold, "--take", "right")
    assert result.exit_code == 0
    assert "Not everywhere yet: left: no answer" in result.stderr
    office.json("sync")
    assert office.left.state("1").fields["due"] == "2026-03-03"


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve", "H-9", "--take", "left"],
        ["resolve", "H-9"],
        ["resolve", "H-9", "--value", "not json"],
        ["show", "REQ-99"],
        ["sync", "nothing"],
        ["list", "things"],
        ["nonsense"],
        ["sync", "--nonsense"],
    ],
)
def test_a_wrong_word_is_exit_code_two_without_a_traceback(office: Office, arguments: list[str]) -> None:
    result = office.run(*arguments)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert "Traceback" not in result.output
    answer = json.loads(office.run(*arguments, "--json").stdout)
    assert answer["ok"] is False
    assert set(answer["error"]) == {"message", "fix", "connection", "record"}


def test_a_copy_is_let_go_and_tied_again(office: Office) -> None:
    office.left.add(title="Login page")
    office.json("sync")
    assert office.json("unlink", "REQ-1", "right")["right"]["state"] == "unlinked"
    assert office.json("link", "REQ-1", "right", "1")["right"]["state"] == "bound"


def test_a_record_that_is_not_there_cannot_be_linked(office: Office) -> None:
    office.left.add(title="Login page")
    office.json("sync")
    office.json("unlink", "REQ-1", "right")
    result = office.run("link", "REQ-1", "right", "no-such-id")
    assert (result.exit_code, result.output) == (
        2,
        "Error: right no-such-id: there is no such requirement\n  Next: give its id, not its key\n",
    )


def test_a_service_that_wants_fewer_calls_is_left_alone_till_the_next_run(office: Office) -> None:
    office.right.faults.append(Fault("open", RateLimited("too many calls", connection="right", retry_after=30)))
    assert "it is tried again with the next sync; wait 30 s before" in office.run("sync").output


def test_what_was_made_twice_by_hand_is_matched_and_tied(office: Office) -> None:
    office.left.add(title="Login page for clients")
    office.right.add(title="login page, for clients")
    (pair,) = office.json("match", "delivery")
    assert set(pair) == {"kind", "score", "why", "left", "right"}
    assert office.json("list") == []
    assert "Tie them with --apply" in office.run("match", "delivery").stderr
    office.json("match", "delivery", "--apply")
    (row,) = office.json("list")
    assert set(row["bindings"]) == {"left", "right"}
    office.run("sync")
    assert len(office.left.states) == len(office.right.states) == 1


def test_plugins_say_what_they_can_do(office: Office) -> None:
    (row,) = office.json("plugins")
    assert row["name"] == "memory"
    assert "title" in row["kinds"]["requirement"]["fields"]
    assert (row["webhooks"], row["sandbox"]) == (False, False)


def test_a_plugin_that_cannot_be_loaded_is_named_and_no_more(office: Office) -> None:
    office.registry = Registry(office.registry.connectors, broken={"odd": "ImportError: no"})
    result = office.run("plugins")
    assert result.exit_code == 1
    assert "odd cannot be loaded" in result.stderr
    assert any(finding["where"] == "plugins.odd" for finding in office.json("check")["findings"])


def test_a_plugin_adds_a_command_and_cannot_replace_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Adds:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookspecs.hookimpl
        def register_commands(self, cli: click.Group) -> None:
            cli.add_command(click.Command(self.name, callback=lambda: click.echo("hello")))

    def with_plugin(name: str) -> None:
        host = pluggy.PluginManager("hub")
        host.add_hookspecs(hookspecs)
        host.register(Adds(name))
        office.registry = Registry(office.registry.connectors, host=host)
        monkeypatch.setattr(cli, "commands", dict(cli.commands))
        monkeypatch.setattr(cli, "_asked", False)

    with_plugin("greet")
    assert office.run("greet").stdout == "hello\n"
    with_plugin("sync")
    assert "a plugin replaces the command sync" in office.run("--help").stderr


def test_an_unexpected_error_is_one_line_and_a_traceback_only_if_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr("hub.views.status", fail)
    quiet, loud = office.run("status"), office.run("-v", "status")
    assert quiet.exit_code == loud.exit_code == 3
    assert "Unexpected error: RuntimeError: odd" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert office.json("status", code=3)["error"]["message"] == "RuntimeError: odd"


def test_the_one_known_error_among_several_is_told_in_its_own_words(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ExceptionGroup("several", [StoreError("the disk is full", fix="make room")])

    monkeypatch.setattr("hub.views.status", fail)
    result = office.run("status")
    assert result.exit_code == 3
    assert "Error: the disk is full\n  Next: make room" in result.stderr


def test_ctrl_c_stops_cleanly(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hub.views.status", interrupted)
    result = office.run("status")
    assert result.exit_code == 130
    assert "stopped" in result.stderr


def test_times_are_told_as_people_tell_them() -> None:
    from hub.cli.screen import ago, moment, short

    now = datetime.fromisoformat("2026-05-04T12:00:00+00:00")
    assert ago("2026-05-04T11:57:00Z", now) == "3 minutes ago"
    assert ago("2026-05-01T12:00:00Z", now) == "3 days ago"
    assert ago(None, now) == "never"
    assert moment("2026-05-04T09:30:00.123456Z") == "2026-05-04 09:30:00Z"
    assert short(["a", "b"]) == "a, b"
    assert short({"email": "li@x.example", "name": "Li"}) == "Li"


def test_proposed_pairs_are_edited_as_a_table_and_only_the_taken_ones_are_tied(office: Office) -> None:
    for title in ("Export to Excel", "Import of contacts"):
        office.left.add(title=title)
        office.right.add(title=title)
    table = office.folder / "pairs.csv"
    office.run("match", "delivery", "--save", str(table))
    text = table.read_text("utf-8-sig")
    assert text.count("yes,") == 2
    lines = [line.replace("yes,", "no,", 1) if "Import" in line else line for line in text.splitlines(keepends=True)]
    table.write_text("".join(lines), "utf-8-sig")
    (pair,) = office.json("match", "delivery", "--from", str(table), "--apply")
    assert pair["left"]["title"] == "Export to Excel"
    assert len(office.json("list")) == 1


def test_a_line_of_the_table_that_cannot_be_tied_is_named(office: Office) -> None:
    table = office.folder / "pairs.csv"
    table.write_text("take,kind,left connection,left id,right connection,right id\nyes,requirement,left,77,right,1\n")
    result = office.run("match", "delivery", "--from", str(table), "--apply")
    assert result.exit_code == 2
    assert "left has no requirement '77'" in result.stderr


def _killed(office: Office) -> None:
    """A run that begins, and never ends."""
    store = Store.open(str(office.folder / "hub.db"))
    store.start_run("delivery", datetime(2026, 3, 1, tzinfo=UTC))
    store.close()


def test_a_run_that_was_killed_is_not_said_to_go_on(office: Office) -> None:
    office.json("sync")
    _killed(office)
    assert office.json("status")["syncs"]["delivery"]["last_run"]["going_on"] is False
    assert "R-2 broke off: hub sync goes on from there" in " ".join(office.run("status").stdout.split())
    with only_one_now(str(office.folder / "hub.db")):
        assert office.json("status")["syncs"]["delivery"]["last_run"]["going_on"] is True
        assert "R-2 is still going on" in " ".join(office.run("status").stdout.split())


def test_who_has_to_wait_for_another_run_is_told_for_which_and_how_long(office: Office) -> None:
    office.json("sync")
    _killed(office)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    session = Session(registry=office.registry, network=Network(sleep=sleep))
    with only_one_now(str(office.folder / "hub.db")):
        result = CliRunner().invoke(cli, ["--config", str(office.file), "sync"], obj=session)
    assert result.exit_code == 3
    assert "R-2, begun at 2026-03-01T00:00:00.000000Z, is going on with" in " ".join(result.stderr.split())
    assert "waiting for it, for 30 s at most" in " ".join(result.stderr.split())
    assert sum(slept) >= 30
    assert "another run is still going on" in result.stderr


def test_status_goes_on_telling_of_copies_that_cannot_be_seen(office: Office) -> None:
    one = office.left.add(title="Login page")
    office.json("sync")
    office.left.remove(one, why=Absence.HIDDEN)
    office.json("sync", "--full", code=1)
    office.json("sync")
    assert office.json("status")["syncs"]["delivery"]["hidden"] == {"left": 1}
    said = " ".join(office.run("status").stdout.split())
    assert "1 copy in left cannot be seen any more" in said
    assert "hub retry --connection left" in said
    del office.left.absent[one]
    office.json("retry", "--connection", "left")
    office.json("sync")
    assert office.json("status")["syncs"]["delivery"]["hidden"] == {}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_answer_for_which_there_is_no_room_is_said_in_words(options: list[str]) -> None:
    command = [sys.executable, "-c", "from hub.cli import main; main()", "plugins", *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("Error: the answer could not be written: No space left on device")


def test_who_stops_reading_an_answer_ends_it_quietly() -> None:
    command = [sys.executable, "-c", "from hub.cli import main; main()", "plugins", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
