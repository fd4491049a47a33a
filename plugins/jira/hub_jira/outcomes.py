"""What became of deletions, in the words of the contract."""

import asyncio
from collections.abc import Awaitable, Iterable

from hub.sdk import NotFound, Outcome, ServiceError, outcome_of, stop_if_signed_out


async def deletions(calls: Iterable[Awaitable[None]]) -> list[Outcome | None]:
    """What became of each call that deletes something, side by side; None where it is gone, whoever deleted it."""
    done = await asyncio.gather(*map(_gone, calls))
    stop_if_signed_out(done)
    return done


async def _gone(call: Awaitable[None]) -> Outcome | None:
    try:
        await call
    except NotFound:
        return None
    except ServiceError as error:
        return outcome_of(error)
    return None
