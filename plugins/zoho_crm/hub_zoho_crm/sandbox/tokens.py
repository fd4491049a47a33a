"""OAuth: who gets an access token for what, for how long, and how many of them.

Source: the service's pages on OAuth and on the validity of tokens.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Json
from hub_zoho_crm.sandbox.records import User

LIFE = timedelta(hours=1)
CODE_LIFE = timedelta(minutes=3)
MOST_LIVE = 15
MOST_NEW, WINDOW = 10, timedelta(minutes=10)
MOST_REFRESH = 20
SCOPE = (
    "ZohoCRM.modules.ALL ZohoCRM.settings.ALL ZohoCRM.users.READ ZohoCRM.org.READ ZohoCRM.notifications.ALL"
    " ZohoCRM.coql.READ ZohoCRM.bulk.READ"
)
TOO_MANY: Json = {
    "error_description": "You have made too many requests continuously. Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


@dataclass
class Tokens:
    """The tokens of one client of the organisation."""

    org: Org
    client_id: str
    client_secret: str
    refresh: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._live: dict[str, tuple[str, datetime]] = {}
        self._made: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def grant(self, user_id: str) -> str:
        """A code with which the client can act as a user; good once, for 3 minutes."""
        code = f"1000.{self.org.hexadecimal(32)}.{self.org.hexadecimal(32)}"
        self._codes[code] = (user_id, self.org.clock() + CODE_LIFE)
        return code

    def add(self, user: User) -> None:
        """Let the client act as *user* with the user's refresh token."""
        self.refresh[user.refresh_token] = user.id

    def revoke(self, token: str) -> bool:
        """Make a refresh token, and all it gave, worthless; whether there was such a token."""
        self._live = {key: pair for key, pair in self._live.items() if pair[0] != token}
        return self.refresh.pop(token, None) is not None

    def user(self, access_token: str) -> User | None:
        """Whom an access token stands for; None if it is unknown or has expired."""
        for user in self.org.users.values():
            if user.access_token and user.access_token == access_token:
                return user if user.active else None
        refresh_token, until = self._live.get(access_token, ("", self.org.clock()))
        if until <= self.org.clock():
            return None
        user_found = self.org.users.get(self.refresh.get(refresh_token, ""))
        return user_found if user_found and user_found.active else None

    def answer(self, form: Mapping[str, str]) -> Json:
        """The answer to a request for a token; errors are told in it, with status 200 all the same."""
        if form.get("client_id") != self.client_id:
            return {"error": "invalid_client"}
        if form.get("client_secret") != self.client_secret:
            return {"error": "invalid_client_secret"}
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchange(form.get("code", ""))
            case "refresh_token":
                return self._access(form.get("refresh_token", ""))
        return {"error": "unsupported_grant_type"}

    def _exchange(self, code: str) -> Json:
        user_id, until = self._codes.pop(code, ("", self.org.clock()))
        if until <= self.org.clock():
            return {"error": "invalid_code"}
        token = f"1000.{self.org.hexadecimal(32)}.{self.org.hexadecimal(32)}"
        mine = [key for key, owner in self.refresh.items() if owner == user_id]
        for old in mine[: max(len(mine) - MOST_REFRESH + 1, 0)]:
            self.revoke(old)
        self.refresh[token] = user_id
        answer = self._access(token)
        return {"access_token": answer["access_token"], "refresh_token": token, **answer}

    def _access(self, refresh_token: str) -> Json:
        if refresh_token not in self.refresh:
            return {"error": "invalid_code"}
        now, made = self.org.clock(), self._made[refresh_token]
        while made and made[0] <= now - WINDOW:
            made.popleft()
        if len(made) >= MOST_NEW:
            return TOO_MANY
        made.append(now)
        token = f"1000.{self.org.hexadecimal(32)}.{self.org.hexadecimal(32)}"
        self._keep(token, refresh_token, now)
        return {
            "access_token": token,
            "scope": SCOPE,
            "api_domain": self.org.url,
            "token_type": "Bearer",
            "expires_in": int(LIFE.total_seconds()),
        }

    def _keep(self, token: str, refresh_token: str, now: datetime) -> None:
        self._live = {key: pair for key, pair in self._live.items() if pair[1] > now}
        siblings = [key for key, pair in self._live.items() if pair[0] == refresh_token]
        for old in siblings[: max(len(siblings) - MOST_LIVE + 1, 0)]:
            del self._live[old]
        self._live[token] = (refresh_token, now + LIFE)
