"""``python -m bench``: measure, and print tables or one JSON document."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

import click
from rich.console import Console

from bench.beside import beside
from bench.mailing import mailing
from bench.memory import memory
from bench.profiling import profiled
from bench.rest import at_rest
from bench.services import LEAST, services
from bench.tables import Figures

SIZES, COPIES = (10_000, 50_000), 100
QUICK_SIZES, QUICK_COPIES = (1_000, 5_000), 20
MOST_MAILS = 20
WIDTH = 160
Part = Callable[[Sequence[int], int], Awaitable[list[Figures]]]
PARTS: Mapping[str, Part] = {
    "beside": lambda sizes, _: beside(sizes),
    "rest": lambda sizes, _: at_rest(sizes),
    "memory": lambda sizes, _: asyncio.to_thread(memory, sizes),
    "services": lambda _, copies: services(copies),
    "mailbox": lambda _, copies: mailing(min(copies, MOST_MAILS)),
    "profile": lambda sizes, _: profiled(max(sizes)),
}
"""By name: what is measured, from the numbers of requirements in memory, and of copies at the services."""
USUAL = tuple(name for name in PARTS if name != "profile")


@click.command()
@click.option(
    "--size", "sizes", type=click.IntRange(1), multiple=True, help=f"Requirements; may be repeated. Usually {SIZES}."
)
@click.option(
    "--copies", type=click.IntRange(LEAST), help=f"Requirements made at each of the services. Usually {COPIES}."
)
@click.option("--part", "parts", type=click.Choice([*PARTS]), multiple=True, help="Only this; may be repeated.")
@click.option("--quick", is_flag=True, help=f"Sizes {QUICK_SIZES}, {QUICK_COPIES} copies.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
def main(sizes: tuple[int, ...], copies: int | None, parts: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Measure what the hub costs. Counts and ratios can be compared; seconds are this machine's, for information."""
    sizes = sizes or (QUICK_SIZES if quick else SIZES)
    copies = copies or (QUICK_COPIES if quick else COPIES)
    console, told = Console(width=None if Console().is_terminal else WIDTH), []
    for part in parts or USUAL:
        for figures in asyncio.run(_measured(PARTS[part], sizes, copies)):
            told.append(figures.as_json())
            if not as_json:
                figures.show(console)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))


async def _measured(part: Part, sizes: Sequence[int], copies: int) -> list[Figures]:
    return await part(sizes, copies)


if __name__ == "__main__":
    main()
