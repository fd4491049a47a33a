"""docs/reference/cli.md: every command with its help, as `hub COMMAND --help` shows it."""

from collections.abc import Mapping

import click

from docs.pages.prose import code, table
from hub.cli.command import INTERRUPTED, NOT_RUN, PROBLEMS, USAGE, cli

WIDTH = 110
EXIT_CODES = {
    0: "Done, and nothing is left to do.",
    PROBLEMS: "Done, with problems left: something is held, blocked or failed.",
    USAGE: "The command or the configuration is wrong.",
    NOT_RUN: "It could not run: no connection works, the store cannot be opened, or a plugin is broken.",
    INTERRUPTED: "Stopped by Ctrl-C. What was committed until then stays, nothing is half written.",
}


def commands() -> Mapping[str, click.Command]:
    """The hub's own commands by name, those of plugins left out."""
    import hub.cli  # noqa: F401, PLC0415 - adds them to the group

    return {name: command for name, command in cli.commands.items() if not command.hidden}


def page() -> str:
    """The reference of the command line."""
    parts = [
        "# Commands\n",
        "Every command takes `--config FILE`, `--json` and `-v`; they may stand before or after its name.\n",
        table(
            ["command", "what it does"],
            [[f"[`hub {name}`](#hub-{name})", each.get_short_help_str(200)] for name, each in commands().items()],
        ),
        "## Exit codes\n",
        table(["code", "meaning"], [[str(number), said] for number, said in EXIT_CODES.items()]),
    ]
    for name, command in commands().items():
        parts += [f"## hub {name}\n", code(_help(name, command), "text")]
    return "\n".join(parts)


def _help(name: str, command: click.Command) -> str:
    parent = click.Context(cli, info_name="hub", **{**cli.context_settings, "terminal_width": WIDTH})
    return command.get_help(click.Context(command, parent=parent, info_name=name))
