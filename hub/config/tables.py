"""The shape of hub.toml: which keys a table may have, and of what type their values are."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.config.durations import Duration
from hub.config.settings import OnDelete
from hub.model import Audience


class Table(BaseModel):
    """A TOML table in which an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HubTable(Table):
    """`[hub]`."""

    store: str = "sqlite:///hub.db"
    language: Literal["en", "zh-CN"] = "en"
    attachment_limit_mb: float = Field(default=50.0, gt=0, le=2000)


class WhereTable(Table):
    """`where = { … }` of a kind."""

    labels: list[str] | None = None
    status: list[str] | None = None
    client: list[str] | None = None
    types: list[str] | None = None


class KindTable(BaseModel):
    """A kind's table in a spoke; what is left over belongs to the connector."""

    model_config = ConfigDict(extra="allow", frozen=True)

    originates: bool = False
    creates: bool = False
    types: list[str] = []
    create_type: str | None = None
    where: WhereTable = WhereTable()
    custom: dict[str, str] = {}
    shows: list[str] | None = None
    audience: Audience | None = None
    client_marks: list[str] = ["@client", "@客户"]


class SpokeTable(BaseModel):
    """`[syncs.NAME.spokes.CONNECTION]`; what is left over are kinds and vocabularies."""

    model_config = ConfigDict(extra="allow", frozen=True)

    audience: Audience | None = None
    on_delete: OnDelete = OnDelete.UNLINK
    quiet: Duration | None = None


class LimitTable(Table):
    """`{ count = 10, share = 0.02 }`: what is not given is as usual."""

    count: int | None = Field(default=None, ge=0, strict=True)
    share: float | None = Field(default=None, ge=0, le=1)


class BreakerTable(Table):
    """`[syncs.NAME.breaker]`."""

    writes: int = Field(default=8, ge=1, strict=True)
    within: Duration = timedelta(minutes=10)


class SyncTable(Table):
    """`[syncs.NAME]`."""

    every: Duration | None = None
    cron: str | None = None
    full_every: Duration | None = None
    spokes: dict[str, dict[str, Any]] = Field(min_length=1)
    rules: dict[str, str] = {}
    guard: dict[str, Any] = {}
    breaker: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_schedule(self) -> "SyncTable":
        if self.every and self.cron:
            raise ValueError("has both every and cron: keep one")
        if self.cron and len(self.cron.split()) != 5:
            raise ValueError(f'cron {self.cron!r} needs five parts, such as "*/5 8-20 * * mon-fri"')
        return self


class FileTable(Table):
    """The whole file; connections, syncs and people are looked at one by one."""

    hub: dict[str, Any] = {}
    connections: dict[str, dict[str, Any]] = {}
    syncs: dict[str, dict[str, Any]] = {}
    people: dict[str, dict[str, str]] = {}
