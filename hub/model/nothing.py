"""The value of what was never agreed."""

from enum import Enum
from typing import Final, Literal


class Nothing(Enum):
    """Its one member stands for "never agreed": unlike None, it is no value that a field can have."""

    NOTHING = "NOTHING"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing.NOTHING
