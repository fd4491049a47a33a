"""The connector that the documentation shows is a whole one: it keeps the contract like any other."""

import re
from pathlib import Path
from types import ModuleType

import pluggy

from hub.sdk import Connector, hookspecs

PAGE = Path(__file__).resolve().parent.parent / "docs/how-to/write-a-connector.md"


def example() -> ModuleType:
    """Every Python block of the page, one after the other, as one module."""
    module = ModuleType("hub_folder")
    for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), module.__dict__)
    return module


hub_folder = example()


class TestTheFolderOfTheHowTo(hub_folder.TestFolder):  # type: ignore[name-defined,misc]
    """Every promise of the contract."""


def test_the_plugin_of_the_how_to_registers_its_connector() -> None:
    host = pluggy.PluginManager("hub")
    host.add_hookspecs(hookspecs)
    host.register(hub_folder)
    host.check_pending()
    found: list[type[Connector]] = []
    host.hook.register_connectors(register=found.append)
    assert [connector.name for connector in found] == ["folder"]
