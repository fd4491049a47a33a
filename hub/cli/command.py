"""How a command of the hub is made: the options that all share, an example in its help, one end for every error."""

import errno
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hub import __version__
from hub.cli.screen import Screen
from hub.cli.session import CONFIG_VARIABLE, Session
from hub.errors import ConfigError, HubError, PluginBroken, UsageError

F = TypeVar("F", bound=Callable[..., Any])

PROBLEMS, USAGE, NOT_RUN, INTERRUPTED = 1, 2, 3, 130

pass_session = click.make_pass_decorator(Session, ensure=True)


def _remember(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Put a shared option into the session; given before or after the command's name, it is the same."""
    if value:
        setattr(context.ensure_object(Session), str(option.name), value)


SHARED: tuple[click.Option, ...] = (
    click.Option(
        ["--config", "file"],
        metavar="FILE",
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help=f"The configuration; else ${CONFIG_VARIABLE}, else hub.toml in this folder.",
    ),
    click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="One JSON document on standard output, everything else on standard error.",
    ),
    click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="Show where an unexpected error came from.",
    ),
)


class HubCommand(click.Command):
    """A command with the shared options, whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        taken = {param.name for param in self.params}
        self.params += [option for option in SHARED if option.name not in taken]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first clause of the help, for the list of commands."""
        first = re.split(r"[:,;.](?:\s|$)", (self.help or "").strip(), maxsplit=1)[0]
        return first if len(first) <= limit else super().get_short_help_str(limit)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed."""
        del ctx
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def command(example: str, name: str | None = None) -> Callable[[Callable[..., Any]], HubCommand]:
    """Make a function a command of the hub; its docstring is the help."""
    return click.command(name=name, cls=HubCommand, example=example)


class HubGroup(click.Group):
    """The root of the command line: commands in the order they were added, then those of plugins; one end for all."""

    _asked = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += SHARED

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, the hub's own first."""
        self._ask_plugins(ctx)
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called *cmd_name*; plugins are asked only for what the hub does not have."""
        if cmd_name not in self.commands:
            self._ask_plugins(ctx)
        return self.commands.get(cmd_name)

    def _ask_plugins(self, ctx: click.Context) -> None:
        session = ctx.ensure_object(Session)
        if self._asked or session.plugins.host is None:
            return
        self._asked = True
        own = dict(self.commands)
        session.plugins.host.hook.register_commands(cli=self)
        if replaced := [name for name in own if self.commands.get(name) is not own[name]]:
            self.commands.update(own)
            raise PluginBroken(
                f"a plugin replaces the command {', '.join(replaced)}", fix="uninstall it, or ask for another name"
            )

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and leave with the exit code that scripts rely on."""
        given = list(sys.argv[1:] if args is None else args)
        session = extra.setdefault("obj", None) or Session()
        extra |= {"obj": session, "standalone_mode": False}
        sys.exit(_ended(lambda: super(HubGroup, self).main(given, *rest, **extra), session, given))


def _ended(work: Callable[[], Any], session: Session, given: Sequence[str]) -> int:
    """The exit code of *work*; whatever goes wrong is told in words, once."""
    _survive_odd_terminals()
    try:
        code = int(work() or 0)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt, BaseExceptionGroup) as error:  # noqa: BLE001 - the last place to tell it
        return _judged(_gravest(error), session, given)
    return code


def _judged(error: BaseException, session: Session, given: Sequence[str]) -> int:
    match error:
        case KeyboardInterrupt() | click.Abort():
            Screen().note("stopped; nothing is half-written")
            return INTERRUPTED
        case click.ClickException():
            return _usage_error(error, session.json or "--json" in given)
        case HubError():
            return _told(error, session)
        case BrokenPipeError():
            return _unread()
        case OSError() if error.errno == errno.ENOSPC:
            return _unwritten(error)
        case _:
            return _unexpected(error, session)


def _unread() -> int:
    """Whoever read the answer has seen enough; what is left of it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return NOT_RUN


def _unwritten(error: OSError) -> int:
    """There is no room for the answer, wherever it was sent."""
    _unread()
    Screen().note(
        f"Error: the answer could not be written: {error.strerror}\n  Next: make room where it is sent", "red"
    )
    return NOT_RUN


def _survive_odd_terminals() -> None:
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _gravest(error: BaseException) -> BaseException:
    """The one of several errors that ran side by side which a person should hear of: a surprise before a known one."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    return min(map(_gravest, error.exceptions), key=lambda each: isinstance(each, HubError))


def _usage_error(error: click.ClickException, json: bool) -> int:
    if json:
        Screen(json=True).document(_as_json(error.format_message(), "see: hub --help"))
    error.show(sys.stderr)
    return USAGE


def _as_json(message: str, fix: str, connection: str | None = None, record: str | None = None) -> dict[str, Any]:
    return {"ok": False, "error": {"message": message, "fix": fix, "connection": connection, "record": record}}


def _told(error: HubError, session: Session) -> int:
    screen = session.screen
    if session.json:
        answer = _as_json(error.message, error.fix, error.connection, error.record)
        if isinstance(error, ConfigError):
            answer["findings"] = [finding_json(each) for each in error.findings]
        screen.document(answer)
    screen.note(f"Error: {error}", "red")
    if session.verbose:
        screen.note("".join(traceback.format_exception(error)))
    return USAGE if isinstance(error, ConfigError | UsageError) else NOT_RUN


def finding_json(finding: Any) -> dict[str, str]:
    """A finding in the shape of `hub check`."""
    return {"where": finding.where, "level": finding.level, "message": finding.message, "fix": finding.fix}


def _unexpected(error: BaseException, session: Session) -> int:
    screen, said = session.screen, f"{type(error).__name__}: {error}"
    fix = "this is a fault of the hub: please report it with what `hub -v …` shows"
    if session.json:
        screen.document(_as_json(said, fix))
    screen.note(f"Unexpected error: {said}\n  Next: {fix}", "red")
    if session.verbose:
        screen.note("".join(traceback.format_exception(error)))
    return NOT_RUN


@click.group(cls=HubGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="hub")
def cli() -> None:
    """Keep client requirements one across every tool a delivery team uses.

    Begin with `hub init`, look with `hub check --live`, try with `hub sync --dry-run`.

    Exit codes: 0 done; 1 done with problems left; 2 usage or configuration error; 3 could not run.
    """
