"""Attachments: links, uploads with a size limit, and downloads that need the OAuth header."""

import hashlib
import hmac
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from hub_trello.sandbox import making, views
from hub_trello.sandbox.actions import about_card, record
from hub_trello.sandbox.answers import NO_RIGHT, Refusal, invalid, not_found
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.validation import STEP, link
from hub_trello.sandbox.world import Json, World

NAME_LIMIT = 256
STORE_PATH = "/trello-attachments/{card}/{attachment}/{name}"


def get_attachments(call: Call) -> list[Json]:
    """A card's attachments."""
    return [views.pick(each, call.params.get("fields")) for each in call.card()["attachments"]]


def get_attachment(call: Call) -> Json:
    """One attachment of a card."""
    return views.pick(_attachment(call.card(), call.path["idAttachment"]), call.params.get("fields"))


def _attachment(card: Json, identifier: str) -> Json:
    for each in card["attachments"]:
        if each["id"] == identifier:
            found: Json = each
            return found
    raise not_found()


def create_attachment(call: Call) -> Json:
    """A link by `url`, or an upload by a multipart `file`. Raises Refusal."""
    card, name = call.card_to_write(), str(call.params.get("name") or "")
    if len(name) > NAME_LIMIT:
        raise invalid("name")
    if call.upload:
        return _add_upload(call, card, name or call.upload.name)
    if not call.params.get("url"):
        raise Refusal(400, "Must provide either url or file")
    address = link(call.params["url"])
    return add_link(call, card, address, name or address)


def add_link(call: Call, card: Json, url: str, name: str) -> Json:
    """Attach a link."""
    identifier = call.world.ids.new()
    return _attach(call, card, making.attachment(identifier, call.who.member["id"], name[:NAME_LIMIT], url))


def _add_upload(call: Call, card: Json, name: str) -> Json:
    world, upload = call.world, call.upload
    if upload is None:
        raise invalid("file")
    if len(upload.content) > world.upload_limit:
        raise Refusal(413, "The attachment is too large")
    identifier = world.ids.new()
    file_name = quote(upload.name.replace(" ", "_") or "file", safe=".-_")
    address = f"{world.url}/1/cards/{card['id']}/attachments/{identifier}/download/{file_name}"
    media_type = call.params.get("mimeType") or upload.media_type
    more = {"isUpload": True, "bytes": len(upload.content), "mimeType": media_type, "fileName": file_name}
    world.blobs[identifier] = upload.content
    return _attach(call, card, making.attachment(identifier, call.who.member["id"], name, address, **more))


def _attach(call: Call, card: Json, made: Json) -> Json:
    made["pos"] = max((each["pos"] for each in card["attachments"]), default=0.0) + STEP / 4
    made["date"] = call.world.stamp()
    card["attachments"].append(made)
    tag = {key: made[key] for key in ("id", "name", "url")}
    record(call.world, call.who, "addAttachmentToCard", about_card(call.world, card, attachment=tag))
    return made


def delete_attachment(call: Call) -> Json:
    """Take an attachment off a card."""
    card = call.card_to_write()
    found = _attachment(card, call.path["idAttachment"])
    card["attachments"].remove(found)
    call.world.blobs.pop(found["id"], None)
    tag = {key: found[key] for key in ("id", "name")}
    record(call.world, call.who, "deleteAttachmentFromCard", about_card(call.world, card, attachment=tag))
    return {"limits": {}}


def download(call: Call) -> Response:
    """A redirect to the file's signed address on another host; query credentials are refused here."""
    if not call.by_header:
        raise Refusal(401, NO_RIGHT)
    found = _attachment(call.card(), call.path["idAttachment"])
    if found["id"] not in call.world.blobs:
        raise not_found()
    path = STORE_PATH.format(card=call.card()["id"], attachment=found["id"], name=found["fileName"])
    # "localhost" is another host than "127.0.0.1" to a client, as S3 is another host than Trello.
    host = call.world.url.replace("127.0.0.1", "localhost")
    return RedirectResponse(f"{host}{path}?X-Amz-Signature={_signature(found['id'])}", status_code=302)


def _signature(identifier: str) -> str:
    return hmac.new(b"storage", identifier.encode(), hashlib.sha256).hexdigest()


def store_route(world: World) -> Route:
    """The file store behind downloads: it knows its own signature and refuses a second kind of credentials."""

    async def fetch(request: Request) -> Response:
        identifier = request.path_params["attachment"]
        if "authorization" in request.headers:
            return PlainTextResponse("<Error><Code>InvalidArgument</Code></Error>", 400, media_type="application/xml")
        if request.query_params.get("X-Amz-Signature") != _signature(identifier) or identifier not in world.blobs:
            return PlainTextResponse("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return Response(world.blobs[identifier], media_type=_media_type(world, identifier))

    return Route(STORE_PATH, fetch, methods=["GET"])


def _media_type(world: World, identifier: str) -> Any:
    attachments = (each for card in world.cards.values() for each in card["attachments"])
    found = next((each for each in attachments if each["id"] == identifier), None)
    return (found and found["mimeType"]) or "application/octet-stream"


ENDPOINTS = [
    Endpoint("GET", "/cards/{id}/attachments", get_attachments),
    Endpoint("POST", "/cards/{id}/attachments", create_attachment),
    Endpoint("GET", "/cards/{id}/attachments/{idAttachment}", get_attachment),
    Endpoint("DELETE", "/cards/{id}/attachments/{idAttachment}", delete_attachment),
    Endpoint("GET", "/cards/{id}/attachments/{idAttachment}/download/{name}", download),
]
