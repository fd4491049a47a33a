"""Calls on a connection to see whether it works and what it has."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from hub.errors import ServiceError
from hub.sdk.connector import Connector, Description, Identity


@dataclass(frozen=True, slots=True)
class Reached:
    """What a connection answered: who we are there and what it has, or what went wrong."""

    identity: Identity | None = None
    description: Description | None = None
    error: ServiceError | None = None


async def reach(connector: Connector) -> Reached:
    """Open a connection, and have it described."""
    identity = None
    try:
        identity = await connector.open()
        return Reached(identity, await connector.describe())
    except ServiceError as error:
        return Reached(identity, error=error)
    finally:
        await connector.close()


async def reach_all(connectors: Iterable[Connector]) -> list[Reached]:
    """The same for several, side by side, in the same order."""
    return await asyncio.gather(*map(reach, connectors))
