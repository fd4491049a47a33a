"""Access tokens by the refresh grant.

Facts: zoho.com/crm/developer/docs/api/v8/refresh.html and …/token-validity.html. Errors of the accounts server come
with status 200; an access token lives an hour; ten may be made from one refresh token in ten minutes.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hub.sdk import (
    AccessToken,
    Answer,
    BadAnswer,
    Http,
    RateLimited,
    ServiceDown,
    ServiceError,
    Setup,
    SignInRejected,
    Tokens,
    judge,
)
from hub_zoho_crm.config import DataCentre, ZohoConfig

SCOPES = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.coql.READ",
)
TOKEN_WINDOW_S = 600.0
LIFETIME_S = 3600


class SignIn:
    """Makes access tokens for one connection."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._config: ZohoConfig = setup.config
        self._secrets = (self._config.client_secret.get_secret_value(), self._config.refresh_token.get_secret_value())
        self.http = Http(setup.connection, self._config.accounts, setup.network, judge=self._judge, parallel=1)
        sealed_with = (self._config.accounts, self._config.client_id, *self._secrets)
        self.tokens = Tokens(self._refresh, setup.vault, setup.clock, sealed_with)

    async def _refresh(self) -> AccessToken:
        """A new access token. Raises SignInRejected, RateLimited, ServiceDown."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self._config.client_id,
            "client_secret": self._secrets[0],
            "refresh_token": self._secrets[1],
        }
        asked_at = self._setup.clock()
        answer = await self.http.json("POST", "/oauth/v2/token", data=form, repeatable=True)
        if not isinstance(answer, Mapping) or not answer.get("access_token"):
            raise BadAnswer("the accounts server gave no access token", connection=self._setup.connection)
        until = asked_at + timedelta(seconds=int(answer.get("expires_in") or LIFETIME_S))
        return AccessToken(str(answer["access_token"]), until, self._api(answer))

    def _api(self, answer: Mapping[str, Any]) -> str:
        """The API that the token is for; what the configuration says stands in for it."""
        return self._config.url or str(answer.get("api_domain") or self._config.data_centre.hosts.api).rstrip("/")

    def _judge(self, answer: Answer) -> ServiceError | None:
        error, said = _error_in(answer)
        if error:
            return self._told(error, said)
        return judge(answer)

    def _told(self, error: str, said: str) -> ServiceError:
        place = f"connections.{self._setup.connection}"
        words = f"{error}: {said}" if said else error
        for secret in self._secrets:
            words = words.replace(secret, "•••")
        if "too many" in said.lower() or "too_many" in error.lower():
            return RateLimited(f"too many access tokens were asked for: {words}", retry_after=TOKEN_WINDOW_S)
        if error in {"general_error", "server_error", "internal_error"}:
            return ServiceDown(f"the accounts server failed: {words}")
        if error == "invalid_client":
            others = ", ".join(f'"{centre}"' for centre in DataCentre)
            fix = f"is {place}.data_centre right ({others})? Else look at client_id at https://api-console.zoho.com"
            why = f'the client is unknown in the data centre "{self._config.data_centre}"'
            return SignInRejected(f"{why}: {words}", fix=fix)
        if error == "invalid_client_secret":
            return SignInRejected(f"the client secret was refused: {words}", fix=f"set {place}.client_secret anew")
        fix = f"make a new refresh token with the scopes {','.join(SCOPES)} and access_type=offline"
        return SignInRejected(f"the refresh token was refused: {words}", fix=fix)


def _error_in(answer: Answer) -> tuple[str, str]:
    """The error and its description in an answer of the accounts server; empty if there is none."""
    try:
        body = json.loads(answer.content or b"null")
    except ValueError:
        return "", ""
    if not isinstance(body, Mapping) or not body.get("error"):
        return "", ""
    return str(body["error"]), str(body.get("error_description") or "")
