"""Values as people and services really give them, nasty ones included."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from hub.mapping import (
    ACCEPTANCE,
    BACKGROUND,
    Account,
    Author,
    Checklist,
    Choice,
    CustomFields,
    Day,
    DayOfInstant,
    LabelSet,
    Lens,
    Marked,
    Moment,
    Number,
    OnePerson,
    Owner,
    People,
    PeopleSet,
    Position,
    Ref,
    References,
    RichText,
    Same,
    SectionItems,
    SectionText,
    Terms,
    Text,
    Vocabulary,
)
from hub.model import Audience, Criterion, Kind, Person, RequirementStatus

MARK = "…"


@dataclass(frozen=True)
class Seen:
    """A lens with a value of the entity and two of the record."""

    lens: Lens
    value: Any
    remote: Any
    other: Any


PIECES = [
    "a",
    "b",
    "需求",
    "👩‍🔧",
    "é",
    " ",
    "  ",
    "\u3000",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\x00",
    "\x1f",
    "\x85",
    "\u2028",
    MARK,
    "x…",
]
lines = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(max_size=30),
    st.builds(
        lambda words, times: words * times, st.sampled_from(["需求 ", "word ", "…", "a", " b\n"]), st.integers(50, 400)
    ),
)
days = st.one_of(st.none(), st.dates(), st.sampled_from([date.min, date.max, date(2024, 2, 29), date(2026, 12, 31)]))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)


def _cuts(text: str, limit: int) -> list[str]:
    """What a service that takes *limit* characters may show of *text*, untouched or edited."""
    head = text[: limit - 1]
    return [text[:limit], head + MARK, head.rstrip() + MARK, "X" + head[1:] + MARK, head[: limit - 3] + MARK]


@st.composite
def texts(draw: st.DrawFn, make: Any) -> Seen:
    """A lens of texts: free values, and remote ones that are cuts of the canonical one."""
    limit = draw(st.sampled_from([4, 10, 255]))
    value = draw(lines)
    remotes = st.one_of(st.none(), lines.map(lambda text: text[:limit]), st.sampled_from(_cuts(value, limit)))
    return Seen(make("field", limit=limit), value, draw(remotes), draw(remotes))


@st.composite
def named_texts(draw: st.DrawFn) -> Seen:
    """A text that the service never shows empty."""
    remotes = st.one_of(st.just("untitled"), lines.filter(bool))
    return Seen(Text("field", untitled="untitled"), draw(lines), draw(remotes), draw(remotes))


NAMES = ["To Do", "Open", "进行中", "Done 👍", ""]
statuses = st.sampled_from(list(RequirementStatus))
vocabularies = st.builds(
    Vocabulary,
    st.dictionaries(statuses.map(str), st.lists(st.sampled_from(NAMES), max_size=3).map(tuple), max_size=5),
    st.one_of(st.none(), st.sampled_from(NAMES)),
    st.one_of(st.none(), statuses.map(str)),
)


@st.composite
def choices(draw: st.DrawFn) -> Seen:
    """A choice under names that are shared, missing, or caught by `otherwise`."""
    optional = draw(st.booleans())
    lens = Choice("field", RequirementStatus, optional=optional, names=draw(vocabularies))
    remotes = st.one_of(st.none(), st.sampled_from([*NAMES, "unknown", "to do"]))
    value = draw(st.one_of(st.none(), statuses) if optional else statuses)
    return Seen(lens, value, draw(remotes), draw(remotes))


def _instant(day: date, at: time, hours: int) -> str:
    return datetime.combine(day, at, timezone(timedelta(hours=hours))).isoformat()


near_midnight = st.sampled_from([time(0), time(0, 0, 0, 1000), time(23, 59, 59, 999000), time(12), time(0, 30)])
instants = st.one_of(
    st.none(),
    st.just(""),
    st.builds(_instant, st.dates(date(1, 1, 2), date(9999, 12, 30)), near_midnight, st.integers(-12, 14)),
    st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat().replace("+00:00", "Z")),
    st.sampled_from(["2026-12-01T09:00:00.000Z", "2026-12-01T09:00:00", "2026-12-01", "soon"]),
)
shown_days = st.one_of(st.none(), st.just(""), st.dates().map(date.isoformat), st.just("next week"))


@st.composite
def labels(draw: st.DrawFn) -> Seen:
    """Labels of a service that forbids some characters, and shows names that no label could be."""
    lens = LabelSet(
        "field", forbid=draw(st.sampled_from(["", " ", ",", " ,;", "_"])), limit=draw(st.sampled_from([3, 50]))
    )
    word = st.one_of(
        st.sampled_from(["a", "b", "a b", "a_b", " a", "A", "", " ", "a,b", "标签", "\x00", "long label"]),
        st.text(max_size=5),
    )
    remotes = st.one_of(st.none(), st.lists(word, max_size=5))
    return Seen(lens, draw(st.frozensets(word, max_size=5)), draw(remotes), draw(remotes))


MAILS = ["ann@example.com", "Bo@example.com", "李雷@example.com"]
IDS = ["1", "2", "3", "4:5"]
persons = st.one_of(
    st.builds(
        Person, email=st.sampled_from([*MAILS, MAILS[0].upper(), "gone@example.com"]), name=st.sampled_from(["", "Ann"])
    ),
    st.builds(Person, account=st.sampled_from(["here:1", "here:2", "here:4:5", "there:1"]), name=st.just("Bo")),
    st.builds(Person, name=st.sampled_from(["", "Somebody"])),
)
directories = st.builds(
    lambda table, accounts: People("here", table, accounts),
    st.dictionaries(st.sampled_from(MAILS), st.dictionaries(st.sampled_from(["here", "there"]), st.sampled_from(IDS))),
    st.lists(
        st.builds(Account, st.sampled_from(IDS), st.just("Ann"), st.one_of(st.none(), st.sampled_from(MAILS))),
        max_size=4,
    ),
)
accounts = st.fixed_dictionaries(
    {"id": st.sampled_from([*IDS, "left"])},
    optional={"name": st.sampled_from(["Ann", ""]), "email": st.sampled_from([*MAILS, "gone@example.com"])},
)


@st.composite
def people(draw: st.DrawFn, make: Any, remotes: st.SearchStrategy[Any]) -> Seen:
    """Persons with and without accounts, two of one person, one of two."""
    lens = make("field").bound("assignees", Terms("here", {}, draw(directories)))
    return Seen(lens, draw(st.frozensets(persons, max_size=4)), draw(remotes), draw(remotes))


written_by = st.fixed_dictionaries(
    {"name": st.sampled_from(["Ann", "Bo", "李雷", ""])},
    optional={"id": st.sampled_from([*IDS, "left", ""]), "email": st.sampled_from([*MAILS, "gone@example.com", ""])},
)


@st.composite
def one_person(draw: st.DrawFn, make: Any, remotes: st.SearchStrategy[Any]) -> Seen:
    """One person in a role, or nobody."""
    lens = make("field").bound("owner", Terms("here", {}, draw(directories)))
    return Seen(lens, draw(st.one_of(st.none(), persons)), draw(remotes), draw(remotes))


class Ties(References):
    """Some entities that have copies."""

    def __init__(self, remotes: Mapping[str, str]) -> None:
        self._remotes = remotes

    def key_of(self, kind: str, remote: str) -> str | None:
        return next((key for key, known in self._remotes.items() if known == remote), None)

    def remote_of(self, kind: str, key: str) -> str | None:
        return self._remotes.get(key)


@st.composite
def references(draw: st.DrawFn) -> Seen:
    """References to entities with and without a copy, and to records that are nobody's copy."""
    ties = draw(st.sampled_from([{}, {"CLI-1": "11"}, {"CLI-1": "11", "CLI-2": "22"}]))
    kinds = draw(st.sampled_from([(Kind.CLIENT,), (Kind.CONTACT, Kind.CLIENT)]))
    lens = Ref("field", *kinds).bound("client", Terms("here", {}, People("here"), Ties(ties)))
    remotes = st.sampled_from([None, "", "11", "22", "99", 11])
    keys = st.sampled_from([None, "CLI-1", "CLI-2", "CLI-3"])
    return Seen(lens, draw(keys), draw(remotes), draw(remotes))


