"""The command that shows what the hub is for: demo."""

import contextlib
import json
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from hub.cli.command import PROBLEMS, command, pass_session
from hub.cli.session import Session
from hub.demo import Narrator, Services, all_services, letters, play, story, texts


@command("hub demo\nhub demo --keep")
@click.option("--keep", is_flag=True, help="Leave all services running and the folder in place, to play with.")
@pass_session
def demo(session: Session, keep: bool) -> int:
    """Tell a story in sixteen scenes: four imitated services on this machine, and the hub between them.

    Needs no account, no configuration and no network. After each scene the services are read to check what was said.
    """
    tell = Narrator(sys.stderr if session.json else sys.stdout)
    with _folder(keep=keep) as folder, all_services(session.plugins, folder) as services:
        outcome = session.wait_for(play(services, session.plugins, tell))
        if session.json:
            session.screen.document(outcome.as_json())
        if keep:
            _go_on(services, tell)
        elif outcome.ok:
            tell.heading(texts.NEXT)
            tell.commands(texts.NEXT_COMMANDS)
    return 0 if outcome.ok else PROBLEMS


@contextlib.contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """A folder of the demo's own; with *keep* it stays."""
    if keep:
        yield Path(tempfile.mkdtemp(prefix="hub-demo-"))
        return
    with tempfile.TemporaryDirectory(prefix="hub-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _go_on(services: Services, tell: Narrator) -> None:
    """Say how to play on by hand, and serve until Ctrl-C."""
    folder = services.folder
    tell.heading(texts.KEPT)
    tell.commands({c.format(folder=folder): why for c, why in texts.KEPT_COMMANDS.items()})
    tell.say(texts.KEPT_EDIT)
    tell.command(_as_ana(services))
    tell.command(texts.KEPT_SYNC)
    tell.say(texts.KEPT_MAIL)
    for line in _as_client(services):
        tell.command(line)
    _wait_for_the_end()
    tell.say(texts.KEPT_STOPPED)
    tell.command(str(folder))


def _as_ana(services: Services) -> str:
    """A command that renames an issue, as Ana would."""
    ana = next(each.credentials for each in services["jira"].sandbox.people() if each.name == story.ANA)
    body = json.dumps({"fields": {"summary": texts.KEPT_TITLE}})
    words = ["curl", "-s", "-u", f"{ana['user']}:{ana['token']}", "-X", "PUT", "-H", "Content-Type: application/json"]
    return shlex.join([*words, "-d", body, services["jira"].url + "/rest/api/3/issue/ACME-1"])


def _as_client(services: Services) -> tuple[str, str]:
    """A command that writes a mail, as the client would, and one that reads the newest in her inbox."""
    people = (each.credentials for each in services["mail"].sandbox.people())
    known = next(each for each in people if each["address"] == letters.ADDRESS)
    hub, user = services["mail"].connection()["address"], f"{known['user']}:{known['password']}"
    head = f"From: {letters.CLIENT} <{letters.ADDRESS}>\\nTo: {hub}\\nSubject: {texts.KEPT_SUBJECT}"
    to = ["-u", user, "--mail-from", letters.ADDRESS, "--mail-rcpt", hub, "-T", "-"]
    write = shlex.join(["printf", f"{head}\\n\\n{texts.KEPT_WISH}\\n"])
    send = shlex.join(["curl", "-s", known["smtp"], *to])
    read = shlex.join(["curl", "-s", "-u", user, f"{known['imap']}/INBOX;MAILINDEX=*;SECTION=1"])
    return f"{write} | {send}", f"{read} | tr -d '\\r' | base64 -d"


def _wait_for_the_end() -> None:
    """Until Ctrl-C, or until somebody ends the process politely."""
    stopped = threading.Event()
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not stopped.wait(timeout=1):
            pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
