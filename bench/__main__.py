"""``python -m bench``: measure, and print tables or one JSON document."""

import asyncio
import json

import click
from rich.console import Console

from bench.engine import engine
from bench.profiling import profiled
from bench.services import services
from bench.tables import Figures

SIZES = (1_000, 5_000)
COPIES = 200
WIDTH = 140


async def measured(sizes: tuple[int, ...], copies: int, *, profile: bool = False) -> list[Figures]:
    """All figures: of the engine for each of *sizes*, of the services with *copies* records each way."""
    figures = [*await engine(sizes), *await services(copies)]
    return [*figures, await profiled(max(sizes))] if profile else figures


@click.command()
@click.option(
    "--size",
    "sizes",
    type=click.IntRange(1),
    multiple=True,
    default=SIZES,
    help="Requirements in memory; may be repeated.",
)
@click.option("--copies", type=click.IntRange(1), default=COPIES, help="Issues and cards made each way.")
@click.option("--profile", is_flag=True, help="Also show where a first sync of the largest size spends its time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
def main(sizes: tuple[int, ...], copies: int, profile: bool, as_json: bool) -> None:
    """Measure what the hub costs. Counts and ratios can be compared; seconds are this machine's, for information."""
    figures = asyncio.run(measured(sizes, copies, profile=profile))
    if as_json:
        click.echo(json.dumps([each.as_json() for each in figures], ensure_ascii=False, indent=2))
        return
    console = Console(width=None if Console().is_terminal else WIDTH)
    for each in figures:
        each.show(console)


if __name__ == "__main__":
    main()
