"""Which transitions an issue has."""

from hub_jira.sandbox.records import Issue, Project, Status, Transition

TO_DO, OPEN, IN_PROGRESS, IN_REVIEW, DONE = "10000", "1", "3", "10001", "10002"
_CLEAR = ("resolution", "resolutiondate")


def default_statuses() -> list[Status]:
    """The statuses of a new site."""
    return [
        Status(TO_DO, "To Do", "new"),
        Status(OPEN, "Open", "new"),
        Status(IN_PROGRESS, "In Progress", "indeterminate", "This issue is being actively worked on."),
        Status(IN_REVIEW, "In Review", "indeterminate"),
        Status(DONE, "Done", "done"),
    ]


def default_transitions() -> list[Transition]:
    """To Do or Open → In Progress → In Review → Done, whose screen asks for a resolution; Done is reopened into In Progress.

    "Send back" is only there while the issue has an assignee.
    """
    return [
        Transition("11", "To Do", None, TO_DO, clears=_CLEAR),
        Transition("21", "Start work", frozenset({TO_DO, OPEN}), IN_PROGRESS),
        Transition("31", "Ask for review", frozenset({IN_PROGRESS}), IN_REVIEW),
        Transition("41", "Finish", frozenset({IN_REVIEW}), DONE, screen=(("resolution", True),)),
        Transition("51", "Reopen", frozenset({DONE}), IN_PROGRESS, clears=_CLEAR),
        Transition("61", "Send back", frozenset({IN_REVIEW}), IN_PROGRESS, needs_assignee=True),
        Transition("71", "Back to the pile", frozenset({TO_DO}), OPEN),
    ]


def available(project: Project, issue: Issue) -> list[Transition]:
    """The transitions open from the issue's present status."""
    return [
        arrow
        for arrow in project.transitions
        if (arrow.sources is None or issue.values["status"] in arrow.sources)
        and (issue.value("assignee") or not arrow.needs_assignee)
        and (arrow.sources is not None or arrow.target != issue.values["status"])
    ]


def widen(project: Project, status: Status) -> None:
    """Make *status* part of the project's workflow, reachable from anywhere, if it is not part of it yet."""
    if status.id in project.statuses:
        return
    project.statuses.append(status.id)
    number = max((int(arrow.id) for arrow in project.transitions), default=1) + 10
    clears = () if status.category == "done" else _CLEAR
    project.transitions.append(Transition(str(number), status.name, None, status.id, clears=clears))
