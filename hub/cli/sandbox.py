"""The command that serves an imitation of a service on this machine: sandbox."""

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import click

from hub.cli.command import command, pass_session
from hub.cli.session import Session
from hub.config.problems import suggestion
from hub.errors import HubError, UsageError
from hub.sdk.sandbox import Sandbox, SandboxServer

EXAMPLE = "hub sandbox jira --port 20101 --load search-answer.json"
LINES = frozenset({".jsonl", ".ndjson"})


@command(EXAMPLE)
@click.argument("name")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="The port to serve on; any free one if left out."
)
@click.option(
    "--load",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, path_type=Path),
    help="The service's own export, to begin with; may be given several times.",
)
@click.option("--edition", default="", metavar="EDITION", help="A variant of the service, where it has several.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same ids and faults.")
@pass_session
def sandbox(session: Session, name: str, port: int, files: tuple[Path, ...], edition: str, seed: int) -> int:
    """Serve an imitation of the service that the connector NAME speaks to, on 127.0.0.1.

    When it is ready it prints one line of JSON: its url, the environment variables and the connection table to use,
    and accounts with which to act as a person. Ctrl-C ends it.
    """
    imitation = _imitation(session, name, seed, edition)
    for file in files:
        _load(imitation, file)
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _server(imitation, port) as server:
            click.echo(json.dumps(_ready(server), ensure_ascii=False).encode())
            if session.screen.notes.is_terminal:
                session.screen.note(f"{name} answers at {server.url}; Ctrl-C ends it.")
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _imitation(session: Session, name: str, seed: int, edition: str) -> Sandbox:
    known = session.plugins.connectors
    if name not in known:
        raise UsageError(f"there is no connector {name!r}", fix=suggestion(name, known))
    editions = known[name].editions
    if edition and edition not in editions:
        raise UsageError(f"{name!r} has no edition {edition!r}", fix=suggestion(edition, editions) or "leave it out")
    imitation = known[name].sandbox(seed=seed, edition=edition)
    if imitation is None:
        raise UsageError(f"the connector {name!r} brings no sandbox", fix="see which do with: hub plugins")
    return imitation


def _load(imitation: Sandbox, file: Path) -> None:
    """Raises UsageError if *file* is no export of the service."""
    try:
        imitation.load(_document(file))
    except (ValueError, OSError) as error:
        raise UsageError(
            f"{file} cannot be loaded: {error}", fix=f"give what {imitation.name} itself exports or answers"
        ) from None


def _document(file: Path) -> Any:
    """JSON data where *file* is JSON or a line of it each; anything else is the sandbox's own to open."""
    if file.is_dir() or file.suffix not in {".json", *LINES}:
        return str(file)
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix in LINES:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return json.loads(text)


def _server(imitation: Sandbox, port: int) -> SandboxServer:
    try:
        return SandboxServer(imitation, port)
    except OSError as error:
        raise HubError(
            f"port {port} cannot be used: {error.strerror or error}", fix="choose another --port, or leave it out"
        ) from None


def _ready(server: SandboxServer) -> Mapping[str, Any]:
    imitation = server.sandbox
    return {
        "name": imitation.name,
        "url": server.url,
        "environment": dict(imitation.environment()),
        "connection": server.connection(),
        "people": [{"name": p.name, "credentials": dict(p.credentials)} for p in imitation.people()],
    }
