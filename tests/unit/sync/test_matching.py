"""First meetings: what looks like the same thing, and what does not."""

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.app import Hub
from hub.errors import ServiceDown
from hub.model import Kind
from hub.plugins import Registry
from hub.sync.likeness import Sample, alike
from hub.sync.matching import Pair, Side
from hub.testing.memory import Fault, MemoryConnector, MemoryService

CONFIG = "\n".join(
    f"""
[connections.{name}]
plugin = "memory"
service = "{name}"
[syncs.all.spokes.{name}]
requirement = {{ originates = {"true" if name != "third" else "false"}, creates = true }}
"""
    for name in ("first", "second", "third")
)


@pytest.fixture
def services() -> Mapping[str, MemoryService]:
    return {name: MemoryService(name=name) for name in ("first", "second", "third")}


@pytest.fixture
def hub(tmp_path: Path, services: Mapping[str, MemoryService]) -> Any:
    file = tmp_path / "hub.toml"
    file.write_text(CONFIG)
    hub = Hub.open(file, registry=Registry({"memory": MemoryConnector}))
    hub.clock = lambda: datetime(2026, 5, 4, tzinfo=UTC)
    yield hub
    hub.close()


def score(left: Sample | str, right: Sample | str) -> float:
    one, other = (each if isinstance(each, Sample) else Sample(each) for each in (left, right))
    return max((each.score for each in alike([one], [other], least=0.0)), default=0.0)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Login page", "login-page!"),
        ("Export the report to CSV", "Export report to CSV"),
        ("登录页面需要支持微信扫码", "登录页面需支持微信扫码"),
        ("Redesign the landing page", "Redesing the landing page"),
        ("ＡＢＣ 登录", "abc 登录"),
    ],
)
def test_the_same_thing_in_other_words_is_alike(left: str, right: str) -> None:
    assert score(left, right) >= 0.6


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Release 2.1 notes", "Release 2.2 notes"),
        ("Login page", "Payment by invoice"),
        ("登录页面需要支持微信扫码", "导出报表需要支持多种格式"),
        ("", ""),
    ],
)
def test_different_things_are_not(left: str, right: str) -> None:
    assert score(left, right) < 0.6


def test_one_that_names_the_other_is_the_same_and_surer_in_its_title() -> None:
    issue = Sample("Sign-in", key="ACME-7", url="https://acme.example/browse/ACME-7")
    in_title = score(issue, Sample("[ACME-7] Anything"))
    in_text = score(issue, Sample("Anything", text="see https://acme.example/browse/ACME-7."))
    among_many = score(issue, Sample("Anything", text="after ACME-7, ACME-8 and ACME-9"))
    assert in_title > in_text >= 0.6 > among_many


def test_a_title_that_several_have_is_no_proof() -> None:
    twice = alike([Sample("Bug"), Sample("Bug")], [Sample("Bug")], least=0.0)
    assert {each.score for each in twice} == {0.7}
    assert score("Bug", "Bug") == 0.9


def test_what_else_is_the_same_decides_between_equal_titles() -> None:
    lefts = [Sample("Bug", extras={"due": "a"}), Sample("Bug", extras={"due": "b"})]
    best = alike(lefts, [Sample("Bug", extras={"due": "b"})], least=0.6)[0]
    assert (best.left, best.why) == (1, "same title, same due")


@given(st.lists(st.text(max_size=20), max_size=6), st.lists(st.text(max_size=20), max_size=6))
def test_a_score_is_between_nothing_and_one_whichever_side_is_left(left: list[str], right: list[str]) -> None:
    there = alike([Sample(t) for t in left], [Sample(t) for t in right], least=0.6)
    back = alike([Sample(t) for t in right], [Sample(t) for t in left], least=0.6)
    assert all(0.6 <= each.score <= 1 for each in there)
    assert {(e.left, e.right, e.score) for e in there} == {(e.right, e.left, e.score) for e in back}


@pytest.mark.timeout(60)
def test_thousands_against_thousands_is_quick() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choice("abcdefghij") for _ in range(6)) for _ in range(1500)]
    titles = [" ".join(chance.choice(words) for _ in range(6)) for _ in range(5000)]
    begun = time.process_time()
    found = alike([Sample(t) for t in titles], [Sample(f"{t} x") for t in reversed(titles)], least=0.6)
    assert time.process_time() - begun < 20
    assert sum(each.left == 4999 - each.right for each in found) == 5000


async def test_nothing_is_written_unless_asked(hub: Hub, services: Mapping[str, MemoryService]) -> None:
    services["first"].add(title="Login page")
    services["second"].add(title="Login page")
    (pair,) = await hub.match("all")
    assert (pair["left"]["connection"], pair["right"]["connection"]) == ("first", "second")
    assert pair["kind"] == "requirement"
    assert hub.listing() == []


async def test_a_group_has_one_record_of_each_service_and_becomes_one_entity(
    hub: Hub, services: Mapping[str, MemoryService]
) -> None:
    for service in services.values():
        service.add(title="Login page")
    services["second"].add(title="Login page")
    await hub.match("all", apply=True)
    (row,) = hub.listing()
    assert set(row["bindings"]) == {"first", "second", "third"}


async def test_tied_records_are_compared_by_the_next_run_and_nothing_is_made_twice(
    hub: Hub, services: Mapping[str, MemoryService]
) -> None:
    services["first"].add(title="Login page", body="one")
    services["second"].add(title="login page", body="one")
    await hub.match("all", apply=True)
    await hub.sync("all")
    assert [len(service.states) for service in services.values()] == [1, 1, 1]
    report = await hub.sync("all", full=True)
    assert report.writes == 0


async def test_what_is_bound_already_is_left_alone(hub: Hub, services: Mapping[str, MemoryService]) -> None:
    services["first"].add(title="Login page")
    await hub.sync("all")
    services["second"].add(title="Login page")
    assert await hub.match("all") == []


async def test_what_the_sync_would_not_take_up_from_either_side_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(CONFIG.replace("originates = true", 'originates = true, where = { labels = ["client"] }'))
    hub = Hub.open(file, registry=Registry({"memory": MemoryConnector}))
    first, second = MemoryService(name="first"), MemoryService(name="second")
    MemoryService(name="third")
    for title, labels in (("Login page", []), ("Invoice by mail", ["client"])):
        first.add(title=title, labels=labels)
        second.add(title=title)
    assert [pair["left"]["title"] for pair in await hub.match("all")] == ["Invoice by mail"]
    hub.close()


async def test_only_the_chosen_pairs_are_tied(hub: Hub, services: Mapping[str, MemoryService]) -> None:
    for title in ("Login page", "Invoice by mail"):
        services["first"].add(title=title)
        services["second"].add(title=title)
    chosen = [Pair(Kind.REQUIREMENT, Side("first", "2"), Side("second", "2"))]
    await hub.match("all", apply=True, pairs=chosen)
    assert [row["title"] for row in hub.listing()] == ["Invoice by mail"]


async def test_a_service_that_cannot_be_read_whole_stops_it(hub: Hub, services: Mapping[str, MemoryService]) -> None:
    services["first"].add(title="Login page")
    services["second"].add(title="Login page")
    services["third"].faults.append(Fault("changes", ServiceDown("no answer")))
    with pytest.raises(ServiceDown):
        await hub.match("all", apply=True)
    assert hub.listing() == []
