"""Webhooks: those of administrators work; the dynamic ones are for apps only and refuse Basic credentials."""

from starlette.responses import Response

from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import Problem, answer, bad, missing
from hub_jira.sandbox.records import Json

ONLY_APPS = "Only Connect apps and apps using OAuth 2.0 (3LO) can use this operation."
_KEPT = ("name", "url", "events", "filters", "excludeBody", "secret", "description")


def refuse(_: Call) -> Response:
    """Every operation of `/webhook`: 403 for callers that are no app."""
    raise Problem(403, [ONLY_APPS])


def _admin(call: Call) -> None:
    if not call.caller.admin:
        raise Problem(403, ["You must be a Jira administrator to use webhooks."])


def _shown(call: Call, hook_id: str) -> Json:
    hook = call.site.hooks[hook_id]
    shown = {key: value for key, value in hook.items() if key != "secret"}
    where = f"{call.site.url}/rest/webhooks/1.0/webhook/{hook_id}"
    return {**shown, "enabled": True, "self": where, "isSigned": bool(hook.get("secret"))}


def _hook_id(call: Call) -> str:
    _admin(call)
    if call.path("id") not in call.site.hooks:
        raise missing("The webhook does not exist.")
    return call.path("id")


def register(call: Call) -> Response:
    """`POST /rest/webhooks/1.0/webhook`."""
    _admin(call)
    given = call.object
    if not isinstance(given.get("events"), list) or not str(given.get("url", "")).startswith(("http://", "https://")):
        raise bad("A webhook needs a 'url' and a list of 'events'.")
    hook_id = call.site.next_id("webhook")
    call.site.hooks[hook_id] = {key: given[key] for key in _KEPT if key in given}
    return answer(_shown(call, hook_id), 201)


def hooks(call: Call) -> list[Json]:
    """`GET /rest/webhooks/1.0/webhook`."""
    _admin(call)
    return [_shown(call, one) for one in call.site.hooks]


def hook(call: Call) -> Json:
    """`GET /rest/webhooks/1.0/webhook/{id}`."""
    return _shown(call, _hook_id(call))


def drop(call: Call) -> Response:
    """`DELETE /rest/webhooks/1.0/webhook/{id}`."""
    del call.site.hooks[_hook_id(call)]
    return no_content()


_ADMIN = "//rest/webhooks/1.0/webhook"
ENDPOINTS = [
    Endpoint("POST", "/webhook", refuse, cloud_only=True),
    Endpoint("GET", "/webhook", refuse, cloud_only=True),
    Endpoint("DELETE", "/webhook", refuse, cloud_only=True),
    Endpoint("PUT", "/webhook/refresh", refuse, cloud_only=True),
    Endpoint("POST", _ADMIN, register, login=True),
    Endpoint("GET", _ADMIN, hooks, login=True),
    Endpoint("GET", _ADMIN + "/{id}", hook, login=True),
    Endpoint("DELETE", _ADMIN + "/{id}", drop, login=True),
]
