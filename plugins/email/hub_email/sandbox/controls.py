"""The control API of the mail sandbox, beside `/_sandbox/*`: deliver as if from outside, and look into boxes.

- `POST /_mail/deliver?to=ADDRESS` with the message as the body: puts it into the inbox, headers untouched; answers where.
- `GET /_mail/boxes/ADDRESS/FOLDER`: every message, shown; `GET …/UID`: one message as it is.
- `POST /_mail/boxes/ADDRESS/FOLDER/reset`: a new UIDVALIDITY, and new uids.
- `PUT /_mail/settings` with any of `{"unsafe_login": true, "authentication_results": false}`; answers all.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hub_email.sandbox.boxes import Folder, NoSuchFolder
from hub_email.sandbox.post import Post

SETTINGS = ("unsafe_login", "authentication_results")


def routes(post: Post) -> list[BaseRoute]:
    """The endpoints."""
    controls = Controls(post)
    box = "/_mail/boxes/{address}/{folder}"
    return [
        Route("/_mail/deliver", controls.deliver, methods=["POST"]),
        Route("/_mail/settings", controls.settings, methods=["PUT"]),
        Route(box, controls.listed, methods=["GET"]),
        Route(box + "/reset", controls.reset, methods=["POST"]),
        Route(box + "/{uid:int}", controls.raw, methods=["GET"]),
    ]


class Controls:
    """Answers; 404 for boxes and messages that are not there, 422 for mistakes."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def deliver(self, request: Request) -> Response:
        """Put the message of the body into a box."""
        raw = await request.body()
        try:
            box, folder, message = self._post.deliver(raw, request.query_params.get("to", ""))
        except ValueError as error:
            return mistake(error)
        return JSONResponse({"address": box.address, "folder": folder.name, "uid": message.uid}, status_code=201)

    async def listed(self, request: Request) -> Response:
        """All messages of a folder."""
        try:
            return JSONResponse([each.shown() for each in self._folder(request).messages])
        except NoSuchFolder as error:
            return mistake(error, 404)

    async def raw(self, request: Request) -> Response:
        """One message."""
        try:
            message = self._folder(request).message(request.path_params["uid"])
        except NoSuchFolder as error:
            return mistake(error, 404)
        if message is None:
            return mistake("there is no message of this uid", 404)
        return Response(message.raw, media_type="message/rfc822")

    async def reset(self, request: Request) -> Response:
        """Give a folder a new UIDVALIDITY."""
        try:
            folder = self._folder(request)
        except NoSuchFolder as error:
            return mistake(error, 404)
        folder.reset()
        return JSONResponse({"uidvalidity": folder.uidvalidity})

    async def settings(self, request: Request) -> Response:
        """Change what the provider insists on and adds."""
        try:
            wanted = await request.json()
        except ValueError as error:
            return mistake(error)
        if not isinstance(wanted, dict) or wrong(wanted):
            return mistake(f"expected any of {', '.join(SETTINGS)}, each true or false")
        for name, value in wanted.items():
            setattr(self._post, name, value)
        return JSONResponse({name: getattr(self._post, name) for name in SETTINGS})

    def _folder(self, request: Request) -> Folder:
        return self._post.boxes.folder(request.path_params["address"], request.path_params["folder"])


def wrong(settings: dict[str, object]) -> bool:
    """Whether there is a setting that is not, or a value that is neither true nor false."""
    return any(name not in SETTINGS or not isinstance(value, bool) for name, value in settings.items())


def mistake(words: object, status: int = 422) -> Response:
    """What the sandbox kit answers to mistakes."""
    return JSONResponse({"problems": [str(words)]}, status_code=status)
