"""Processes of the `hub` command that can be killed: each is forked from one that has imported everything already.

A child is a process of its own from before it reads its configuration; only the seconds of importing are spared. This
file is both the program that forks (`python -m tests.e2e.nursery`, orders on standard input, a JSON document a line)
and the hand that leads it.
"""

import asyncio
import codecs
import contextlib
import json
import os
import random
import resource
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
LONGEST_S = 120.0


@dataclass(frozen=True)
class Orders:
    """What a child is to do, and how it is to end.

    Args:
        arguments: Those of the `hub` command.
        environment: Added to that of the nursery.
        patient: Whether it waits as long as services and other runs want; otherwise waiting takes no time.
        statement: The statement that it does not live to carry out, counted over all its databases.
        commit: The commit during which it dies.
        seed: Decides how far that commit comes.
        largest_file: Most bytes of any file that it writes; beyond it is as if the disk were full.
        user: Under whose number it runs.
    """

    arguments: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    patient: bool = False
    statement: int | None = None
    commit: int | None = None
    seed: int = 0
    largest_file: int | None = None
    user: int | None = None


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Args:
        code: Its exit code, or the negative number of the signal that ended it.
    """

    code: int
    output: str
    errors: str

    @property
    def killed(self) -> bool:
        """Whether it had no chance to say good-bye."""
        return self.code == -signal.SIGKILL


class Nursery:
    """Starts children, and waits for them; their process ids stay theirs until the next one starts."""

    def __enter__(self) -> Self:
        self._notes = tempfile.TemporaryDirectory(prefix="hub-nursery-")
        command = [sys.executable, "-m", "tests.e2e.nursery", self._notes.name]
        self._program = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._program.stdin
        assert self._program.stdout
        self._program.stdin.close()
        self._program.wait(timeout=10)
        self._program.stdout.close()
        self._notes.cleanup()

    def start(self, orders: Orders) -> int:
        """Start a child; its process id."""
        return int(self._ask({"start": vars(orders)})["pid"])

    def wait(self, pid: int, *, kill_after_s: float | None = None) -> Ended:
        """How a child ends; it is killed if it has not after *kill_after_s* seconds."""
        self._say({"wait": pid})
        if kill_after_s is not None and not self._answers(kill_after_s):
            os.kill(pid, signal.SIGKILL)
        if not self._answers(LONGEST_S):
            os.kill(pid, signal.SIGKILL)
        ended = self._hear()
        return Ended(ended["code"], ended["output"], ended["errors"])

    def run(self, orders: Orders) -> Ended:
        """Start a child, and wait for it."""
        return self.wait(self.start(orders))

    def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        self._say(what)
        return self._hear()

    def _say(self, what: dict[str, Any]) -> None:
        assert self._program.stdin
        self._program.stdin.write(json.dumps(what) + "\n")
        self._program.stdin.flush()

    def _answers(self, within_s: float) -> bool:
        return bool(select.select([self._program.stdout], [], [], within_s)[0])

    def _hear(self) -> dict[str, Any]:
        assert self._program.stdout
        line = self._program.stdout.readline()
        assert line, "the nursery has ended"
        return dict(json.loads(line))


# What follows is the program.


def main() -> None:
    """Fork children as ordered."""
    from hub.cli import cli
    from hub.plugins import discover

    registry = discover()
    assert cli.commands, "everything is imported before the first child is born"
    for encoding in ("utf-8-sig", "idna"):  # a child that runs as somebody else may not find them any more
        codecs.lookup(encoding)
    places: dict[int, Path] = {}
    ended: list[int] = []
    count, notes = 0, Path(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            while ended:
                os.waitpid(ended.pop(), 0)
            orders = Orders(**order["start"])
            count += 1
            place = notes / f"child-{count}"
            pid = os.fork()
            if pid == 0:
                _live(orders, place, registry)
            places[pid] = place
            answer: dict[str, Any] = {"pid": pid}
        else:
            pid = order["wait"]
            end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            assert end is not None
            ended.append(pid)
            code = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
            answer = {"code": code, **_told(places.pop(pid))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _told(place: Path) -> dict[str, str]:
    told = {}
    for name in ("output", "errors"):
        file = place.with_suffix(f".{name}")
        told[name] = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        file.unlink(missing_ok=True)
    return told


def _live(orders: Orders, place: Path, registry: Any) -> None:
    """The whole life of a child; never returns."""
    code = 70
    try:
        _settle_in(orders, place)
        code = _work(orders, registry)
    except BaseException as error:  # noqa: BLE001 - nothing may come out of it but its end
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle_in(orders: Orders, place: Path) -> None:
    os.environ.update(orders.environment)
    os.chdir(orders.folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, suffix in ((1, ".output"), (2, ".errors")):
        os.dup2(os.open(place.with_suffix(suffix), flags, 0o666), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    random.seed(orders.seed)
    if orders.statement or orders.commit:
        _be_mortal(orders)
    if orders.largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders.largest_file, orders.largest_file))
    if orders.user is not None:
        _see_it_all()
        os.setgroups([])
        os.setgid(orders.user)
        os.setuid(orders.user)


def _see_it_all() -> None:
    """What is imported only when it is needed: who is somebody else from now on may not be able to read it."""
    import httpx

    async def knock() -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            with contextlib.suppress(httpx.HTTPError):
                await client.get("http://127.0.0.1:9")

    os.environ["SSL_CERT_DIR"] = "/"  # nothing here is encrypted, so no certificate need be read
    asyncio.run(knock())


def _work(orders: Orders, registry: Any) -> int:
    from hub.cli import cli
    from hub.cli.session import Session
    from hub.sdk.http import Network

    network = Network() if orders.patient else Network(sleep=_fleeting, jitter=lambda: 0.0)
    try:
        cli.main(list(orders.arguments), obj=Session(registry=registry, network=network))
    except SystemExit as done:
        return int(done.code or 0)
    return 0


async def _fleeting(_seconds: float) -> None:
    await asyncio.sleep(0.001)


def _be_mortal(orders: Orders) -> None:
    """Die at a statement, or at some moment of a commit."""
    counted = {"statements": 0, "commits": 0}
    moment = random.Random(orders.seed).random() * 0.0006
    open_really = sqlite3.connect

    def heard(statement: str) -> None:
        counted["statements"] += 1
        if counted["statements"] == orders.statement:
            os.kill(os.getpid(), signal.SIGKILL)
        counted["commits"] += statement.startswith(("COMMIT", "RELEASE"))
        if counted["commits"] == orders.commit and statement.startswith(("COMMIT", "RELEASE")):
            threading.Thread(target=_die_after, args=(moment,), daemon=True).start()

    def opened(*args: Any, **more: Any) -> sqlite3.Connection:
        connection = open_really(*args, **more)
        connection.set_trace_callback(heard)
        return connection

    sqlite3.connect = opened  # type: ignore[assignment]


def _die_after(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
