"""In which order the mails of a thread came and went, whatever the clocks say that stamped them."""

from datetime import UTC, datetime, timedelta

from hub_email.entry import Entry
from hub_email.letters import in_order

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mail(name: str, seconds: int, *answers: str) -> Entry:
    """A mail that came so many seconds after noon, and answers others."""
    at, nobody = NOON + timedelta(seconds=seconds), None
    return Entry(0, at, 1, name, answers, answers, "Export", "Export", nobody, (), (), nobody, False, True, False)


def names(*mails: Entry) -> list[str]:
    """The mails in their order."""
    return [each.id for each in in_order(mails)]


def test_mails_stand_by_their_time() -> None:
    assert names(mail("b", 2), mail("a", 1)) == ["a", "b"]


def test_an_answer_never_stands_before_what_it_answers() -> None:
    assert names(mail("answer", 0, "question"), mail("question", 1)) == ["question", "answer"]
    assert names(mail("answer", 0, "question"), mail("question", 0)) == ["question", "answer"]


def test_nor_does_the_answer_to_an_answer() -> None:
    assert names(mail("third", 1, "second"), mail("second", 0, "first"), mail("first", 2)) == [
        "first",
        "second",
        "third",
    ]


def test_mails_that_answer_each_other_stand_somewhere() -> None:
    assert sorted(names(mail("a", 0, "b"), mail("b", 0, "a"))) == ["a", "b"]
