"""A sandbox on a real port of 127.0.0.1, in this process or in a thread of it."""

import contextlib
import socket
import threading
from asyncio import Transport
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub.sdk.sandbox.app import create_app
from hub.sdk.sandbox.base import Sandbox


class _BreakableProtocol(H11Protocol):
    """Lets the application reach the transport, so that it can break off without an answer."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio leaves this to us, as the socket was made without naming its protocol. Without it the body of an
        # answer waits until the client has acknowledged the head: 40 ms for every call.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}


def listen(port: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes any free one."""
    return socket.create_server(("127.0.0.1", port), backlog=512)


def server_for(app: ASGIApp) -> uvicorn.Server:
    """A quiet uvicorn server for *app* that can break connections."""
    config = uvicorn.Config(
        app,
        http=_BreakableProtocol,
        lifespan="auto",  # an application may stand around ours that knows nothing of it
        log_config=None,  # the default one is set up anew, and talks, whenever a second server is made
        log_level="critical",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


class SandboxServer:
    """Serves a sandbox from a thread while a `with` block runs."""

    def __init__(self, sandbox: Sandbox, port: int = 0, *, app: ASGIApp | None = None) -> None:
        self.sandbox = sandbox
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        sandbox.served_at(self.url)
        self._server = server_for(app or create_app(sandbox))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def connection(self) -> dict[str, Any]:
        """A `[connections.X]` table for this server."""
        return dict(self.sandbox.connection(self.url))

    def __enter__(self) -> Self:
        """Start, and return when the port answers."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait until it did."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()


@contextlib.contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[SandboxServer]:
    """Serve *sandbox* on 127.0.0.1 while the block runs."""
    with SandboxServer(sandbox, port) as server:
        yield server