moments = st.one_of(st.none(), st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
texts_of_moments = st.one_of(
    instants,
    st.sampled_from(["2026-12-01T09:00:00.123456789+08:00", "2026-12-01t09:00:00z", "2026-12-01 09:00:00+0000"]),
)
amounts = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-100, 100).map(float))
shown_amounts = st.one_of(
    st.none(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(["", "1.50", "2", "two", "1_0", "inf", True, 10**400]),
)


def numbers(make: Any) -> st.SearchStrategy[Seen]:
    """Numbers in a unit of ours and one of theirs, whole or not, and what is no number."""
    lenses = st.sampled_from([1, 3600, 0.5, 100]).map(lambda per: make("field", per=per))
    return st.builds(Seen, lenses, amounts, shown_amounts, shown_amounts)


FIELDS = ["cf_1", "cf_2", "自定义", "other"]
custom_values = st.one_of(
    lines,
    st.floats(),
    st.booleans(),
    st.dates(),
    st.lists(st.sampled_from(["red", "红", ""]), max_size=3).map(tuple),
    st.sampled_from(["", "2026-12-01", "1"]),
)
cells = st.one_of(
    st.builds(dict, type=st.just("text"), value=st.one_of(st.none(), lines)),
    st.builds(
        dict,
        type=st.just("number"),
        value=st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.just(True)),
    ),
    st.builds(dict, type=st.just("flag"), value=st.one_of(st.none(), st.booleans(), st.just("yes"))),
    st.builds(dict, type=st.just("day"), value=st.sampled_from([None, "2026-12-01", "soon", 3])),
    st.builds(dict, type=st.just("choices"), value=st.one_of(st.none(), st.lists(st.sampled_from(["red", "红"])))),
)


