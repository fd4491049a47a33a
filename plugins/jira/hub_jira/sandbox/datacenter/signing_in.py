"""Who asks, on Data Center: personal access tokens and passwords, and what becomes of wrong ones.

Unlike Cloud, Data Center answers 401 to wrong credentials even where nobody would have to sign in. After a few wrong
passwords it wants a CAPTCHA, which only a browser can solve: 403 to every password from then on, tokens go on working.
"""

import base64
import binascii
from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

from hub_jira.sandbox.records import Account
from hub_jira.sandbox.site import Site

MOST_WRONG_PASSWORDS = 3
_PAGE = (
    "<html><head><title>{title} ({status})</title></head><body><h1>{title} ({status})</h1><p>{why}</p></body></html>"
)


def sign_in(site: Site, authorization: str) -> Account | Response | None:
    """The account that the header names, the refusal that wrong credentials meet, or None for no credentials."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        known = (one for one in site.accounts.values() if one.token and one.active and one.token == value.strip())
        return next(known, None) or _refused()
    if kind.lower() == "basic":
        return _by_password(site, value)
    return None


def _by_password(site: Site, value: str) -> Account | Response:
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return _refused()
    account = site.user(name)
    if not account or not account.active:
        return _refused()
    if site.wrong_passwords[account.id] >= MOST_WRONG_PASSWORDS:
        return _wants_captcha(site)
    if not account.password or account.password != password:
        site.wrong_passwords[account.id] += 1
        return _refused()
    site.wrong_passwords.pop(account.id, None)
    return account


def _refused() -> Response:
    page = _PAGE.format(
        title="Unauthorized", status=401, why="Basic Authentication Failure - Reason : AUTHENTICATED_FAILED"
    )
    headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED", "WWW-Authenticate": 'OAuth realm="jira"'}
    return HTMLResponse(page, 401, headers)


def _wants_captcha(site: Site) -> Response:
    page = _PAGE.format(
        title="Forbidden", status=403, why="Basic Authentication Failure - Reason : AUTHENTICATION_DENIED"
    )
    denied = f"CAPTCHA_CHALLENGE; login-url={site.url}/login.jsp"
    headers = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED", "X-Authentication-Denied-Reason": denied}
    return HTMLResponse(page, 403, headers)


def identified(account: Account | None, serial: str) -> Mapping[str, str]:
    """The headers with which every answer says who asked."""
    headers = {"X-AREQUESTID": serial, "X-ANODEID": "node1", "X-AUSERNAME": "anonymous"}
    if account:
        headers |= {"X-AUSERNAME": account.username, "X-Seraph-LoginReason": "OK"}
    return headers
