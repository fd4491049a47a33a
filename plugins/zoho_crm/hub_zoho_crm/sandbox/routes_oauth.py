"""The accounts server: codes, tokens, and their end."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub_zoho_crm.sandbox.http import Service
from hub_zoho_crm.sandbox.problems import answer


def routes(service: Service) -> list[Route]:
    """`/oauth/v2/auth`, `/oauth/v2/token` and `/oauth/v2/token/revoke`; none of them wants to know who asks."""

    async def authorise(request: Request) -> Response:
        """The first user agrees at once, and is sent back with a code."""
        query = request.query_params
        if query.get("client_id") != service.tokens.client_id or not query.get("redirect_uri"):
            return answer({"error": "invalid_client"})
        first = next(iter(service.org.users))
        given = {"code": service.tokens.grant(first), "location": "in", "accounts-server": service.org.url}
        state = {"state": query["state"]} if "state" in query else {}
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(given | state)}", 302)

    async def token(request: Request) -> Response:
        return answer(service.tokens.answer(await _form(request)))

    async def revoke(request: Request) -> Response:
        if service.tokens.revoke((await _form(request)).get("token", "")):
            return answer({"status": "success"})
        return answer({"error": "invalid_token"}, 400)

    return [
        Route("/oauth/v2/auth", authorise, methods=["GET"]),
        Route("/oauth/v2/token", token, methods=["POST"]),
        Route("/oauth/v2/token/revoke", revoke, methods=["POST"]),
    ]


async def _form(request: Request) -> dict[str, str]:
    """The fields of the form, or, as Zoho takes them too, of the query."""
    body = (await request.body()).decode(errors="replace")
    return {**dict(request.query_params), **dict(parse_qsl(body))}
