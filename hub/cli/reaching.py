"""Calls on a connection to see whether it works and what it has."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hub.errors import ServiceError
from hub.sdk.connector import Connector, Description, Identity


@dataclass(frozen=True, slots=True)
class Reached:
    """What a connection answered: who we are there and what it has, or what went wrong.

    Args:
        connector: What it was asked by; closed, and it knows its mapping still.
    """

    connector: Connector
    identity: Identity | None = None
    description: Description | None = None
    error: ServiceError | None = None


async def reach(connector: Connector) -> Reached:
    """Open a connection, and have it described."""
    identity = None
    try:
        identity = await connector.open()
        return Reached(connector, identity, await connector.describe())
    except ServiceError as error:
        return Reached(connector, identity, error=error)
    finally:
        await connector.close()


async def reach_all(connectors: Iterable[Connector]) -> list[Reached]:
    """The same for several, in the same order: connections side by side.

    Connectors of one connection take turns, so that an access token that the first one asks for serves the others too.
    """
    turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def in_turn(connector: Connector) -> Reached:
        async with turns[connector.setup.connection]:
            return await reach(connector)

    return await asyncio.gather(*map(in_turn, connectors))
