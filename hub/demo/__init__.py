"""`hub demo`: a small story in two imitated services, in which everything that is said is checked."""

from hub.demo.narrator import Narrator
from hub.demo.play import Outcome, Step, play
from hub.demo.stage import SEED, Services, both_services

__all__ = ["SEED", "Narrator", "Outcome", "Services", "Step", "both_services", "play"]
