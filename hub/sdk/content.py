"""The bytes of attachments: kept as files, passed on piece by piece."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 1 << 18
"""Bytes read at once."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an attachment holds: a file that nobody changes.

    Args:
        path: Where its bytes are.
        size: In bytes.
        sha256: Of its bytes, in hexadecimal.
    """

    path: Path
    size: int
    sha256: str

    def read(self) -> bytes:
        """All of it at once."""
        return self.path.read_bytes()

    async def stream(self) -> AsyncIterator[bytes]:
        """Piece by piece."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