@st.composite
def custom_fields(draw: st.DrawFn) -> Seen:
    """Values of every type, under names with a field there and without, and fields that no name is given to."""
    names = st.sampled_from(["area", "费用", "go live", "unknown"])
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True))
    table = dict(zip(draw(st.lists(names, min_size=3, max_size=3, unique=True)), fields, strict=False))
    lens = CustomFields("field").bound("custom", Terms("here", {}, People("here"), custom=table))
    remotes = st.one_of(st.none(), st.dictionaries(st.sampled_from(FIELDS), cells, max_size=3))
    value = draw(st.dictionaries(names, custom_values, max_size=4))
    return Seen(lens, value, draw(remotes), draw(remotes))


CRITERIA = ["one", "two more", "三", "", " x\ny", "[x] q", "- z", "# Background", "a | b", "```", "<!-- x", "word " * 9]
criteria = st.lists(
    st.builds(Criterion, text=st.one_of(st.sampled_from(CRITERIA), st.text(max_size=8)), met=st.booleans()), max_size=4
).map(tuple)
items = st.fixed_dictionaries(
    {"text": st.sampled_from([*CRITERIA, "four"]), "met": st.booleans()},
    optional={"id": st.sampled_from(IDS), "due": st.just("2026-12-01")},
)
checklists = st.one_of(st.none(), st.lists(items, max_size=4))

SECTIONS = (BACKGROUND, ACCEPTANCE)
BLOCKS = [
    *(
        "intro",
        "需求",
        "# Title",
        "##",
        "Rest\n---",
        "> ## Background",
        "1. x",
        "-",
        "* * *",
        "",
        "\r",
        "\x00",
        "…",
        "…x",
    ),
    *(
        "## Background",
        "### 背景：",
        "Background\n===",
        "## Background ##",
        "## Background\u2060",
        "## **Background**",
        "# 背景",
    ),
    *("## Acceptance criteria", "#### 验收标准:", "- [ ] one", "- two\n  more", "* [x] three\n  - nested", "- [ ]"),
    *("```\n## Background\n```", "```", "~~~~", "<!-- open", "<pre>", "<div>", "    code", "[a]: /x", "word " * 9),
    *("| a | b |\n| --- | --- |", "- [ ] a\n\n  para"),
]
"""What a description may be made of: headings that are sections or look like them, lists, and what swallows the rest."""
GAPS = ["\n\n", "\n\n", "\n", "\r\n\r\n", "\n\n\n"]
headed = st.lists(st.tuples(st.sampled_from(BLOCKS), st.sampled_from(GAPS)), max_size=7).map(
    lambda pairs: "".join(block + gap for block, gap in pairs)
)
descriptions = st.one_of(headed, headed.map(str.strip))
limits = st.sampled_from([100_000, 100_000, 120, 60])


def parts(make: Any, *heading: Any, values: Any, limits: Any = limits) -> st.SearchStrategy[Seen]:
    """A lens of a part of a description, with room and without."""
    lenses = limits.map(lambda limit: make("field", *heading, limit=limit, apart=SECTIONS))
    return st.builds(Seen, lenses, values, st.one_of(st.none(), descriptions), st.one_of(st.none(), descriptions))


MARKS = ("@client", "@客户")
commented = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", " ", "*", "**", "\\", "\n", "hello "]),
    st.sampled_from(["@client", "@Client", "@客户", "@clients", ""]),
    st.sampled_from(["", "*", "**", "_"]),
    st.sampled_from(["", " ", ":", "：", "-side", "!", "\n", "请", "'s"]),
    lines,
)


def _plain(lens: Lens, values: st.SearchStrategy[Any], remotes: st.SearchStrategy[Any]) -> st.SearchStrategy[Seen]:
    return st.builds(Seen, st.just(lens), values, remotes, remotes)


body = RichText("field")
LENSES: Mapping[str, st.SearchStrategy[Seen]] = {
    "Text": st.one_of(texts(Text), named_texts()),
    "RichText": st.one_of(texts(RichText), parts(RichText, values=descriptions, limits=st.just(100_000))),
    "Choice": choices(),
    "Day": _plain(Day("field"), days, shown_days),
    "DayOfInstant": _plain(DayOfInstant("field"), days, instants),
    "LabelSet": labels(),
    "PeopleSet": people(PeopleSet, st.one_of(st.none(), st.lists(accounts, max_size=4))),
    "OnePerson": people(OnePerson, st.one_of(st.none(), accounts)),
    "Ref": references(),
    "Owner": one_person(Owner, st.one_of(st.none(), accounts)),
    "Author": one_person(Author, st.one_of(st.none(), written_by)),
    "Moment": _plain(Moment("field"), moments, texts_of_moments),
    "Number": numbers(Number),
    "Position": numbers(Position),
    "CustomFields": custom_fields(),
    "Checklist": _plain(Checklist("field"), criteria, checklists),
    "SectionText": parts(SectionText, BACKGROUND, values=descriptions),
    "SectionItems": parts(SectionItems, ACCEPTANCE, values=criteria),
    "Marked": _plain(Marked(body, MARKS), st.sampled_from(Audience), st.one_of(st.none(), commented)),
    "Same": _plain(Same("field"), json_values, json_values),
}
