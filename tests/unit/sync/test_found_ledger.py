"""The ledger of a first sync in which nothing could be read."""

from hub.sync.ledger import Ledger, SpokeLedger


def test_each_problem_is_told_once_in_the_order_they_were_found() -> None:
    ledger = Ledger({"left": SpokeLedger()})
    for key in ("REQ-2", "REQ-1", "REQ-2"):
        ledger.problem("no such status", spoke="left", key=key)
    assert [problem.key for problem in ledger.problems] == ["REQ-2", "REQ-1"]


def test_noting_tens_of_thousands_of_problems_compares_no_two_of_them() -> None:
    ledger = Ledger({"left": SpokeLedger()})
    for number in range(50_000):
        ledger.problem("no such status", spoke="left", key=f"REQ-{number}")
    assert len(ledger.problems) == 50_000
