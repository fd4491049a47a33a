"""A description that waits for a person, beside a section of the same text that does not."""

from pathlib import Path

import pytest

from tests.unit.sync.connectors import LIMIT
from tests.unit.sync.many import Many

THAT = "right wants that\n\n## Background\n\n"


def words(name: str, count: int) -> str:
    return " ".join(f"{name}{number:03}" for number in range(count))


async def shared(folder: Path, plugin: str = "sectioned", body: str = "first words") -> tuple[Many, str]:
    """A requirement on the left, where the background has a field of its own, with a copy on the right."""
    many = Many(folder, plugins={"left": "beside", "right": plugin}, rules={"description": "ask"})
    one = many["left"].add(title="One", body=body, note="why")
    await many.sync()
    return many, one


async def contested(many: Many, one: str, left: str, right: str) -> None:
    many["left"].edit(one, body=left)
    many["right"].edit("1", body=right)
    await many.sync()
    assert len(many.holds()) == 1


def wanted(many: Many) -> list[str]:
    """What the right wants."""
    (hold,) = many.holds()
    return [each["value"] for each in hold["candidates"] if each["connection"] == "right"]


@pytest.mark.parametrize("plugin", ["sectioned", "since"])
async def test_a_section_is_written_and_written_back_and_the_description_beside_it_is_left_alone(
    tmp_path: Path, plugin: str
) -> None:
    many, one = await shared(tmp_path, plugin)
    await contested(many, one, "left wants this", THAT + "why")
    for note in ("why not", "why", "why not"):
        many["left"].edit(one, note=note)
        await many.sync()
        await many.sync()
        assert many.shows("body")["right"] == [THAT + note]
        assert wanted(many) == ["right wants that"]


async def test_a_description_is_not_cut_for_a_section_while_it_waits(tmp_path: Path) -> None:
    many, one = await shared(tmp_path)
    await contested(many, one, "left wants this", words("word", 40) + "\n\n## Background\n\nwhy")
    many["left"].edit(one, note="why " + words("not", 12))
    report = await many.sync()
    assert wanted(many) == [words("word", 40)]
    assert "no room" in str(report.problems)
    await many.resolve(many.holds()[0]["id"], take="right")
    await many.sync()
    assert many.value("REQ-1", "description") == words("word", 40)
    assert [many.value("REQ-1", "background")] == many.shows("note")["left"]
    assert words("not", 12) in str(many.shows("body")["right"])


async def test_an_edit_of_a_cut_description_keeps_its_middle_while_it_waits_beside_a_section(tmp_path: Path) -> None:
    long = words("word", 100)
    many, one = await shared(tmp_path, body=long)
    (shown,) = many.shows("body")["right"]
    assert "…" in shown
    assert len(shown) <= LIMIT
    await contested(many, one, f"LEFT {long}", f"RIGHT {shown}")
    assert wanted(many) == [f"RIGHT {long}"]
    many["left"].edit(one, note="why " + words("not", 12))
    await many.sync()
    assert wanted(many) == [f"RIGHT {long}"]
