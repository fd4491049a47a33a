"""`hub demo`: a story in four imitated services, in which everything that is said is checked."""

from hub.demo.narrator import Narrator
from hub.demo.play import Outcome, Step, play
from hub.demo.services import Services, all_services

__all__ = ["Narrator", "Outcome", "Services", "Step", "all_services", "play"]
