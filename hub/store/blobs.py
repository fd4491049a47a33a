"""The bytes of attachments: files named by their hash, in a folder beside the database."""

import errno
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from hub.errors import StoreError, TooLarge
from hub.sdk.content import Content
from hub.store.database import FULL

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Blobs:
    """A folder of files, each kept once however often it is attached.

    Args:
        folder: Made when the first file comes; None for one that is gone again with `close`.
        beside: Another folder, whose files are there as well.
    """

    def __init__(self, folder: Path | None, beside: "Blobs | None" = None) -> None:
        self._folder, self._passing, self._beside = folder, folder is None, beside

    @property
    def folder(self) -> Path:
        """Where the files are."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="hub-"))
        return self._folder

    def close(self) -> None:
        """Forget files that were not to be kept."""
        if self._passing and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def keep(self, pieces: AsyncIterator[bytes], limit: int) -> Content:
        """Take in a file piece by piece. Raises TooLarge beyond *limit* bytes, StoreError, and what *pieces* raises."""
        digest, size = hashlib.sha256(), 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="part-") as part:
                with (Path(part) / "file").open("wb") as file:
                    async for piece in pieces:
                        size += len(piece)
                        if size > limit:
                            raise TooLarge(f"is larger than {limit:,} bytes", fix="raise attachment_limit_mb in [hub]")
                        digest.update(piece)
                        file.write(piece)
                return self._put(Path(part) / "file", digest.hexdigest(), size)
        except OSError as error:
            fix = FULL if error.errno in NO_ROOM else "check that the folder may be written to"
            raise StoreError(f"{self.folder.name}: {error}", fix=fix) from error

    def _put(self, file: Path, sha256: str, size: int) -> Content:
        place = self._place(sha256)
        place.parent.mkdir(exist_ok=True)
        file.replace(place)
        return Content(place, size, sha256)

    def content(self, sha256: str | None) -> Content | None:
        """The file with that hash, if it is here."""
        if not sha256:
            return None
        if self._folder is None or not (place := self._place(sha256)).is_file():
            return self._beside.content(sha256) if self._beside else None
        return Content(place, place.stat().st_size, sha256)

    def sound(self, sha256: str | None) -> Content | None:
        """The file with that hash, if it is here and has it still; one that went bad on the disk is taken away."""
        content = self.content(sha256)
        if content is None or _hash_of(content.path) == content.sha256:
            return content
        content.path.unlink(missing_ok=True)
        return None

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
