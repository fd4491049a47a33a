"""The documentation is a contract: what the code has is told, and what is told is there."""

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

import hub.sdk
from docs.pages import cli, config, contract
from docs.pages.prose import signature, source
from hub.cli.command import cli as root
from hub.config import load_config
from hub.plugins import discover
from hub.reconcile.rules import BUILT_IN
from hub.sync.ledger import End
from hub.sync.report import EXIT_CODES

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs/reference"
README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
EXAMPLE = ROOT / "config.example.toml"
EXAMPLE_WARNINGS = {"syncs.delivery.spokes.trello.status"}
"""What the example leaves out on purpose: the board has only three lists."""
SECRETS = dict.fromkeys(
    ("JIRA_TOKEN", "TRELLO_KEY", "TRELLO_TOKEN", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN", "MAIL_PASSWORD"), "a"
)


def pages() -> list[Path]:
    """Every page that people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("plugins/*/README.md")])


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def blocks(file: Path, language: str = r"\w*") -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(file), re.MULTILINE | re.DOTALL)


def unfenced(file: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text(file), flags=re.MULTILINE | re.DOTALL)


def headings(file: Path) -> list[tuple[str, str]]:
    """Each heading's level and words."""
    return re.findall(r"^(#+) (.+)$", unfenced(file), re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


# The reference has what the code has.


def test_the_reference_is_what_the_code_says() -> None:
    # In a process of its own: click remembers help options for as long as a process lives, whoever asked for them.
    check = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", cli.commands())
def test_every_command_is_told_with_help_and_an_example(name: str) -> None:
    told, command = text(REFERENCE / "cli.md"), cli.commands()[name]
    assert f"\n## hub {name}\n" in told
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    assert f"hub {name}" in getattr(command, "example", "")


def settings() -> Iterator[str]:
    """Every key that a hub.toml may have, as the reference writes it."""
    for _, model in config.TABLES.values():
        yield from model.model_fields
    for connector in config.connectors().values():
        models = [connector.Config, *(spec.options for spec in connector.kinds.values() if spec.options)]
        for model in models:
            yield from model.model_fields
            for name, field in model.model_fields.items():
                if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                    yield from (f"{name}.{inner}" for inner in field.annotation.model_fields)


@pytest.mark.parametrize("setting", sorted(set(settings())))
def test_every_setting_is_told(setting: str) -> None:
    assert f"\n| `{setting}` | " in text(REFERENCE / "config.md")


@pytest.mark.parametrize("rule", [*BUILT_IN, "owner:SPOKE", "prefer:A,B"])
def test_every_rule_is_told(rule: str) -> None:
    assert f"\n| `{rule}` | " in text(REFERENCE / "config.md")


@pytest.mark.parametrize("name", contract.hooks())
def test_every_hook_is_told_with_its_arguments(name: str) -> None:
    node = source(contract.hooks()[name])
    told = text(REFERENCE / "hooks.md")
    assert f"\n## {name}\n" in told
    assert isinstance(node, ast.FunctionDef)
    assert signature(node).replace("'", "") in told


@pytest.mark.parametrize("error", [each.__name__ for _, each in contract.error_classes()])
def test_every_error_is_told(error: str) -> None:
    assert f"\n## {error}\n" in text(REFERENCE / "errors.md")


@pytest.mark.parametrize("name", sorted(set(hub.sdk.__all__) - {"hookimpl"}))
def test_every_name_of_the_sdk_is_told(name: str) -> None:
    page = "errors.md" if f"\n## {name}\n" in text(REFERENCE / "errors.md") else "connector.md"
    assert re.search(rf"^##+ {name}$", text(REFERENCE / page), re.MULTILINE)


# What is told is there.


def told_commands() -> list[tuple[str, str]]:
    """Every command line that a page shows in a block, or whole between backticks."""
    found = []
    for file in pages():
        lines = [line for block in blocks(file, "console") for line in block.splitlines()]
        lines += re.findall(r"`(hub [^`\n]+)`", unfenced(file))
        found += [(named(file), line) for line in lines if line.startswith("hub ")]
    return sorted(set(found))


@pytest.mark.parametrize(("page", "line"), told_commands())
def test_every_command_line_that_a_page_shows_is_understood(page: str, line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    if name.isupper():
        return  # a placeholder
    command = root.commands.get(name)
    assert command is not None, f"{page} tells of `{line}`"
    if arguments:
        command.make_context(name, arguments, parent=click.Context(root))


def told_targets() -> list[str]:
    """Every `make TARGET` that a page shows."""
    return sorted({each for file in pages() for each in re.findall(r"(?:^|`)make (\w+)", text(file), re.MULTILINE)})


@pytest.mark.parametrize("target", told_targets())
def test_every_make_target_that_is_told_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", text(ROOT / "Makefile"), re.MULTILINE)


def test_the_example_configuration_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    found = load_config(EXAMPLE, discover())
    assert {finding.where for finding in found.warnings} == EXAMPLE_WARNINGS


def test_the_example_configuration_names_every_secret_it_needs() -> None:
    assert {*re.findall(r'env = "(\w+)"', text(EXAMPLE))} - {"NAME"} == SECRETS.keys()


@pytest.mark.parametrize("file", pages(), ids=named)
def test_every_link_leads_somewhere(file: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", unfenced(file)):
        if re.match(r"\w+://", target):
            continue
        path, _, part = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        anchors = {anchor(words) for _, words in headings(there)} if there.suffix == ".md" and there.exists() else set()
        if not there.exists() or (part and part not in anchors):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("file", pages(), ids=named)
def test_every_toml_block_is_toml(file: Path) -> None:
    for block in blocks(file, "toml"):
        tomllib.loads(block)


def test_the_readme_explains_every_end_of_a_record_and_every_exit_code() -> None:
    for file in (README, CHINESE):
        assert all(f"\n| `{end.name.lower()}` | " in text(file) for end in End)
        assert all(f"\n| {code} | " in text(file) for code in {*EXIT_CODES.values(), 2})


# Two languages, one text.


def test_both_readmes_have_the_same_shape() -> None:
    assert [level for level, _ in headings(README)] == [level for level, _ in headings(CHINESE)]


def test_both_readmes_show_the_same_blocks() -> None:
    assert blocks(README) == blocks(CHINESE)


def test_both_readmes_lead_to_the_same_places() -> None:
    links = [sorted(set(re.findall(r"\]\(([^)\s]+)\)|<(https?://[^>]+)>", text(file)))) for file in (README, CHINESE)]
    own = {("README.md", ""), ("README.zh-CN.md", "")}
    assert set(links[0]) - own == set(links[1]) - own


# Decisions.


def test_decisions_are_numbered_without_a_gap_and_fit_on_half_a_page() -> None:
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert [named(file) for file in files if len(text(file).splitlines()) > 40] == []
