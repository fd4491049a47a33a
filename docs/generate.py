"""Writes docs/reference from the code, so that it cannot be wrong: ``python -m docs.generate [--check]``."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from docs.pages import cli, config, contract

FOLDER = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Written by `python -m docs.generate` from the code. Change the code, not this page. -->\n\n"

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli.page,
    "config.md": config.page,
    "connector.md": contract.connector_page,
    "errors.md": contract.errors_page,
    "hooks.md": contract.hooks_page,
}


def written() -> dict[str, str]:
    """Every page of the reference as it should be, by file name."""
    return {name: formatted(NOTE + page().rstrip() + "\n", FOLDER / name) for name, page in PAGES.items()}


def formatted(page: str, file: Path) -> str:
    """*page* with its blocks of Python as the formatter leaves them, so that it and this program never disagree."""
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", str(file), "-"]
    done = subprocess.run(command, input=page, capture_output=True, check=True, encoding="utf-8")  # noqa: S603 - our own
    return done.stdout


def stale() -> list[str]:
    """The files that are not as they should be, and those that should not be there."""
    wanted = written()
    there = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.md"))}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; name the stale files, and leave with 1 if there are any.")
def main(check: bool) -> None:
    """Write docs/reference from the code."""
    names = stale()
    if check:
        for name in names:
            click.echo(f"stale: docs/reference/{name}; run: python -m docs.generate", err=True)
        raise SystemExit(1 if names else 0)
    FOLDER.mkdir(exist_ok=True)
    wanted = written()
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
        click.echo(f"wrote docs/reference/{name}")


if __name__ == "__main__":
    main()
