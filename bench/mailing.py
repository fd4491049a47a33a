"""What a mailbox is asked: a client writes mails, each becomes an issue, and an edit there becomes a mail to the client."""

import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from hub_email.sandbox import MailSandbox
from hub_jira.sandbox import JiraSandbox

from bench.tables import Cell, Figures, ratio
from bench.trio import environment, spokes_of
from hub.sdk.sandbox import SandboxServer
from tests.e2e.bench import Clock, done
from tests.e2e.house import House
from tests.e2e.postmen import SandboxPostman

MAILBOX = Figures(
    "A mailbox, and an issue tracker behind it",
    ("step", "records", "mails out", "IMAP commands", "commands per record", "by command"),
    note=(
        "Unavoidable: a mail for each record that the client is told of, for each tells something else. The commands beside it\n"
        "read its thread, put a copy down before it goes out and mark that afterwards, so that no mail goes out twice."
    ),
)


async def mailing(mails: int) -> list[Figures]:
    """The figures of a mailbox into which a client writes so many *mails*."""
    figures = MAILBOX.empty()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as served:
        clock = Clock()
        services = {
            "mail": served.enter_context(SandboxServer(MailSandbox(now=clock))),
            "jira": served.enter_context(SandboxServer(JiraSandbox(now=clock))),
        }
        for server in services.values():
            served.enter_context(environment(server.sandbox.environment()))
        mail = {"audience": "client", **{kind: {"originates": True} for kind in ("client", "contact", "requirement")}}
        spokes = {"mail": mail, "jira": spokes_of("jira")}
        home = House(Path(folder), services, SandboxPostman(services["mail"]), spokes, clock=clock)
        for number in range(mails):
            home.mail(f"Need {number}", f"Please make number {number}")
        figures.rows.append(await _run(home, "new mails, each answered", mails))
        await _run(home, "", 0)
        figures.rows.append(await _run(home, "quiet run", 0))
        _promise(home)
        figures.rows.append(await _run(home, "a date promised", 1))
        figures.rows.append(await _run(home, "its echo", 0))
    return [figures]


def _promise(home: House) -> None:
    """Somebody of the team gives a date to one of the issues."""
    issue = home.remote(home.keys("requirement")[0], "jira")
    with home.as_jira() as jira:
        done(jira.put(f"/issue/{issue}", json={"fields": {"duedate": "2026-12-24"}}))


async def _run(home: House, step: str, records: int) -> tuple[Cell, ...]:
    home.calls("mail")
    report = await home.sync()
    if report.outcome != "done":
        raise RuntimeError(f"the run is not done, so its figures mean nothing: {report.outcome}, {report.problems}")
    home.clock.pass_time(600)
    asked = Counter(home.calls("mail"))
    commands = {call.removeprefix("IMAP "): n for call, n in sorted(asked.items()) if call.startswith("IMAP ")}
    total, said = sum(commands.values()), ", ".join(f"{name} {n}" for name, n in commands.items())
    return step, records, asked["SMTP DATA"], total, ratio(total, records), said
