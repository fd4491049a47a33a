"""What a `[connections.NAME]` table with `plugin = "jira"` says."""

import base64
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hub.sdk import ConnectionConfig, Secret

GATEWAY = "https://api.atlassian.com/"


class TokenAuth(BaseModel):
    """An API token of one account. Tokens expire after at most a year."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["token"]
    user: str
    token: Secret

    def header(self) -> str:
        """The `Authorization` header: Basic, with the e-mail address as the user and the token as the password."""
        pair = f"{self.user}:{self.token.get_secret_value()}".encode()
        return "Basic " + base64.b64encode(pair).decode()


class JiraConfig(ConnectionConfig):
    """A connection to one project of a Jira Cloud site.

    Args:
        url: `https://SITE.atlassian.net`, or `https://api.atlassian.com/ex/jira/CLOUD_ID` for tokens with scopes.
        auth: How the account signs in.
        project: The project's key.
        site: Where people open issues, if that is not `url`.
    """

    url: str = Field(pattern=r"^https?://")
    auth: TokenAuth
    project: str = Field(min_length=1)
    site: str | None = None

    @field_validator("url", "site")
    @classmethod
    def _without_slash(cls, given: str | None) -> str | None:
        return given.rstrip("/") if given else given

    def browse(self, key: str) -> str | None:
        """The page of an issue; None where only the gateway is known, which has no pages."""
        site = self.site or (None if self.url.startswith(GATEWAY) else self.url)
        return f"{site}/browse/{key}" if site else None


class JiraOptions(BaseModel):
    """Jira's own settings for a kind.

    Args:
        defaults: Values for fields that a screen requires and the hub does not hold, by field id or field name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    defaults: dict[str, Any] = {}

    def default(self, field: str, name: str) -> Any:
        """The configured value of a field; None if there is none."""
        return self.defaults.get(field, self.defaults.get(name))
