"""What a `[connections.NAME]` table with `plugin = "email"` says."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.sdk import ConnectionConfig, Secret
from hub_email.domains import PUBLIC

Tls = Literal["tls", "starttls", "none"]
_PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
_ADDRESS = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]+\.[^\s@<>\"(),;:]+")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and how the way there is kept private."""

    host: str
    port: int
    tls: Tls


class PasswordAuth(BaseModel):
    """A password; at many providers one made for programs: an "app password", a 授权码.

    Args:
        user: The name to sign in with, mostly the address itself.
        password: The password, as a secret.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["password"]
    user: str
    password: Secret

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else knows."""
        return (self.password.get_secret_value(),)


class OAuth(BaseModel):
    """An OAuth grant (RFC 6749 §6), used by XOAUTH2.

    Args:
        user: The address whose mailbox it is.
        client_id: Of the app that was registered with the provider.
        client_secret: Its secret, if it has one.
        refresh_token: What the owner of the mailbox consented to, as a secret.
        token_url: `https://oauth2.googleapis.com/token`, `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
        scope: Asked for with every refresh; Microsoft wants it, Google does not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["oauth"]
    user: str
    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret
    scope: str | None = None

    @field_validator("token_url")
    @classmethod
    def _is_private(cls, given: str) -> str:
        parts = urlsplit(given)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return given
        raise ValueError("tokens are fetched over https only: write https://…")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else knows."""
        secret = self.client_secret.get_secret_value() if self.client_secret else ""
        return (secret, self.refresh_token.get_secret_value())


class Brake(BaseModel):
    """When two machines answer each other: a thread is told nothing more.

    Args:
        mails: Most mails of one sender in one thread.
        minutes: In so many minutes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mails: int = Field(default=10, ge=1)
    minutes: int = Field(default=10, ge=1)


class EmailConfig(ConnectionConfig):
    """A connection to one mailbox.

    Args:
        address: The mailbox's own address.
        name: The name beside it in mails.
        imap: `imaps://HOST`, or `imap://HOST` (with STARTTLS); with `:PORT` where it is not the usual one.
        smtp: `smtps://HOST`, or `smtp://HOST` (with STARTTLS).
        imap_tls: For `imap://`: `starttls`, or `none`, which is allowed on this computer only.
        smtp_tls: The same for `smtp://`.
        allow_plain: Allow `none` elsewhere too: passwords and mails can then be read on the way.
        ca_file: Certificates to believe beside the usual ones, relative to the configuration.
        auth: How to sign in: by `password` or `oauth`.
        inbox: The folder that is read.
        sent: The folder for what was sent, if the server names none; made where it is missing.
        authserv: Whose `Authentication-Results` are believed; without it every sender is taken for whom they say.
        since: Mails that arrived before this day are passed over; by default those from before the hub first looked.
        templates: A folder with templates of your own, relative to the configuration.
        language: Of mails; `auto` answers in the language that the client wrote in.
        team: Who signs mails; by default `name`, else the address.
        signature: Lines under that.
        plus_addressing: Whether mail to `LOCAL+anything@DOMAIN` arrives here: then every thread has such an address.
        public_domains: Domains that are no client's, beside those everybody knows.
        own_domains: Domains of colleagues; by default that of `address`, unless it is public.
        reply_all: Whether everybody whom the client wrote to is told too.
        limit_mb: Most megabytes (of 1,000,000 bytes) of an attachment that is read.
        brake: When a thread is told nothing more.
    """

    address: str
    name: str = ""
    imap: str = Field(pattern=r"^imaps?://")
    smtp: str = Field(pattern=r"^smtps?://")
    imap_tls: Literal["starttls", "none"] | None = None
    smtp_tls: Literal["starttls", "none"] | None = None
    allow_plain: bool = False
    ca_file: str | None = None
    auth: Annotated[PasswordAuth | OAuth, Field(discriminator="kind")]
    inbox: str = "INBOX"
    sent: str = "Sent"
    authserv: str | None = None
    since: date | None = None
    templates: str | None = None
    language: Literal["auto", "en", "zh-CN"] = "auto"
    team: str = ""
    signature: str = ""
    plus_addressing: bool = True
    public_domains: frozenset[str] = frozenset()
    own_domains: frozenset[str] | None = None
    reply_all: bool = False
    limit_mb: float = Field(default=50, gt=0)
    brake: Brake = Brake()

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        if not _ADDRESS.fullmatch(given.strip()):
            raise ValueError(f"{given!r} is no mail address; it should look like hub@example.com")
        return given.strip().lower()

    @field_validator("public_domains", "own_domains")
    @classmethod
    def _in_small_letters(cls, given: frozenset[str] | None) -> frozenset[str] | None:
        return None if given is None else frozenset(each.strip().lower().lstrip("@") for each in given)

    @field_validator("imap", "smtp")
    @classmethod
    def _names_a_host(cls, given: str) -> str:
        try:
            parts = urlsplit(given)
            told = parts.hostname and (parts.port or True)
        except ValueError:
            told = None
        if not told or parts.path.strip("/") or parts.username:
            raise ValueError(f"{given!r} should look like {parts.scheme if told else 'imaps'}://HOST or …://HOST:PORT")
        return given

    @model_validator(mode="after")
    def _keeps_passwords_private(self) -> "EmailConfig":
        for name in ("imap", "smtp"):
            server = self._server(name)
            if server.tls == "none" and not self.allow_plain and not is_loopback(server.host):
                raise ValueError(
                    f'{name}_tls = "none" would send the password to {server.host} for everybody to read: take it out, '
                    f"or write {name}s://{server.host}"
                )
        return self

    def _server(self, name: str) -> Server:
        parts = urlsplit(getattr(self, name))
        chosen: Any = getattr(self, f"{name}_tls")
        usual: Tls = "none" if is_loopback(parts.hostname or "") else "starttls"
        tls: Tls = "tls" if parts.scheme.endswith("s") else chosen or usual
        return Server(parts.hostname or "", parts.port or _PORTS[parts.scheme], tls)

    @property
    def imap_server(self) -> Server:
        """Where mail is read."""
        return self._server("imap")

    @property
    def smtp_server(self) -> Server:
        """Where mail is handed in."""
        return self._server("smtp")

    @property
    def domain(self) -> str:
        """What stands after the @ of the address."""
        return self.address.rpartition("@")[2]

    @property
    def public(self) -> frozenset[str]:
        """Domains that say nothing of who somebody works for."""
        return PUBLIC | self.public_domains

    @property
    def own(self) -> frozenset[str]:
        """Domains of colleagues."""
        return self.own_domains if self.own_domains is not None else frozenset({self.domain}) - self.public

    @property
    def limit(self) -> int:
        """Most bytes of an attachment."""
        return int(self.limit_mb * 1_000_000)


def is_loopback(host: str) -> bool:
    """Whether a host is this very computer."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AttachmentOptions(BaseModel):
    """Settings for attachments.

    Args:
        largest_mb: Most megabytes (of 1,000,000 bytes) of a file that is sent; many servers take no mail above 25 MB.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    largest_mb: float = Field(default=20, gt=0)
