"""A real mail system on loopback for tests: Dovecot for IMAP, Exim for SMTP, from Debian's packages."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.mail.settings import AUTHSERV, Place, dovecot, exim

HOST = "127.0.0.1"
POLL_S, START_S, STOP_S, ARRIVE_S = 0.03, 20.0, 10.0, 20.0
PACKAGES = {
    "dovecot-imapd": Path("/usr/lib/dovecot/imap"),
    "dovecot-lmtpd": Path("/usr/lib/dovecot/lmtp"),
    "exim4-daemon-light": Path("/usr/sbin/exim4"),
}
"""Debian's packages, and a file of each that says whether it is there."""
ADDRESSES = ("hub@example.test", "ana@example.test", "wei.li@acme.example")


def missing() -> str:
    """Why there can be no servers here; empty if there can."""
    absent = [package for package, file in PACKAGES.items() if not file.exists()]
    return f"there is no mail server here; install the packages: {' '.join(absent)}" if absent else ""


def need_packages() -> None:
    """Pass the test over where the servers are not installed; where `HUB_MAIL_SERVERS` is set they must be."""
    if reason := missing():
        (pytest.fail if os.environ.get("HUB_MAIL_SERVERS") else pytest.skip)(reason)


@contextlib.contextmanager
def mail_servers(*addresses: str, tls: bool = False) -> "Iterator[MailServers]":
    """Servers with a box for each of *addresses* while the block runs; passes the test over where there can be none."""
    need_packages()
    with MailServers(addresses or ADDRESSES, tls=tls) as servers:
        yield servers


