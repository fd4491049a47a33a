"""What `hub init` proposes for a service's names: by what they say and by what the service says of them, and no guess."""

import pytest

from hub.config.placing import Names, propose_names
from hub.config.proposing import KindProposal, SpokeProposal
from hub.config.writing import Draft, toml_text
from hub.model import Kind, Priority, RequirementStatus, TaskStatus
from hub.sdk import Phase

STATUSES = [str(status) for status in RequirementStatus]
STAGES = (
    *("Qualification", "Needs Analysis", "Value Proposition", "Identify Decision Makers", "Proposal/Price Quote"),
    *("Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition"),
)
"""The stages of deals as Zoho CRM is delivered."""
CHINESE = ("资格审查", "需求分析", "价值主张", "提案/报价", "谈判/复审", "已关闭-赢单", "已关闭-丢单", "因竞争丢失")
FINISHED = ("delivered", "accepted")


def placed(name: str, phase: Phase | None = None) -> str | None:
    """What one name stands for."""
    found = propose_names(STATUSES, [name], phases={name: phase} if phase else {})
    return next((value for value, names in found.names.items() if name in names and value not in found.borrowed), None)


@pytest.mark.parametrize("stages", [STAGES, CHINESE])
def test_a_lost_deal_is_never_proposed_for_a_finished_requirement(stages: tuple[str, ...]) -> None:
    found = propose_names(STATUSES, stages, "new")
    lost = {name for name in stages if "Lost" in name or "丢" in name}
    assert lost == set(found.names["rejected"])
    assert found.names["delivered"] == found.names["accepted"] == (stages[-3],)


def test_of_a_pipeline_in_which_deals_can_only_be_lost_nothing_is_proposed_for_what_is_finished() -> None:
    found = propose_names(STATUSES, ["Qualification", "Closed Lost"], "new")
    assert not set(FINISHED) & set(found.names)
    assert found.nameless == FINISHED


@pytest.mark.parametrize(
    ("end", "borrows"), [("Closed", True), ("已关闭", True), ("Done", False), ("Closed Won", False)]
)
def test_what_was_rejected_borrows_no_name_that_praises_it(end: str, borrows: bool) -> None:
    found = propose_names(STATUSES, ["To Do", end], "new")
    assert found.names.get("rejected") == ((end,) if borrows else None)
    assert ("rejected" in found.nameless) is not borrows


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("待办", "new"),
        ("进行中", "in_progress"),
        ("已完成", "delivered"),
        ("已关闭", "delivered"),
        ("已关闭-丢单", "rejected"),
        ("关闭(重复)", "rejected"),
        ("赢单", "delivered"),
        ("暂不处理", "on_hold"),
        ("Closed - Won't Do", "rejected"),
        ("Done - Rejected", "rejected"),
        ("Cannot Reproduce", "rejected"),
        ("Never doing", "rejected"),
        ("Not Started", "new"),
        ("Ready for development", "approved"),
        ("Ready for QA", "review"),
        ("Up Next", "approved"),
    ],
)
def test_a_name_finds_what_it_says(name: str, value: str) -> None:
    assert placed(name) == value


@pytest.mark.parametrize(
    "name",
    [
        *("开发完成", "测试完成", "Testing done", "Dev complete", "Code review done"),
        *("待完成", "待上线", "To be released", "Ready for release", "Ready to deploy", "Not Done"),
        *("测试不通过", "未通过", "QA Failed", "Rejected by QA", "已关闭-未解决"),
        *("Negotiation/Review", "谈判/评审", "Proposal/Price Quote"),
    ],
)
def test_a_step_an_end_to_come_a_failure_and_a_sale_are_left_to_a_person(name: str) -> None:
    assert placed(name) is None


def test_a_word_of_chinese_is_not_taken_for_another_that_has_most_of_its_signs() -> None:
    found = propose_names([str(each) for each in Priority], ["非紧急", "非常紧急", "不紧急"], "medium")
    assert (found.names["critical"], found.names["low"], found.unknown) == (("非常紧急",), ("不紧急",), ("非紧急",))


def test_a_task_that_was_cancelled_is_not_done() -> None:
    tasks = [str(status) for status in TaskStatus]
    assert propose_names(tasks, ["Open", "Done", "Closed (cancelled)"]).names["done"] == ("Done",)
    assert propose_names(tasks, ["Open", "In Progress"]).nameless == ("done",)


@pytest.mark.parametrize(
    ("name", "phase", "value"),
    [
        ("Done", Phase.DROPPED, "rejected"),
        ("Closed", Phase.DROPPED, "rejected"),
        ("Verloren", Phase.DROPPED, "rejected"),
        ("Gewonnen", Phase.DONE, "delivered"),
        ("Abandoned", Phase.DROPPED, "rejected"),
        ("Done", Phase.DOING, "in_progress"),
        ("Approved", Phase.ENDED, None),
        ("Rejected", Phase.ENDED, "rejected"),
        ("Done", Phase.ENDED, "delivered"),
        ("Rejected", Phase.DONE, None),
        ("En cours", Phase.DOING, "in_progress"),
        ("À faire", Phase.TODO, "new"),
        ("Selected for Development", Phase.TODO, "approved"),
        ("Irgendwas", Phase.OPEN, None),
    ],
)
def test_what_the_service_says_of_a_choice_outweighs_its_name(name: str, phase: Phase, value: str | None) -> None:
    assert placed(name, phase) == value


def test_an_end_that_cannot_be_placed_is_not_read_as_a_beginning() -> None:
    ended = propose_names(STATUSES, ["To Do", "Fertig"], "new", {"Fertig": Phase.ENDED})
    assert (ended.unknown, ended.read) == (("Fertig",), None)
    assert propose_names(STATUSES, ["To Do", "Irgendwas"], "new").read == "new"


@pytest.mark.parametrize(
    ("nameless", "told"),
    [(("rejected",), "rejected has no name there"), (FINISHED, "delivered, accepted have no name there")],
)
def test_the_file_says_which_values_are_left_to_a_person(nameless: tuple[str, ...], told: str) -> None:
    spoke = SpokeProposal(
        {Kind.REQUIREMENT: KindProposal(True, True)}, {"status": Names({"new": ("To Do",)}, nameless=nameless)}
    )
    (comment,) = [
        line for line in toml_text(Draft("delivery", {}, {"zoho": spoke})).splitlines() if "no name there" in line
    ]
    assert comment.startswith(f"# status: {told}")
