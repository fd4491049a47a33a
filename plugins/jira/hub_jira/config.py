"""What a `[connections.NAME]` table with `plugin = "jira"` says, and what a spoke may say of each kind."""

import base64
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.sdk import ConnectionConfig, FieldName, Secret

GATEWAY = "https://api.atlassian.com/"


_SIGNS_IN = {"cloud": ("token",), "datacenter": ("pat", "basic")}


class TokenAuth(BaseModel):
    """An API token of one account of Jira Cloud. Tokens expire after at most a year.

    Args:
        user: The account's e-mail address.
        token: The API token.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["token"]
    user: str
    token: Secret

    def header(self) -> str:
        """The `Authorization` header: Basic (RFC 7617), with the e-mail address as the user."""
        return _basic(self.user, self.token.get_secret_value())


class PatAuth(BaseModel):
    """A personal access token of one account of Jira Data Center, 8.14 or later.

    Args:
        token: The personal access token.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["pat"]
    token: Secret

    def header(self) -> str:
        """The `Authorization` header: Bearer (RFC 6750)."""
        return f"Bearer {self.token.get_secret_value()}"


class BasicAuth(BaseModel):
    """A login name and a password of Jira Data Center.

    Args:
        user: The login name.
        password: The password, as a secret.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["basic"]
    user: str
    password: Secret

    def header(self) -> str:
        """The `Authorization` header: Basic (RFC 7617)."""
        return _basic(self.user, self.password.get_secret_value())


def _basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


class JiraConfig(ConnectionConfig):
    """A connection to one project of a Jira site.

    Args:
        edition: `cloud` for SITE.atlassian.net, `datacenter` for a Jira that a company runs itself.
        url: `https://SITE.atlassian.net`, or `https://api.atlassian.com/ex/jira/CLOUD_ID` for tokens with scopes; of Data
            Center, the address under which people open it, with its path if it has one.
        auth: How the account signs in: `token` (Cloud), `pat` or `basic` (Data Center).
        project: The project's key.
        site: Where people open issues, if that is not `url`.
    """

    edition: Literal["cloud", "datacenter"] = "cloud"
    url: str = Field(pattern=r"^https?://")
    auth: Annotated[TokenAuth | PatAuth | BasicAuth, Field(discriminator="kind")]
    project: str = Field(min_length=1)
    site: str | None = None

    @field_validator("url", "site")
    @classmethod
    def _without_slash(cls, given: str | None) -> str | None:
        return given.rstrip("/") if given else given

    @model_validator(mode="after")
    def _signs_in_as_its_edition_does(self) -> "JiraConfig":
        kinds = _SIGNS_IN[self.edition]
        if self.auth.kind not in kinds:
            raise ValueError(f"the {self.edition} edition signs in with auth of kind {' or '.join(kinds)}")
        return self

    def browse(self, key: str) -> str | None:
        """The page of an issue; None where only the gateway is known, which has no pages."""
        site = self.site or (None if self.url.startswith(GATEWAY) else self.url)
        return f"{site}/browse/{key}" if site else None


class JiraOptions(BaseModel):
    """Jira's own settings for issues of a kind.

    Args:
        defaults: Values for fields that a screen requires and the hub does not hold, by field id or field name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    defaults: dict[FieldName, Any] = {}

    def default(self, field: str, name: str) -> Any:
        """The configured value of a field; None if there is none."""
        return self.defaults.get(field, self.defaults.get(name))


def _an_id(given: str) -> str:
    if not re.fullmatch(r"customfield_\d+", given):
        raise ValueError(f"{given!r} is no id of a custom field, such as customfield_10010")
    return given


FieldId = Annotated[FieldName, AfterValidator(_an_id)]


class RequirementOptions(JiraOptions):
    """Jira's own settings for requirements.

    Args:
        background: The text area that holds the background; without it, a section of the description does.
        acceptance: The text area that holds the acceptance criteria as a list; without it, a section of the description.
        start: The date field that holds the start.
        estimate: Whether the estimate is carried: only where time tracking is on the screens of the project.
    """

    background: FieldId | None = None
    acceptance: FieldId | None = None
    start: FieldId | None = None
    estimate: bool = False


class CommentOptions(BaseModel):
    """Jira's own settings for comments.

    Args:
        restricted: Whether comments that only a role or a group may see are carried too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    restricted: bool = False


class AttachmentOptions(BaseModel):
    """Jira's own settings for attachments.

    Args:
        attachment_limit_mb: Most megabytes (of 1,000,000 bytes) of a file that is sent to Jira; its own limit holds too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attachment_limit_mb: float | None = Field(default=None, gt=0)