class MailServers:
    """Dovecot and Exim in a private folder, on free ports of 127.0.0.1, while a `with` block runs.

    Args:
        addresses: The boxes. Mail to any other address of their domains is refused with 550 5.1.1, and to other
            domains with 550 5.7.1.
        tls: Offer STARTTLS on `imap_port` and `smtp_port`, and TLS from the start on `imaps_port` and `smtps_port`,
            with a certificate signed by itself; clients verify it against `certificate`, for 127.0.0.1 or localhost.
        password: Everybody's; signing in to SMTP is offered and not asked for.

    Raises:
        RuntimeError: A server did not start; tells the end of its log.
    """

    def __init__(self, addresses: Sequence[str] = ADDRESSES, *, tls: bool = False, password: str = "secret") -> None:
        self.addresses = tuple(each.lower() for each in addresses)
        self.password, self._tls = password, tls
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Start both, and return when both answer."""
        self._place = self._settle()
        self.imap_port, self.smtp_port = self._place.imap, self._place.smtp
        self.imaps_port, self.smtps_port = self._place.imaps, self._place.smtps
        self.certificate = self._place.certificate
        try:
            self.start("dovecot")
            self.start("exim")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both, and leave nothing behind."""
        for name in list(self._running):
            self.stop(name)
        shutil.rmtree(self._place.folder, ignore_errors=True)

    def _settle(self) -> Place:
        """The folder with everything that the servers read, owned by whom they run as."""
        account = pwd.getpwnam("Debian-exim") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(account.pw_gid).gr_name
        domains = tuple(dict.fromkeys(each.partition("@")[2] for each in self.addresses))
        folder = Path(tempfile.mkdtemp(prefix="mail-"))
        ports = free_ports(4 if self._tls else 2)
        place = Place(folder, account.pw_name, group, domains, self.password, *ports)
        for name in ("run", "log", "spool", "home"):
            (folder / name).mkdir()
        place.users.write_text("".join(f"{each}:{{PLAIN}}{self.password}\n" for each in self.addresses))
        (folder / "dovecot.conf").write_text(dovecot(place))
        (folder / "exim.conf").write_text(exim(place))
        if self._tls:
            sign_itself(place)
        if os.geteuid() == 0:
            for each in (folder, *folder.iterdir()):
                os.chown(each, account.pw_uid, account.pw_gid)
        return place

    def start(self, name: str) -> None:
        """Start `dovecot` or `exim` (again, after `stop`); its port and its boxes are as before."""
        folder = self._place.folder
        commands = {
            "dovecot": ["/usr/sbin/dovecot", "-F", "-c", f"{folder}/dovecot.conf"],
            "exim": ["/usr/sbin/exim4", "-bdf", "-q1s", "-C", f"{folder}/exim.conf"],
        }
        root = os.geteuid() == 0
        with (folder / "log" / f"{name}.out").open("ab") as out:
            self._running[name] = subprocess.Popen(
                commands[name],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                start_new_session=True,
                user=self._place.user if root else None,
                group=self._place.group if root else None,
                extra_groups=[] if root else None,
            )
        port = self.imap_port if name == "dovecot" else self.smtp_port
        until(lambda: greets(port) or self._has_ended(name), START_S)
        if not greets(port):
            raise RuntimeError(f"{name} did not start:\n{self.logs()}")

    def _has_ended(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def stop(self, name: str) -> None:
        """Stop `dovecot` or `exim`: connections break, later ones are refused."""
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def logs(self) -> str:
        """What both have written down, the last 4,000 characters of each file."""
        files = sorted((self._place.folder / "log").iterdir())
        return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-4000:]}" for file in files)

    def connection(self, address: str = ADDRESSES[0]) -> dict[str, Any]:
        """A `[connections.X]` table for *address*; the password is in the variable `MAIL_PASSWORD`."""
        return {
            "plugin": "email",
            "address": address,
            "imap": f"imap://{HOST}:{self.imap_port}",
            "smtp": f"smtp://{HOST}:{self.smtp_port}",
            "auth": {"kind": "password", "user": address, "password": {"env": "MAIL_PASSWORD"}},
            "authserv": AUTHSERV,
        }

    def send(self, message: bytes, sender: str, *recipients: str, signed_in: bool = True) -> None:
        """Hand *message* over by SMTP; signed in as *sender*, if one of ours, so that it is told `dmarc=pass`.

        Raises:
            smtplib.SMTPException: The server refused.
        """
        with smtplib.SMTP(HOST, self.smtp_port, timeout=30) as client:
            if signed_in and sender.lower() in self.addresses:
                client.login(sender, self.password)
            client.sendmail(sender, list(recipients), message)

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """Every message of a folder, whole, oldest first; nothing is marked as seen."""
        with imaplib.IMAP4(HOST, self.imap_port, timeout=30) as client:
            client.login(address, self.password)
            client.select(f'"{folder}"', readonly=True)
            _, found = client.fetch("1:*", "(BODY.PEEK[])") if client.response("EXISTS")[1] != [b"0"] else ("", [])
            client.unselect()
        return [part[1] for part in found if isinstance(part, tuple)]

    def wait_for(self, address: str, count: int = 1, folder: str = "INBOX") -> list[bytes]:
        """Every message of a folder, as soon as there are *count*.

        Raises:
            AssertionError: There were fewer after 20 seconds; tells the logs.
        """
        if not until(lambda: self._holds(address, folder) >= count, ARRIVE_S):
            raise AssertionError(f"{address} did not get {count} messages:\n{self.logs()}")
        return self.messages(address, folder)

    def _holds(self, address: str, folder: str) -> int:
        with imaplib.IMAP4(HOST, self.imap_port, timeout=30) as client:
            client.login(address, self.password)
            told = client.status(f'"{folder}"', "(MESSAGES)")[1][0]
        return int(told.rpartition(b"MESSAGES ")[2].rstrip(b")"))


def until(happened: Callable[[], bool], seconds: float) -> bool:
    """Whether something happened within *seconds*; asks again every 30 ms."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def greets(port: int) -> bool:
    """Whether a server on *port* says the first word, as IMAP's and SMTP's do."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Different ports of 127.0.0.1 that nobody listens on just now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def sign_itself(place: Place) -> None:
    """Write a key, and a certificate of it for a day; needs openssl, which Dovecot and Exim bring along."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(place.key), "-out", str(place.certificate)]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
