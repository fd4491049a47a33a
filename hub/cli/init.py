"""The command that makes a first configuration: init. It knows no service: everything comes from the connectors."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from hub.cli.asking import as_options, ask, check_known, given_settings, optional_settings, table
from hub.cli.command import command, finding_json, pass_session
from hub.cli.reaching import Reached, reach_all
from hub.cli.screen import Screen
from hub.cli.session import Session
from hub.config import load_config
from hub.config.live import strangers
from hub.config.problems import Problems, suggestion
from hub.config.proposing import SpokeProposal, propose_people, propose_spokes
from hub.config.settings import Connection
from hub.config.writing import Draft, toml_text
from hub.errors import ConfigError, Finding, HubError, ServiceError, UsageError
from hub.model import Kind
from hub.plugins import Registry
from hub.sdk.connector import Connector, Description, KindSettings, KindSpec, Setup
from hub.sdk.http import Network
from hub.sdk.vault import MemoryVault, Vault

EXAMPLE = """hub init
hub init --yes --connection jira --set jira.url=https://acme.atlassian.net --set jira.auth.user=bot@acme.example \\
         --set jira.auth.token=env:JIRA_TOKEN --set jira.project=ACME --connection board=trello --set board.board=aB3dE5fG"""


@dataclass
class Wish:
    """A connection as far as it was described by a person.

    Args:
        answers: By setting: what was given for it.
        vault: Keeps an access token for each time that the connection is opened.
    """

    name: str
    connector: type[Connector]
    answers: dict[str, str]
    folder: Path
    table: dict[str, Any] = field(default_factory=dict)
    config: Any = None
    vault: Vault = field(default_factory=MemoryVault)

    def settle(self) -> None:
        """Make the configuration of the connection. Raises UsageError, ConfigError."""
        self.table = table(self.connector.name, self.connector.Config, self.answers, self.name)
        problems = Problems(self.folder)
        self.config = problems.shaped(self.connector.Config, self.table, f"connections.{self.name}")
        if self.config is None:
            raise ConfigError(problems.errors, file="the new configuration")

    def open(self, network: Network | None, kinds: Mapping[Kind, KindSettings]) -> Connector:
        """A connector for it."""
        connection = Connection(self.name, self.connector, self.config)
        return connection.connector(Setup(self.name, self.config, kinds, network or Network(), vault=self.vault))


@command(EXAMPLE)
@click.option(
    "--connection",
    "connections",
    multiple=True,
    metavar="NAME[=PLUGIN]",
    help="A connection to set up, and its connector if that has another name; may be given several times.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME.SETTING=VALUE",
    help="A setting of a connection. A secret is named: env:VARIABLE, file:PATH or keyring:SERVICE/USER.",
)
@click.option("--sync", default="delivery", show_default=True, help="What the sync of these connections is called.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what was given, and the proposal as it is.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@pass_session
def init(
    session: Session,
    connections: tuple[str, ...],
    settings: tuple[str, ...],
    sync: str,
    output: Path | None,
    yes: bool,
    force: bool,
) -> int:
    """Make a configuration: sign in to each service, see what it has, and propose what goes where.

    Settings that are not given are asked for. A secret that is not given is expected in the environment, under
    NAME_SETTING, such as JIRA_TOKEN.
    """
    file, screen = output or session.config_file, session.screen
    if file.exists() and not force:
        raise UsageError(f"{file} is there already", fix="choose another --output, or replace it with --force")
    wishes = _wishes(connections, settings, session.plugins, file.resolve().parent, asking=not yes)
    reached = _settle(session, wishes, asking=not yes)
    draft, findings = _draft(session, wishes, reached, sync)
    if not yes:
        screen.note(f"\n{toml_text(draft)}")
        click.confirm(f"Write this to {file}?", default=True, abort=True, err=True)
    _write(file, toml_text(draft), session.plugins)
    _tell(screen, file, wishes, findings, session=session, asked=not yes)
    return 0


def _wishes(
    connections: tuple[str, ...], settings: tuple[str, ...], registry: Registry, folder: Path, *, asking: bool
) -> list[Wish]:
    named = dict(_named(each) for each in connections) or (_ask_names(registry) if asking else {})
    if not named:
        raise UsageError(
            "no connection was named", fix=f"--connection NAME=PLUGIN; {suggestion('', registry.connectors)}"
        )
    for name, plugin in named.items():
        if plugin not in registry.connectors:
            raise UsageError(f"{name}: {plugin!r} is not installed", fix=suggestion(plugin, registry.connectors))
    given = given_settings(settings, named)
    for name, plugin in named.items():
        check_known(registry.connectors[plugin].Config, given[name], name)
    return [Wish(name, registry.connectors[plugin], given[name], folder) for name, plugin in named.items()]


def _named(given: str) -> tuple[str, str]:
    name, _, plugin = given.partition("=")
    return name.strip(), plugin.strip() or name.strip()


def _ask_names(registry: Registry) -> dict[str, str]:
    """Which services to connect; two at least are worth it."""
    named: dict[str, str] = {}
    choices = click.Choice(sorted(registry.connectors))
    while registry.connectors:
        if len(named) > 1 and not click.confirm("One more connection?", default=False, err=True):
            break
        rest = [name for name in sorted(registry.connectors) if name not in named.values()]
        plugin = click.prompt("Which service?", type=choices, default=rest[0] if rest else None, err=True)
        named[click.prompt("What to call this connection?", default=plugin, err=True)] = plugin
    return named


def _settle(session: Session, wishes: list[Wish], *, asking: bool) -> dict[str, Reached]:
    """Every connection opened and described; asked for again until it works. Raises HubError where nobody is asked."""
    reached: dict[str, Reached] = {}
    while rest := [wish for wish in wishes if wish.name not in reached]:
        if asking:
            for wish in rest:
                _complete(session.screen, wish)
        else:
            _settle_all(rest)
        answers = session.wait_for(_reach(rest, session.network, {}))
        for wish, answer in zip(rest, answers, strict=True):
            if answer.error is None:
                reached[wish.name] = answer
            else:
                _failed(session.screen, wish, answer.error, asking=asking)
    return reached


def _settle_all(wishes: list[Wish]) -> None:
    """Raises UsageError, or ConfigError with what is wrong with any of them."""
    findings: list[Finding] = []
    for wish in wishes:
        try:
            wish.settle()
        except ConfigError as error:
            findings += error.findings
    if findings:
        raise ConfigError(findings, file="the new configuration")


def _complete(screen: Screen, wish: Wish) -> None:
    """Ask for what is missing; once more for everything where something is wrong with it."""
    again = False
    while True:
        try:
            wish.settle()
        except (UsageError, ConfigError) as error:
            if again:
                screen.note(str(error), "red")
            wish.answers = ask(wish.connector.Config, wish.name, wish.answers, again=again)
            again = True
        else:
            return


def _failed(screen: Screen, wish: Wish, error: ServiceError, *, asking: bool) -> None:
    if not asking:
        raise error
    screen.note(str(error), "red")
    wish.answers = ask(wish.connector.Config, wish.name, wish.answers, again=True)


async def _reach(
    wishes: list[Wish], network: Network | None, kinds: Mapping[str, Mapping[Kind, KindSettings]]
) -> list[Reached]:
    return await reach_all([wish.open(network, kinds.get(wish.name, {})) for wish in wishes])


def _draft(
    session: Session, wishes: list[Wish], reached: Mapping[str, Reached], sync: str
) -> tuple[Draft, list[Finding]]:
    connectors = {wish.name: wish.connector for wish in wishes}
    described = {name: answer.description or Description() for name, answer in reached.items()}
    proposed = propose_spokes(connectors, described)
    typed = {name: _settings(connectors[name], proposal) for name, proposal in proposed.items()}
    if any(settings.types for kinds in typed.values() for settings in kinds.values()):
        again = session.wait_for(_reach(wishes, session.network, typed))
        described = {w.name: a.description or described[w.name] for w, a in zip(wishes, again, strict=True)}
        proposed = propose_spokes(connectors, described)
    accounts = {
        name: [p for p in description.people if (who := reached[name].identity) and p.id != who.account.id]
        for name, description in described.items()
    }
    people = propose_people(accounts)
    draft = Draft(
        sync,
        {wish.name: wish.table for wish in wishes},
        proposed,
        {wish.name: optional_settings(wish.connector.Config, wish.answers) for wish in wishes},
        people,
    )
    return draft, strangers(people, accounts)


def _settings(connector: type[Connector], proposal: SpokeProposal) -> dict[Kind, KindSettings]:
    return {
        kind: KindSettings(said.types, said.create_type, _options(connector.kinds[kind]))
        for kind, said in proposal.kinds.items()
    }


def _options(spec: KindSpec) -> Any:
    with contextlib.suppress(ValidationError):
        return spec.options() if spec.options else None
    return None


def _write(file: Path, text: str, registry: Registry) -> None:
    """Put the file in place only once it is known to be right. Raises ConfigError, HubError."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        load_config(new, registry)
        new.replace(file)
    except OSError as error:
        raise HubError(f"{file} cannot be written: {error.strerror or error}", fix="choose another --output") from None
    finally:
        new.unlink(missing_ok=True)


def _tell(
    screen: Screen, file: Path, wishes: list[Wish], findings: list[Finding], *, session: Session, asked: bool
) -> None:
    if session.json:
        told = {"ok": True, "file": str(file), "connections": [wish.name for wish in wishes]}
        screen.document({**told, "findings": [finding_json(each) for each in findings]})
    for finding in findings:
        screen.note(str(finding), "yellow")
    if asked:
        plugins = {wish.name: wish.connector.name for wish in wishes}
        same = as_options(plugins, {wish.name: wish.answers for wish in wishes})
        screen.note(f"The same without questions: hub init --yes {same}", "dim")
    screen.note(f"Wrote {file}. See whether it is right with: hub check --live; then: hub sync --dry-run")
