"""A run report as a person reads it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.cli.screen import Screen, listed, short
from hub.model import Kind
from hub.model.counting import counted, form
from hub.sync.guard import AS_BEFORE

ENDS = ("equal", "imported", "created", "updated", "deleted", "held", "blocked", "failed", "ignored")
ALWAYS = frozenset(ENDS) - {"deleted"}
MOST_PROBLEMS = 20
MOST_HELD = 10
HELD = re.compile(rf": (hub approve R-\d+), or (hub undo R-\d+|{AS_BEFORE})$")
"""How the problem of a held run ends."""
SIGNS = {"create": "+", "update": "~", "delete": "-", "import": "<"}
STYLES = {"create": "green", "update": "yellow", "delete": "red", "import": "cyan"}


def show_report(screen: Screen, report: Mapping[str, Any], in_step: Mapping[Kind, int]) -> None:
    """What a run did, or what it would do.

    Args:
        in_step: By kind: how many entities are the same everywhere now.
    """
    if report["dry_run"]:
        _show_plan(screen, report["plan"])
    elif report["outcome"] == "held":
        _show_plan(screen, report["plan"][:MOST_HELD])
    _show_counts(screen, report)
    _show_problems(screen, report["problems"])
    screen.line()
    for sentence in _dry_ending(report) if report["dry_run"] else _ending(report, in_step):
        screen.line(sentence, "bold")


def _show_counts(screen: Screen, report: Mapping[str, Any]) -> None:
    totals = {name: _totals(spoke) for name, spoke in report["spokes"].items()}
    ends = [end for end in ENDS if end in ALWAYS or any(total[end] for total in totals.values())]
    dry = " (dry run)" if report["dry_run"] else ""
    screen.heading(f"{report['sync']}  {report['run']}{dry}  {report['seconds']:.1f} s")
    screen.table(
        ["spoke", "read", *ends, "calls"],
        [
            [name, spoke["read"], *(totals[name][end] for end in ends), spoke["calls"]]
            for name, spoke in report["spokes"].items()
        ],
        numbers=["read", *ends, "calls"],
    )


def _totals(spoke: Mapping[str, Any]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for counts in spoke["kinds"].values():
        totals.update(counts)
    return totals


def _show_problems(screen: Screen, problems: Sequence[Mapping[str, Any]]) -> None:
    if not problems:
        return
    screen.line()
    screen.table(
        ["key", "where", "problem", "next"],
        [[p["key"], p["spoke"], _words(p), _next(p)] for p in problems[:MOST_PROBLEMS]],
    )
    if len(problems) > MOST_PROBLEMS:
        screen.line(f"… and {len(problems) - MOST_PROBLEMS} more; all of them with: hub sync --json")


def _words(problem: Mapping[str, Any]) -> str:
    """The message without its next step, which has a column of its own."""
    said = HELD.sub("", str(problem["message"]).partition("\n  Next: ")[0].removesuffix(": hub conflicts"))
    return said.removeprefix(f"{problem['spoke']}: ")


def _next(problem: Mapping[str, Any]) -> str:
    _, _, fix = str(problem["message"]).partition("\n  Next: ")
    if fix:
        return fix
    if str(problem["message"]).endswith("hub conflicts"):
        return "hub conflicts"
    if held := HELD.search(str(problem["message"])):
        return held[1]
    return f"hub show {problem['key']}" if problem["key"] else "hub check --live"


def _ending(report: Mapping[str, Any], in_step: Mapping[Kind, int]) -> Iterator[str]:
    """What a manager wants to know."""
    if report["outcome"] == "failed":
        yield "Nothing could be done: no connection works."
        return
    if report["outcome"] == "held":
        yield from _held_ending(report)
        return
    # A problem of a spoke, and of none of its records, is that its connection did not work.
    unread = dict.fromkeys(p["spoke"] for p in report["problems"] if p["spoke"] and not p["key"])
    known = f", as far as {listed(unread)} had been read before" if unread else ""
    for kind, count in in_step.items():
        if count:
            yield f"{counted(count, kind)} {form(count, 'is', 'are')} the same in {listed(report['spokes'])}{known}."
    if in_step and not any(in_step.values()):
        yield f"Nothing is the same in {listed(report['spokes'])} yet."
    left = sum((_totals(spoke) for spoke in report["spokes"].values()), Counter[str]())
    waiting = {p["key"] for p in report["problems"] if str(p["message"]).endswith("hub conflicts")}
    if waiting:
        yield f"{len(waiting)} {form(len(waiting), 'waits', 'wait')} for a person: hub conflicts"
    if left["blocked"]:
        yield f"{counted(left['blocked'], 'copy', 'copies')} cannot be written or read: see above, and hub status"
    if left["failed"]:
        yield f"{counted(left['failed'], 'write')} failed, to be tried again with the next sync."


def _held_ending(report: Mapping[str, Any]) -> Iterator[str]:
    """What a person has to decide, and with what."""
    run, more = report["run"], len(report["plan"]) - MOST_HELD
    yield f"Nothing was written: {run} would do too much to do it unasked. It would {_would(report['plan'])}."
    yield f"See {'all of it, ' + str(more) + ' more' if more > 0 else 'it again'}: hub approve {run} --dry-run"
    yield f"It is meant so: hub approve {run}"
    others = (found[2] for p in report["problems"] if (found := HELD.search(str(p["message"]))))
    for other in dict.fromkeys(others):
        yield f"It is not: {other}" if other == AS_BEFORE else f"Take back what led to it: {other}"


def _would(plan: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(entry["operation"] for entry in plan)
    return listed(f"{operation} {counts[operation]}" for operation in SIGNS if counts[operation])


def _dry_ending(report: Mapping[str, Any]) -> Iterator[str]:
    if not report["plan"]:
        in_step = report["outcome"] == "done"
        yield f"{'Everything is in step: a' if in_step else 'As things are (see above), a'} run would write nothing."
        return
    yield f"A run would {_would(report['plan'])}. Nothing was written."
    if report["outcome"] == "held":
        yield "That is too much to do it unasked: it would be held until somebody approves it."


def _show_plan(screen: Screen, plan: Sequence[Mapping[str, Any]]) -> None:
    for spoke in dict.fromkeys(entry["spoke"] for entry in plan):
        screen.heading(spoke)
        for entry in (e for e in plan if e["spoke"] == spoke):
            _show_entry(screen, entry)
        screen.line()


def _show_entry(screen: Screen, entry: Mapping[str, Any]) -> None:
    operation = entry["operation"]
    remote = f" ({entry['remote']})" if entry["remote"] else ""
    head = f"  {SIGNS.get(operation, ' ')} {operation} {entry['key']}{remote}, because: {entry['because']}"
    screen.line(head, STYLES.get(operation, ""))
    for field, change in entry["fields"].items():
        before, after = change["from"], change["to"]
        if before is None and after in (None, "", [], {}):
            continue
        old, new = _around(before, after)
        screen.line(f"      {field}: {new}" if before is None else f"      {field}: {old} → {new}")


def _around(before: Any, after: Any, width: int = 60) -> tuple[str, str]:
    """Two values on a line each, long texts from shortly before where they part."""
    if not (isinstance(before, str) and isinstance(after, str)) or max(len(before), len(after)) <= width:
        return short(before, width), short(after, width)
    apart = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, apart - width // 3)
    lead = "…" if start else ""
    return lead + short(before[start:], width), lead + short(after[start:], width)
