"""Changing the status of an issue: there is no field to set, only transitions to go through, one after the other.

Facts: "Get transitions" and "Transition issue" of developer.atlassian.com/cloud/jira/platform/rest/v3, the same in the
Jira 9.12 REST API reference of Data Center. Only what the
account may do from the present status is listed, so the way is planned over everything that was ever listed, and each
refused hop is planned again from what is listed then.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import AnswerLost, Kind, Refused
from hub_jira import screens
from hub_jira.client import Rejected
from hub_jira.edition import Asked
from hub_jira.site import Site
from hub_jira.workflow import Hop, Status, Workflow, hops_of

MOST_HOPS = 6
MOST_TRIES = 2
"""How often an issue is read again because a transition was refused or its answer was lost, per hop."""


class Blocked(Refused):
    """The status cannot be reached; `fields` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, fields={"status": why})


@dataclass
class Walk:
    """An issue on its way to the status named *goal*."""

    kind: Kind
    issue: str
    type: str
    goal: str
    at: Status
    hops: tuple[Hop, ...] | None = None
    """What can be done from here; None if that is not known."""
    taken: int = 0
    tries: int = 0
    visited: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    @property
    def arrived(self) -> bool:
        """Whether the issue shows the status it is to show."""
        return self.at.name == self.goal

    def move(self, to: Status) -> None:
        """Note that the issue is in *to* now."""
        self.visited.add(self.at.id)
        self.at, self.hops, self.tries, self.refused = to, None, 0, set()


