"""The command line: one file for each group of commands. Commands ask a `Hub`, and show what it answers."""

from hub.cli.approve import approve
from hub.cli.check import check
from hub.cli.command import cli
from hub.cli.deciding import conflicts, resolve
from hub.cli.demo import demo
from hub.cli.doctor import doctor
from hub.cli.init import init
from hub.cli.linking import link, match, unlink
from hub.cli.looking import blame, history, list_, show, status
from hub.cli.plugins import plugins
from hub.cli.retry import retry
from hub.cli.sandbox import sandbox
from hub.cli.syncing import sync
from hub.cli.undo import undo

COMMANDS = (
    init,
    check,
    sync,
    approve,
    status,
    list_,
    show,
    history,
    blame,
    conflicts,
    resolve,
    undo,
    link,
    unlink,
    match,
    retry,
    doctor,
    plugins,
    sandbox,
    demo,
)
for each in COMMANDS:
    cli.add_command(each)


def main() -> None:
    """The `hub` command."""
    cli()
