"""For authors of connectors: what every connector must do, as tests to subclass, and a service held in memory.

The hub itself never imports this.
"""

from hub.testing.conformance import ConnectorConformance
from hub.testing.dice import Dice
from hub.testing.drafts import marked
from hub.testing.memory import ConditionalMemoryConnector, MemoryConfig, MemoryConnector
from hub.testing.service import Call, Fault, MemoryService, State

__all__ = [
    "Call",
    "ConditionalMemoryConnector",
    "ConnectorConformance",
    "Dice",
    "Fault",
    "MemoryConfig",
    "MemoryConnector",
    "MemoryService",
    "State",
    "marked",
]
