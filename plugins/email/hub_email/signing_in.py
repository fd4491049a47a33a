"""How the mailbox is signed in to: with a password, or with an access token that is refreshed."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from hub.sdk import (
    AccessToken,
    Answer,
    BadAnswer,
    Http,
    ServiceError,
    Setup,
    SignInRejected,
    Tokens,
    judge,
)
from hub_email.config import OAuth
from hub_email.imap import Access

LIFETIME_S = 3600
_FATAL = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "interaction_required")


class SigningIn:
    """What opens the mailbox of one connection."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._auth = setup, setup.config.auth
        self._http: Http | None = None
        if isinstance(self._auth, OAuth):
            url = urlsplit(self._auth.token_url)
            self._path = url.path + (f"?{url.query}" if url.query else "")
            base = f"{url.scheme}://{url.netloc}"
            self._http = Http(setup.connection, base, setup.network, judge=self._judge)
            self._tokens = Tokens(self._refresh, setup.vault, setup.clock, self._auth.secrets)

    @property
    def calls(self) -> int:
        """How many requests for tokens went out."""
        return self._http.calls if self._http else 0

    async def access(self, refused: Access | None = None) -> Access:
        """What to sign in with; another token than *refused*. Raises ServiceError."""
        if not isinstance(self._auth, OAuth):
            return Access(self._auth.user, self._auth.password.get_secret_value())
        token = await self._tokens.current()
        if refused is not None and token.value == refused.secret:
            token = await self._tokens.renewed(token)
        return Access(self._auth.user, token.value, by_token=True)

    async def close(self) -> None:
        """Let go of connections."""
        if self._http:
            await self._http.close()

    async def _refresh(self) -> AccessToken:
        assert self._http is not None
        secret, token = self._auth.secrets
        form = {
            "grant_type": "refresh_token",
            "client_id": self._auth.client_id,
            "refresh_token": token,
            **({"client_secret": secret} if secret else {}),
            **({"scope": self._auth.scope} if self._auth.scope else {}),
        }
        asked_at = self._setup.clock()
        answer = await self._http.json("POST", self._path, data=form, repeatable=True)
        if not isinstance(answer, Mapping) or not answer.get("access_token"):
            raise BadAnswer("the token server gave no access token", connection=self._setup.connection)
        until = asked_at + timedelta(seconds=int(answer.get("expires_in") or LIFETIME_S))
        return AccessToken(str(answer["access_token"]), until)

    def _judge(self, answer: Answer) -> ServiceError | None:
        """RFC 6749 §5.2: refusals are 400 with a word for the reason."""
        if answer.status in {400, 401, 403} and any(each in answer.text for each in _FATAL):
            return SignInRejected(
                f"the token server refused: {answer.text[:300]}",
                connection=self._setup.connection,
                fix="give the hub a new refresh token; those of test apps end after some days",
            )
        return judge(answer)
