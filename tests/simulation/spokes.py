"""The connectors of simulated services, those that refuse stale updates, cannot update or cannot delete, and a hub with them."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from hub.config import Config, load_config
from hub.model import Kind
from hub.plugins import Registry
from hub.sdk.connector import KindSpec, Operation
from hub.testing import MemoryConnector
from hub.testing.service import HUB
from tests.unit.sync.two import toml


def plugin_of(conditional: bool, traits: Mapping[str, Any]) -> str:
    """The name of the connector for a service."""
    words = {"conditional": conditional, "appends": traits.get("appends"), "keeps": traits.get("keeps")}
    return "-".join(["memory", *(word for word, there in words.items() if there)])


def _spec(kind: Kind, spec: KindSpec, name: str) -> KindSpec:
    lacking = {Operation.UPDATE} if "appends" in name else set()
    if "keeps" in name and kind in (Kind.COMMENT, Kind.ATTACHMENT):
        lacking.add(Operation.DELETE)
    return replace(
        spec,
        conditional="conditional" in name and Operation.UPDATE in spec.operations,
        operations=spec.operations - lacking,
    )


def _connector(name: str) -> type[MemoryConnector]:
    kinds = {kind: _spec(kind, spec, name) for kind, spec in MemoryConnector.kinds.items()}
    return type("Simulated", (MemoryConnector,), {"name": name, "kinds": kinds})


NAMES = [
    plugin_of(conditional, {"appends": appends, "keeps": keeps})
    for conditional, appends, keeps in product((False, True), repeat=3)
]
REGISTRY = Registry({name: _connector(name) for name in NAMES})


def by_hub(touch: Any) -> bool:
    """Whether the hub did it."""
    return bool(touch.who.id == HUB.id)


def configured(tables: Mapping[str, Any], folder: Path) -> Config:
    """The configuration that *tables* make; each is read but once."""
    return _configured("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), folder)


@cache
def _configured(text: str, folder: Path) -> Config:
    file = folder / "hub.toml"
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: file.unlink(missing_ok=True))
        file.write_text(text, encoding="utf-8")
        return load_config(file, REGISTRY)
