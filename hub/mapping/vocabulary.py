"""Which canonical value is called what in a service, from the configuration."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of canonical values in one service.

    Args:
        names: Canonical value → its names there; the first is written, all are read.
        write: What an unnamed canonical value is written as, if anything.
        read: The canonical value that an unnamed remote one is read as, if any.
    """

    names: Mapping[str, tuple[str, ...]]
    write: str | None = None
    read: str | None = None

    _called: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Turn the names round: where several values share one, the first is called so."""
        called = {name: value for value, names in reversed(list(self.names.items())) for name in names}
        object.__setattr__(self, "_called", called)

    @classmethod
    def from_config(cls, table: Mapping[str, Any]) -> "Vocabulary":
        """From a table such as `{ new = ["To Do", "Open"], delivered = "Done", otherwise = { write = …, read = … } }`."""
        otherwise = table.get(OTHERWISE) or {}
        names = {value: _names(given) for value, given in table.items() if value != OTHERWISE}
        return cls(names, otherwise.get("write"), otherwise.get("read"))

    def among(self, values: frozenset[str]) -> "Vocabulary":
        """Only what it says of *values*: one table may name the values of several kinds."""
        names = {value: names for value, names in self.names.items() if value in values}
        return Vocabulary(names, self.write, self.read if self.read in values else None)

    def canonical(self, remote: str) -> str | None:
        """The first canonical value that is called *remote*, else the one for unnamed values."""
        return self._called.get(remote, self.read)

    def reads(self, value: str, remote: str) -> bool:
        """Whether a copy showing *remote* already stands for *value*."""
        named = self.names.get(value, ())
        if remote in named or (self.read == value and self._unnamed(remote)):
            return True
        return not named and remote == self.write

    def remote(self, value: str) -> str | None:
        """What *value* is written as."""
        return next(iter(self.names.get(value, ())), self.write)

    def meaning(self, values: frozenset[str]) -> str:
        """Changes when, and only when, any of *values* is written or read differently.

        The order of a value's names after the first means nothing, nor does that of values that share no name.
        """
        named = {value: self.names.get(value, ()) for value in sorted(values)}
        said = [
            f"{value}={names[0]!r},{sorted(set(names) - {names[0]})}" if names else f"{value}~{self.write!r}"
            for value, names in named.items()
        ]
        several = Counter(name for names in named.values() for name in set(names))
        shared = [f"{name!r}>{self.canonical(name)}" for name in sorted(several) if several[name] > 1]
        return ";".join([*said, *shared, f"else={self.read}"])

    def _unnamed(self, remote: str) -> bool:
        return not any(remote in names for names in self.names.values())


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
