"""The faults a sandbox can be told to have, as `PUT /_sandbox/faults` takes them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateLimit(_Part):
    """At most `requests` in any `per_s` seconds."""

    requests: int = Field(gt=0)
    per_s: float = Field(gt=0)


class Errors(_Part):
    """A `share` of requests is answered with `status` and not carried out."""

    status: int = Field(default=503, ge=400, le=599)
    share: Share


class Chance(_Part):
    """Something that happens to a `share` of requests."""

    share: Share


class WebhookFaults(_Part):
    """What goes wrong with deliveries of webhooks."""

    lose: Share = 0
    repeat: Share = 0
    reorder: bool = False
    delay_s: float = Field(default=0, ge=0)


class Faults(_Part):
    """All faults; the default is a healthy service."""

    latency_ms: float = Field(default=0, ge=0)
    search_lag_s: float = Field(default=0, ge=0)
    rate_limit: RateLimit | None = None
    errors: Errors | None = None
    drop_after_commit: Chance | None = None
    disconnect: Chance | None = None
    webhooks: WebhookFaults = WebhookFaults()
