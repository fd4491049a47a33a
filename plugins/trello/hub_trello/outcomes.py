"""What became of writes: errors about one record are outcomes, those about the connection are raised."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from hub.sdk import AnswerLost, BadAnswer, Delayed, Refusal, Refused, ServiceError, SignInRejected, Transient, Unknown


async def outcomes(writes: Sequence[Awaitable[Any]]) -> list[Any]:
    """Each write's outcome. Raises SignInRejected if that is what became of all of them."""
    return checked(await asyncio.gather(*(outcome(write) for write in writes)))


def checked(results: list[Any]) -> list[Any]:
    """*results*. Raises SignInRejected if that is what all of them are."""
    rejected = [each.error for each in results if isinstance(each, Delayed) and isinstance(each.error, SignInRejected)]
    if rejected and len(rejected) == len(results):
        raise rejected[0]
    return results


async def outcome(write: Awaitable[Any]) -> Any:
    """What became of one write, whatever it raises."""
    try:
        return await write
    except (SignInRejected, Transient) as error:
        return Delayed(error)
    except (AnswerLost, BadAnswer) as error:
        return Unknown(error)
    except Refused as error:
        return Refusal(error.message, error.fields)
    except ServiceError as error:
        return Refusal(error.message)
