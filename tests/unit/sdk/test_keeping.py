"""What outlives a process: sealed tokens, and the bytes of files."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import TooLarge
from hub.sdk import AccessToken, MemoryVault, Tokens, signed, unsigned
from hub.sdk.tokens import OnlyTokens
from hub.store import Store
from hub.store.blobs import Blobs
from hub.store.vault import StoredVault

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Service:
    """Gives out tokens, an hour each, and counts them."""

    def __init__(self) -> None:
        self.given = 0

    async def refresh(self) -> AccessToken:
        self.given += 1
        await asyncio.sleep(0)
        return AccessToken(f"token-{self.given}", NOW + timedelta(hours=1), "https://api.example")


def tokens(service: Service, vault: MemoryVault | StoredVault, now: datetime = NOW, secret: str = "s3cret") -> Tokens:
    return Tokens(service.refresh, vault, lambda: now, (secret,))


async def test_many_who_want_a_token_at_once_cause_one_refresh() -> None:
    service = Service()
    kept = tokens(service, MemoryVault())
    found = await asyncio.gather(*(kept.current() for _ in range(50)))
    assert {each.value for each in found} == {"token-1"}
    renewed = await asyncio.gather(*(kept.renewed(found[0]) for _ in range(50)))
    assert {each.value for each in renewed} == {"token-2"}
    assert service.given == 2


async def test_a_token_outlives_its_process_sealed_and_no_longer_than_it_is_good(tmp_path: Path) -> None:
    service, store = Service(), Store.open(str(tmp_path / "hub.db"))
    await tokens(service, StoredVault(store, "crm")).current()
    assert (await tokens(service, StoredVault(store, "crm")).current()).value == "token-1"
    sealed = store.sealed("crm", "access")
    store.close()
    assert sealed is not None
    assert "token-1" not in sealed
    assert b"token-1" not in (tmp_path / "hub.db").read_bytes()
    again = Store.open(str(tmp_path / "hub.db"))
    assert (await tokens(service, StoredVault(again, "crm"), secret="another").current()).value == "token-2"
    assert (await tokens(service, StoredVault(again, "crm"), NOW + timedelta(minutes=59)).current()).value == "token-3"
    again.close()


def test_a_token_is_not_shown_by_accident() -> None:
    assert "hush" not in repr(AccessToken("hush", NOW))


async def test_who_looks_anew_takes_a_token_that_is_kept_and_nothing_else() -> None:
    service, kept = Service(), MemoryVault()
    kept.keep("project", "as it was an hour ago", "s3cret")
    first = await tokens(service, OnlyTokens(kept)).current()
    assert await tokens(service, OnlyTokens(kept)).current() == await tokens(service, kept).current() == first
    fresh = OnlyTokens(kept)
    assert fresh.get("project", "s3cret") is None
    fresh.keep("project", "as it is now", "s3cret")
    assert fresh.get("project", "s3cret") == "as it is now"
    assert kept.get("project", "s3cret") == "as it was an hour ago"


async def pieces(*some: bytes) -> AsyncIterator[bytes]:
    for piece in some:
        yield piece


async def test_a_file_is_kept_once_by_its_hash_and_nothing_is_left_of_one_that_breaks_off(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "files")
    one = await blobs.keep(pieces(b"all ", b"of it"), 100)
    assert (one.sha256, one.size) == (hashlib.sha256(b"all of it").hexdigest(), 9)
    assert (await blobs.keep(pieces(b"all of it"), 100)).path == one.path
    assert one.read() == b"".join([piece async for piece in one.stream()]) == b"all of it"
    with pytest.raises(TooLarge, match="larger than 5 bytes"):
        await blobs.keep(pieces(b"all ", b"of it"), 5)
    files = [file for file in (tmp_path / "files").rglob("*") if file.is_file()]
    assert files == [one.path]
    assert blobs.content("0" * 64) is None


@given(
    body=st.text(max_size=60).filter(lambda text: not text.startswith("\n")),
    name=st.text(min_size=1, max_size=40).filter(lambda name: name.split() == [name.strip()] and name.strip()),
    at=st.none() | st.just("2026-11-22T08:30:00+00:00"),
)
def test_a_signed_text_gives_back_its_words_and_its_author(body: str, name: str, at: str | None) -> None:
    words, author = unsigned(signed(body, {"name": name}, at))
    assert words == body
    assert author == {"name": name.strip()}
