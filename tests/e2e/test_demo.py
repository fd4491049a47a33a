"""`hub demo` as a newcomer runs it, and what it says when something does not come out as told."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from hub.cli import cli
from hub.demo import Narrator, Outcome, all_services, configuring, play, texts
from hub.demo.narrator import Claim
from hub.demo.play import SCENES, Scene
from hub.demo.stage import Stage
from hub.plugins import Registry, discover

HUB = [sys.executable, "-c", "from hub.cli import main; main()"]
OURS = ("HUB_", "JIRA_", "TRELLO_", "ZOHO_", "MAIL_")
"""What variables of the hub and its sandboxes begin with."""
UNREACHABLE = "http://127.0.0.1:9"


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8", **more}


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = environment(folder, **more)
    return subprocess.run(
        [*HUB, *words], check=False, env=env, cwd=folder, capture_output=True, encoding="utf-8", timeout=120
    )


def test_the_whole_story_is_true_and_leaves_nothing_behind(tmp_path):
    ended = run(tmp_path, "demo", "--json", HTTP_PROXY=UNREACHABLE, http_proxy=UNREACHABLE)
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["ok"]) == (0, True), ended.stderr
    assert [step["name"] for step in told["steps"]] == list(SCENES)
    assert all(step["ok"] and step["detail"] for step in told["steps"])
    assert (told["requirements"], told["second_run_writes"]) == (13, 0)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_the_story_is_plain_text_in_80_columns(tmp_path):
    ended = run(tmp_path, "demo")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert "\x1b" not in ended.stdout
    lines = ended.stdout.splitlines()
    assert [line for line in lines if cell_len(line) > 80 and str(tmp_path) not in line] == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert "华清科技" in ended.stdout
    assert texts.NEXT in ended.stdout


def test_with_keep_the_services_stay_up_and_the_hub_goes_on_from_another_process(tmp_path):
    env = environment(tmp_path)
    with subprocess.Popen(
        [*HUB, "demo", "--keep", "--json"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as playing:
        try:
            told = document(playing)
            (folder,) = tmp_path.iterdir()
            synced = run(tmp_path, "sync", "--json", HUB_CONFIG=str(folder / "hub.toml"))
        finally:
            playing.send_signal(signal.SIGINT)
            playing.wait(timeout=30)
    assert told["ok"]
    assert playing.returncode == 0
    assert (synced.returncode, json.loads(synced.stdout)[0]["outcome"]) == (0, "done"), synced.stderr
    assert all(spoke["writes"] == 0 for spoke in json.loads(synced.stdout)[0]["spokes"].values())
    assert {"hub.toml", "hub.db"} <= {file.name for file in folder.iterdir()}
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("*.token"))


def document(playing: subprocess.Popen[str]) -> Any:
    assert playing.stdout is not None
    lines = []
    for line in playing.stdout:
        lines.append(line)
        if line == "}\n":
            break
    return json.loads("".join(lines))


def test_a_connector_that_is_not_installed_is_named(tmp_path):
    ended = run(tmp_path, "demo", HUB_LOAD_PLUGINS="jira")
    assert ended.returncode == 2
    assert "pip install requirement-hub-email requirement-hub-zoho-crm requirement-hub-trello" in ended.stderr
    assert list(tmp_path.iterdir()) == []


async def told(folder: Path, chosen: Mapping[str, Scene]) -> tuple[Outcome, str]:
    paper, registry = io.StringIO(), discover()
    with all_services(registry, folder) as services:
        outcome = await play(services, registry, Narrator(paper), chosen)
    return outcome, paper.getvalue()


async def a_lie(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    yield Claim(ok=True, said="water is wet")
    yield Claim(ok=False, said="pigs fly")


async def a_fall(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    yield Claim(ok=True, said="it began well")
    raise LookupError("the curtain fell")


async def test_what_is_not_true_is_said_and_makes_the_demo_fail(tmp_path):
    outcome, story = await told(tmp_path, {"before": SCENES["before"], "plan": a_lie})
    assert not outcome.ok
    assert [(step.name, step.ok) for step in outcome.steps] == [("before", True), ("plan", False)]
    assert outcome.steps[1].detail == "NOT TRUE: pigs fly"
    assert "✗ NOT TRUE: pigs fly" in story


async def test_a_hub_that_tells_clients_what_colleagues_say_is_found_out(tmp_path, monkeypatch):
    both = "comment            = {{ originates = true, creates = true"
    leaking = configuring.TEMPLATE.replace(both, f'{both}, audience = "client"')
    monkeypatch.setattr(configuring, "TEMPLATE", leaking)
    outcome, story = await told(tmp_path, {name: SCENES[name] for name in ("before", "mail", "inside")})
    assert [(step.name, step.ok) for step in outcome.steps] == [("before", True), ("mail", True), ("inside", False)]
    assert texts.CLAIM_FAILED.format(said=texts.INSIDE_KEPT) in " ".join(story.split())


async def test_a_scene_that_breaks_off_ends_the_story_in_words(tmp_path):
    outcome, story = await told(tmp_path, {"before": a_fall, "plan": SCENES["plan"]})
    assert [step.ok for step in outcome.steps] == [False, False]
    assert "LookupError: the curtain fell" in outcome.steps[0].detail
    assert outcome.steps[1].detail == texts.NOT_PLAYED
    assert outcome.as_json()["second_run_writes"] is None
    assert "Traceback" not in story


def test_all_services_refuse_to_start_where_nothing_is_installed(tmp_path):
    with pytest.raises(Exception, match="email and zoho_crm and jira and trello"), all_services(Registry(), tmp_path):
        pass


def test_the_environment_is_as_it_was_after_the_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.delenv("no_proxy", raising=False)
    before = dict(os.environ)
    with all_services(discover(), tmp_path):
        assert os.environ["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
    assert dict(os.environ) == before


def test_every_command_that_the_demo_recommends_exists():
    said = [*texts.NEXT_COMMANDS, *texts.KEPT_COMMANDS, texts.KEPT_SYNC, *texts.TITLES.values(), texts.CONFLICT_RESOLVE]
    named = {name for words in said for name in re.findall(r"(?:`|^)hub ([a-z]+)", words)}
    assert named
    assert named - set(cli.commands) == set()


def test_every_sentence_is_told_somewhere():
    package = Path(texts.__file__).parent
    sources = [*package.rglob("*.py"), package.parent / "cli" / "demo.py"]
    code = "\n".join(each.read_text(encoding="utf-8") for each in sources)
    names = [name for name in vars(texts) if name.isupper()]
    assert [name for name in names if f"texts.{name}" not in code] == []
    assert set(texts.TITLES) == set(SCENES)


def test_sentences_name_requirements_by_their_keys_of_this_run():
    fixed = [name for name, said in vars(texts).items() if isinstance(said, str) and re.search(r"REQ-\d", said)]
    assert fixed == []
