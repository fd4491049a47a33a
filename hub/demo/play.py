"""Plays the scenes one after the other and notes what came of each."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.demo import scenes, scenes_client, scenes_end, scenes_team, texts
from hub.demo.narrator import Claim, Narrator
from hub.demo.services import Services
from hub.demo.stage import Stage, stage_in
from hub.plugins import Registry

Scene = Callable[[Stage, Narrator], AsyncIterator[Claim]]

SCENES: Mapping[str, Scene] = {
    "before": scenes.before,
    "plan": scenes.plan,
    "first sync": scenes.first_sync,
    "second sync": scenes.second_sync,
    "mail": scenes_client.mail,
    "edits": scenes_team.edits,
    "conflict": scenes_team.conflict,
    "rule": scenes_team.rule,
    "history": scenes_team.history,
    "unknown content": scenes_team.unknown_content,
    "work": scenes_client.work,
    "reply": scenes_client.reply,
    "inside": scenes_client.inside,
    "four": scenes_end.four,
    "everywhere": scenes_end.everywhere,
    "quiet": scenes_end.quiet,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A scene that was played: whether everything it said was so, and what that was."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the story."""

    steps: tuple[Step, ...]
    requirements: int
    second_run_writes: int | None

    @property
    def ok(self) -> bool:
        """Whether every scene came out as told."""
        return all(step.ok for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """The shape of `hub demo --json`."""
        return {
            "ok": self.ok,
            "steps": [{"name": step.name, "ok": step.ok, "detail": step.detail} for step in self.steps],
            "requirements": self.requirements,
            "second_run_writes": self.second_run_writes,
        }


async def play(services: Services, registry: Registry, tell: Narrator, chosen: Mapping[str, Scene] = SCENES) -> Outcome:
    """The whole story; a scene that breaks off ends it."""
    began = time.monotonic()
    tell.title(texts.TITLE)
    tell.say(texts.INTRO)
    async with stage_in(services, registry) as stage:
        _tell_config(stage.hub.config.file, tell)
        steps = [step async for step in _played(stage, tell, chosen)]
        requirements = len(stage.hub.listing("requirement"))
    services.clock.catch_up()
    outcome = Outcome(tuple(steps), requirements, stage.noted.get("second_run_writes"))
    tell.end(_ending(outcome, time.monotonic() - began), ok=outcome.ok)
    return outcome


def _tell_config(file: Path, tell: Narrator) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    tell.say(texts.CONFIG.format(lines=len(lines)))
    tell.command(str(file))


async def _played(stage: Stage, tell: Narrator, chosen: Mapping[str, Scene]) -> AsyncIterator[Step]:
    broken = False
    for number, (name, scene) in enumerate(chosen.items(), 1):
        if broken:
            yield Step(name, ok=False, detail=texts.NOT_PLAYED)
            continue
        tell.scene(number, name)
        claims: list[Claim] = []
        try:
            async for claim in scene(stage, tell):
                tell.claim(claim)
                claims.append(claim)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the reader is told in words which scene it was
            broken = True
            claims.append(Claim(ok=False, said=texts.BROKE.format(error=f"{type(error).__name__}: {error}")))
            tell.claim(claims[-1])
        yield _step(name, claims)


def _step(name: str, claims: list[Claim]) -> Step:
    wrong = [claim.said for claim in claims if not claim.ok]
    return Step(
        name,
        ok=not wrong,
        detail="; ".join([texts.CLAIM_FAILED.format(said=said) for said in wrong] or [claim.said for claim in claims]),
    )


def _ending(outcome: Outcome, seconds: float) -> str:
    wrong = [step.name for step in outcome.steps if not step.ok]
    if wrong:
        return texts.BAD_END.format(number=len(wrong), all=len(outcome.steps), names=", ".join(wrong))
    return texts.GOOD_END.format(number=len(outcome.steps), seconds=seconds)
