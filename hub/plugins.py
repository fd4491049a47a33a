"""Finds what installed distributions offer: connectors, rules, commands. Entry-point group `hub`."""

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pluggy

from hub.errors import PluginBroken
from hub.reconcile.rules import BUILT_IN, Rule
from hub.sdk import hookspecs
from hub.sdk.connector import Connector

GROUP = "hub"
CHOICE_VARIABLE = "HUB_LOAD_PLUGINS"
"""Names the only plugins to load, with commas between; for tests and for finding a culprit."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that was found.

    Args:
        connectors: By the name that a configuration uses.
        rules: By the name that a configuration uses; built-in ones are not among them.
        broken: By entry point: why it could not be loaded.
    """

    connectors: Mapping[str, type[Connector]] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    host: pluggy.PluginManager | None = None


def discover() -> Registry:
    """Load every installed plugin and ask each what it offers.

    A plugin that cannot be loaded is named in `broken` and passed over. Raises PluginBroken where two plugins offer
    the same name, or one uses a hook that does not exist.
    """
    host = pluggy.PluginManager(GROUP)
    host.add_hookspecs(hookspecs)
    broken, sources = _load(host)
    try:
        host.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginBroken(str(error), fix="upgrade or uninstall that plugin") from error
    return _registry(host, broken, sources)


def _load(host: pluggy.PluginManager) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    broken: dict[str, str] = {}
    sources: dict[str, tuple[str, str]] = {}
    chosen = os.environ.get(CHOICE_VARIABLE)
    wanted = None if chosen is None else {name.strip() for name in chosen.split(",")}
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda p: p.name):
        if wanted is not None and point.name not in wanted:
            continue
        try:
            host.register(point.load(), point.name)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's module does, the others go on
            broken[point.name] = f"{type(error).__name__}: {error}"
        else:
            dist = point.dist
            sources[point.name] = (dist.name, dist.version) if dist else (point.value, "?")
    return broken, sources


def _registry(host: pluggy.PluginManager, broken: dict[str, str], sources: dict[str, tuple[str, str]]) -> Registry:
    connectors: dict[str, type[Connector]] = {}
    rules: dict[str, Rule] = {}
    origins: dict[str, tuple[str, str]] = {}
    for name, plugin in host.list_name_plugin():
        caller = host.subset_hook_caller("register_connectors", [p for p in host.get_plugins() if p is not plugin])

        def offer(connector: type[Connector], source: str = name) -> None:
            if connector.name in connectors:
                raise PluginBroken(
                    f"{source} and {origins[connector.name][0]} both offer a connector {connector.name!r}",
                    fix="uninstall one of them",
                )
            connectors[connector.name] = connector
            origins[connector.name] = sources.get(source, (source, "?"))

        caller(register=offer)

    def offer_rule(rule_name: str, rule: Rule) -> None:
        if rule_name in rules or rule_name in BUILT_IN:
            raise PluginBroken(f"there is a rule {rule_name!r} already", fix="uninstall one of the plugins")
        rules[rule_name] = rule

    host.hook.register_rules(register=offer_rule)
    return Registry(MappingProxyType(connectors), MappingProxyType(rules), origins, broken, host)