class Transitions:
    """Walks issues through the workflows of one project, and learns these on the way."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._flows: dict[str, Workflow] = {}
        self._sampled: set[tuple[str, str]] = set()
        self._statuses: dict[str, dict[str, Status]] | None = None
        self._learning = asyncio.Lock()
        """Held while something is asked that every walk may need, so that it is asked once."""

    async def walk(self, walk: Walk) -> None:
        """Take *walk* to its goal. Raises Blocked (part of the way may be done), and whatever a call raises."""
        while not walk.arrived:
            hop = await self._next(walk)
            if walk.taken >= MOST_HOPS:
                raise Blocked(f"{walk.goal!r} was not reached within {MOST_HOPS} transitions: it is {walk.at.name!r}")
            await self._take(walk, hop)

    def learn(self, type_id: str, status: str, transitions: Any) -> None:
        """Keep what an issue of this type, in this status, can do."""
        self._flow(type_id).learn(status, hops_of(transitions))

    async def start(self, kind: Kind, issue: str, goal: str, extra: Mapping[str, Any]) -> Walk:
        """A walk from where *extra* of the issue's record says that it is; read from Jira if it does not."""
        if "status" not in extra or "type" not in extra:
            extra = await self._read(issue)
        walk = Walk(kind, issue, str(extra["type"]), goal, Status.of(extra["status"]))
        if "transitions" in extra:
            walk.hops = self._flow(walk.type).learn(walk.at.id, hops_of(extra["transitions"]))
        return walk

    async def _next(self, walk: Walk) -> Hop:
        """The hop to take now: on the shortest known way, after learning more, or else in the right direction."""
        flow = self._flow(walk.type)
        if walk.hops is None:
            async with self._learning:
                known = flow.from_status.get(walk.at.id)
                walk.hops = tuple(known.values()) if known else await self._options(walk)
        options = [hop for hop in walk.hops if hop.id not in walk.refused]
        if way := flow.path(walk.at.id, walk.goal, options, walk.visited):
            return way[0]
        goal = await self._goal(walk)
        asked = set[str]()
        while unknown := [s for s in flow.unknown(walk.at.id, options, walk.visited) if s.id not in asked]:
            asked.add(unknown[0].id)
            await self._sample(walk.type, unknown[0])
            if way := flow.path(walk.at.id, walk.goal, options, walk.visited):
                return way[0]
        onward = [
            hop
            for hop in options
            if hop.to.id not in {walk.at.id, *walk.visited}
            and hop.to.id not in flow.from_status
            and hop.to.distance(goal) <= walk.at.distance(goal)
        ]
        if not onward:
            raise self._no_way(walk, options)
        return min(onward, key=lambda hop: hop.to.distance(goal))

    def _no_way(self, walk: Walk, options: list[Hop]) -> Blocked:
        reachable = ", ".join(sorted({hop.to.name for hop in options} - {walk.at.name})) or "none"
        return Blocked(f"no transition leads from {walk.at.name!r} to {walk.goal!r}: reachable are {reachable}")

    async def _take(self, walk: Walk, hop: Hop) -> None:
        hop = await self._with_fields(walk, hop)
        fields = self._filled(walk, hop)
        body = {"transition": {"id": hop.id}, **({"fields": fields} if fields else {})}
        try:
            await self._site.client.post(f"/issue/{walk.issue}/transitions", body)
        except AnswerLost:
            if walk.tries >= MOST_TRIES:
                raise
            await self._look_again(walk)
            return
        except Rejected as error:
            await self._refused(walk, hop, error)
            return
        walk.taken += 1
        walk.move(hop.to)

    async def _refused(self, walk: Walk, hop: Hop, error: Rejected) -> None:
        """Find out why: a field that the screen wants, or an issue that is somewhere else by now."""
        if error.fields and hop.fields is None:
            walk.hops = await self._options(walk, fields=True)
            if any(other.id == hop.id and other.fields for other in walk.hops):
                return
        if error.fields:
            raise Blocked(f"the transition {hop.name!r} to {hop.to.name!r} was refused: {error.message}") from error
        if walk.tries >= MOST_TRIES:
            raise error
        await self._look_again(walk)
        if walk.tries >= MOST_TRIES:
            walk.refused.add(hop.id)

    async def _look_again(self, walk: Walk) -> None:
        """Where the issue is now; if it has not moved and offers the same hop still, that is tried once more.

        A hop whose answer was lost is none that was refused: no other way is tried instead of it.
        """
        shown = await self._read(walk.issue)
        now = Status.of(shown["status"])
        if now.id != walk.at.id:
            walk.taken += 1
            walk.move(now)
        walk.tries += 1
        walk.hops = self._flow(walk.type).learn(now.id, hops_of(shown.get("transitions") or ()))

    async def _with_fields(self, walk: Walk, hop: Hop) -> Hop:
        """*hop* with the fields of its screen, if it has one; asked once for all issues."""
        if hop.fields is not None or not hop.has_screen:
            return hop
        async with self._learning:
            known = self._flow(walk.type).from_status.get(walk.at.id, {}).get(hop.id, hop)
            if known.fields is not None:
                return known
            offered = await self._options(walk, fields=True)
        return next((other for other in offered if other.id == hop.id), hop)

    def _filled(self, walk: Walk, hop: Hop) -> dict[str, Any]:
        """Values for what the screen of *hop* requires. Raises Blocked for a field that has none."""
        values: dict[str, Any] = {}
        for name, shown in (hop.fields or {}).items():
            if not screens.required(shown):
                continue
            value = screens.configured(self._site.options(walk.kind), name, shown, self._site.edition)
            if value is None and name == "resolution":
                value = screens.resolution(shown)
            if value is None:
                label = str(shown.get("name") or name)
                raise Blocked(
                    f"the transition {hop.name!r} to {hop.to.name!r} needs {label!r} ({name}):"
                    f" {screens.advice(walk.kind, name, label)}"
                )
            values[name] = value
        return values

    async def _options(self, walk: Walk, *, fields: bool = False) -> tuple[Hop, ...]:
        expand = {"expand": "transitions.fields"} if fields else {}
        shown = await self._site.client.get(f"/issue/{walk.issue}/transitions", **expand)
        offered = [{"fields": {}, **hop} if fields else hop for hop in shown["transitions"]]
        return self._flow(walk.type).learn(walk.at.id, hops_of(offered))

    async def _read(self, issue: str) -> dict[str, Any]:
        shown = await self._site.client.get(f"/issue/{issue}", fields="status,issuetype", expand="transitions")
        return {
            "status": shown["fields"]["status"],
            "type": shown["fields"]["issuetype"]["id"],
            "transitions": shown.get("transitions") or [],
        }

    async def _goal(self, walk: Walk) -> Status:
        """The status that *walk* is to reach. Raises Blocked if the issue type has none of that name."""
        place = await self._site.place()
        async with self._learning:
            if self._statuses is None:
                self._statuses = await self._all_statuses(place.id)
        known = self._statuses.get(walk.type)
        if known is None:
            return Status("", walk.goal)
        if walk.goal not in known:
            raise Blocked(f"there is no status {walk.goal!r} for this issue type: it has {', '.join(known)}")
        return known[walk.goal]

    async def _all_statuses(self, project: str) -> dict[str, dict[str, Status]]:
        shown = await self._site.client.get(f"/project/{project}/statuses")
        return {str(t["id"]): {s["name"]: Status.of(s) for s in t.get("statuses") or ()} for t in shown}

    async def _sample(self, type_id: str, status: Status) -> None:
        """Learn where *status* leads from an issue that is in it; asked once, whoever needs it."""
        async with self._learning:
            if (type_id, status.id) not in self._sampled:
                await self._look_at_one(type_id, status)
                self._sampled.add((type_id, status.id))

    async def _look_at_one(self, type_id: str, status: Status) -> None:
        place = await self._site.place()
        jql = f"project = {place.id} AND issuetype = {type_id} AND status = {status.id} ORDER BY id DESC"
        found = await self._site.first(jql, "id")
        if found is None:
            return
        asked = Asked(("status", "issuetype"), ("transitions",))
        for issue in (await self._site.issues([str(found["id"])], asked)).values():
            fields = issue["fields"]
            self.learn(fields["issuetype"]["id"], str(fields["status"]["id"]), issue.get("transitions") or ())

    def _flow(self, type_id: str) -> Workflow:
        return self._flows.setdefault(str(type_id), Workflow())
