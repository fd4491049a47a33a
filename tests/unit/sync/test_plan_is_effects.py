"""The plan that a dry run shows is, byte for byte, what the run right after it does."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.sync import Report
from hub.testing import MemoryService
from tests.unit.sync.two import Two

BOTH = {"originates": True, "creates": True}
KINDS = (Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT, Kind.TASK, Kind.COMMENT, Kind.ATTACHMENT)
WORDS = [
    "the",
    "login",
    "page",
    "shows",
    "nothing",
    "after",
    "an",
    "hour",
    "of",
    "work",
    "and",
    "says",
    "so",
    "in",
    "red",
]
STATUSES = ("New", "Clarifying", "In Progress", "Review", "Delivered", "Somewhere Else")


def fresh(folder: Path, **policies: str) -> Two:
    folder.mkdir(exist_ok=True)
    spokes: dict[str, dict[str, Any]] = {
        name: {**dict.fromkeys(map(str, KINDS), BOTH), "on_delete": policies.get(name, "unlink")}
        for name in ("left", "right")
    }
    return Two(folder, spokes=spokes)


def family(service: MemoryService, title: str) -> str:
    """A requirement of a client, with everything that may belong to it."""
    client = service.add(Kind.CLIENT, name=f"Client of {title}", domain=f"{title.lower()}.example")
    contact = service.add(Kind.CONTACT, name=f"Wei of {title}", email=f"wei@{title.lower()}.example", client=client)
    one = service.add(
        title=title,
        body=f"{title} is **needed**.\n\n- at once\n- or sooner",
        client=client,
        requester=contact,
        labels=["b", "a"],
        due="2026-05-01",
        assignees=[{"id": "ann"}],
        criteria=[{"text": "it works", "met": False}],
    )
    task = service.add(Kind.TASK, title=f"Step of {title}", parent=one, status="Doing")
    service.say(one, f"About {title}")
    service.say(task, "About the step")
    service.attach(one, f"{title}.txt", f"content of {title}".encode())
    return one


async def rehearsed_and_done(two: Two, **more: Any) -> tuple[Report, Report]:
    """A dry run and the run right after it, at the same moment."""
    with two.hub() as hub:
        two.clock.later()
        return await hub.sync("both", dry_run=True, **more), await hub.sync("both", telling=True, **more)


def assert_same(dry: Report, wet: Report) -> Counter[str]:
    """The operations that both have done."""
    shown = [json.dumps(report.as_json()["plan"], ensure_ascii=False, indent=1) for report in (dry, wet)]
    assert shown[0] == shown[1]
    assert dry.outcome == wet.outcome
    if wet.outcome == "held":
        return Counter({"held": 1})
    assert {n: s["writes"] for n, s in dry.spokes.items()} == {n: s["writes"] for n, s in wet.spokes.items()}
    assert {n: s["kinds"] for n, s in dry.spokes.items()} == {n: s["kinds"] for n, s in wet.spokes.items()}
    return Counter(entry["operation"] for entry in wet.plan or ())


def edits(two: Two) -> None:
    one, other = two.left.present(Kind.REQUIREMENT)[:2]
    two.left.edit(one.id, title="Renamed", due=None, labels=["c"])
    two.right.edit(two.right.present(Kind.REQUIREMENT)[0].id, body="Written anew.", status="Review", by="bo")
    two.left.edit(other.id, body="One end.\n\n- at once\n- or sooner")


def merges(two: Two) -> None:
    left, right = two.left.present(Kind.REQUIREMENT)[0].id, two.right.present(Kind.REQUIREMENT)[0].id
    two.left.edit(left, body="First is **needed**.\n\n- at once\n- or sooner\n- or earlier", labels=["a", "b", "left"])
    two.right.edit(right, body="First is **wanted**.\n\n- at once\n- or sooner", labels=["right", "a"], by="bo")
    two.left.edit(left, title="Left says", at=two.clock())
    two.clock.later(30)
    two.right.edit(right, title="Right says", by="bo")


def deletes(two: Two) -> None:
    two.right.remove(two.right.present(Kind.REQUIREMENT)[0].id)
    two.left.remove(two.left.present(Kind.COMMENT)[-1].id)
    two.left.remove(two.left.present(Kind.TASK)[-1].id)


def news(two: Two) -> None:
    family(two.right, "Third")
    first = two.left.present(Kind.REQUIREMENT)[0].id
    two.left.say(first, "One more thing")
    two.right.attach(two.right.present(Kind.REQUIREMENT)[0].id, "new.txt", b"new")


SCENES: Mapping[str, tuple[Callable[[Two], None], set[str]]] = {
    "families": (news, {"import", "create"}),
    "edits": (edits, {"update"}),
    "merges": (merges, {"update"}),
    "deletes": (deletes, {"delete"}),
}


@pytest.mark.parametrize("scene", SCENES)
async def test_a_dry_run_shows_byte_for_byte_what_the_run_does(tmp_path: Path, scene: str) -> None:
    two = fresh(tmp_path, right="delete", left="delete")
    family(two.left, "First")
    family(two.right, "Second")
    first = assert_same(*(await rehearsed_and_done(two)))
    assert first["import"] == first["create"] == 14
    act, expected = SCENES[scene]
    act(two)
    done = assert_same(*(await rehearsed_and_done(two, full=True)))
    assert expected <= set(done)
    assert not assert_same(*(await rehearsed_and_done(two)))


async def test_the_plan_of_a_held_run_is_what_its_approval_does(tmp_path: Path) -> None:
    two = fresh(tmp_path, right="delete")
    for number in range(30):
        family(two.left, f"F{number}")
    await two.sync()
    for state in two.right.present(Kind.REQUIREMENT)[:20]:
        two.right.remove(state.id)
    with two.hub() as hub:
        two.clock.later()
        dry = await hub.sync("both", dry_run=True)
        held = await hub.sync("both")
        two.clock.later()
        rehearsed = await hub.approve(held.run, dry_run=True)
        assert json.dumps(dry.plan) == json.dumps(held.plan) == json.dumps(rehearsed.plan)
        done = await hub.approve(held.run)
        told = [[w.connection, w.kind, w.key, w.remote, w.operation] for w in hub.store.writes_of(done.run)]
    assert told == [[e["spoke"], e["kind"], e["key"], e["remote"], e["operation"]] for e in held.plan or ()]
    assert (done.outcome, len(two.left.present(Kind.REQUIREMENT))) == ("done", 10)


class Life:
    """Somebody at random does something at random."""

    def __init__(self, two: Two, seed: int) -> None:
        self.two, self.chance, self.made = two, random.Random(seed), 0

    def words(self, most: int = 6) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, most)))

    def service(self) -> MemoryService:
        return self.chance.choice((self.two.left, self.two.right))

    def one(self, service: MemoryService, kind: Kind) -> str | None:
        present = service.present(kind)
        return self.chance.choice(present).id if present else None

    def act(self) -> None:
        """Add, edit, comment, delete, put away."""
        service, self.two.clock.at = self.service(), self.two.clock.at
        what = self.chance.choices(
            ("family", "edit", "say", "attach", "delete", "archive", "child"), (1, 8, 3, 1, 2, 1, 2)
        )[0]
        mine, child = self.one(service, Kind.REQUIREMENT), self.one(service, self.chance.choice(KINDS[3:]))
        if what == "family" or mine is None:
            self.made += 1
            family(service, f"N{self.made}")
        elif what == "edit":
            service.edit(mine, by="bo", **self.edit())
        elif what == "say":
            service.say(mine, self.words(), by="bo")
        elif what == "attach":
            service.attach(mine, f"{self.words(1)}.txt", self.words().encode())
        elif what == "archive":
            service.archive(mine)
        elif gone := (mine if what == "delete" else child):
            service.remove(gone)

    def edit(self) -> dict[str, Any]:
        every: dict[str, Any] = {
            "title": self.words(),
            "body": "\n\n".join(self.words(9) for _ in range(self.chance.randint(0, 3))),
            "status": self.chance.choice(STATUSES),
            "labels": self.chance.sample(["a", "b", "c", "d"], self.chance.randint(0, 3)),
            "due": self.chance.choice([None, "2026-06-01", "2026-07-01"]),
            "custom": {},
        }
        names = self.chance.sample(sorted(every), self.chance.randint(1, 3))
        return {name: every[name] for name in names if name != "custom"}


async def lived(folder: Path, seed: int) -> Counter[str]:
    """What runs and rehearsals did alike in one world."""
    chance = random.Random(seed)
    policies = {name: chance.choice(["unlink", "close", "delete", "recreate"]) for name in ("left", "right")}
    two = fresh(folder, **policies)
    two.rules |= {"title": chance.choice(["latest", "ask"])}
    two.guard = {"blanks": {"count": 0, "share": 0.0}} if seed % 2 else {"deletes": False, "reversals": False}
    life, done = Life(two, seed), Counter[str]()
    for _ in range(5):
        for _ in range(chance.randint(1, 8)):
            life.act()
            two.clock.later(chance.choice([1, 30]))
        done += assert_same(*(await rehearsed_and_done(two, full=chance.random() < 0.3)))
    return done


@pytest.mark.parametrize("first", range(0, 12, 4))
async def test_in_any_scene_the_plan_is_what_is_done(tmp_path: Path, first: int) -> None:
    done = Counter[str]()
    for seed in range(first, first + 4):
        done += await lived(tmp_path / str(seed), seed)
    assert set(done) == {"import", "create", "update", "delete", "held"}, "every kind of thing happened"
