"""The words that clients read for canonical values and fields, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from hub.sdk import Person
from hub_email.composing.letter import Language

Words = Mapping[str, tuple[str, str]]
"""Canonical value to its English and its Chinese words."""

STATUSES: Final[Words] = {
    "new": ("received", "已收到"),
    "clarifying": ("being clarified", "沟通确认中"),
    "approved": ("approved", "已确认"),
    "in_progress": ("in progress", "开发中"),
    "review": ("in review", "评审中"),
    "delivered": ("delivered", "已交付"),
    "accepted": ("accepted", "已验收"),
    "on_hold": ("on hold", "已暂停"),
    "rejected": ("declined", "未采纳"),
}
PRIORITIES: Final[Words] = {
    "critical": ("critical", "紧急"),
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
}
TYPES: Final[Words] = {
    "feature": ("new feature", "新功能"),
    "change": ("change", "变更"),
    "defect": ("defect", "缺陷"),
    "question": ("question", "咨询"),
}
FIELDS: Final[Words] = {
    "title": ("Title", "标题"),
    "description": ("Description", "描述"),
    "background": ("Background", "背景"),
    "acceptance": ("Acceptance criteria", "验收标准"),
    "type": ("Type", "类型"),
    "status": ("Status", "状态"),
    "priority": ("Priority", "优先级"),
    "due": ("Due date", "截止日期"),
    "start": ("Start date", "开始日期"),
    "estimate_hours": ("Estimate", "预估工时"),
    "client": ("Client", "客户"),
    "requester": ("Requested by", "提出人"),
    "assignees": ("Responsible", "负责人"),
    "labels": ("Labels", "标签"),
    "parent": ("Part of", "上级需求"),
}
NOTES: Final[Words] = {
    "new": ("new", "新增"),
    "met": ("now met", "已满足"),
    "unmet": ("no longer met", "不再满足"),
    "removed": ("removed", "已删除"),
    "": ("", ""),
}
"""What happened to a criterion."""
_CHOICES: Final[Mapping[str, Words]] = {"status": STATUSES, "priority": PRIORITIES, "type": TYPES}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def pick(words: Words, value: str, language: Language) -> str:
    """The words for *value*; the value itself where there are none."""
    english, chinese = words.get(value, (value, value))
    return chinese if language == "zh-CN" else english


def field_name(field: str, language: Language, label: str = "") -> str:
    """What people call a field: *label* if given, else our word, else its own name with spaces."""
    return label or (pick(FIELDS, field, language) if field in FIELDS else field.replace("_", " ").strip())


def day(value: date, language: Language) -> str:
    """A date as people write it: 1 December 2026, 2026年12月1日."""
    if language == "zh-CN":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, language: Language) -> str:
    """A date and time with its time zone.

    Raises:
        ValueError: The datetime is naive.
    """
    offset = value.utcoffset()
    if offset is None:
        raise ValueError(f"{value.isoformat()} has no time zone, and a letter cannot say when that is")
    return f"{day(value, language)}{' ' if language == 'zh-CN' else ', '}{value:%H:%M} {_zone(offset)}"


def _zone(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "+" if offset >= timedelta(0) else "-"
    return "UTC" if not offset else f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _hours(value: float, language: Language) -> str:
    number = _number(value)
    return f"{number} 小时" if language == "zh-CN" else f"{number} hour{'' if number == '1' else 's'}"


def is_unset(value: object) -> bool:
    """Whether a canonical value says that there is nothing. False and 0 say something."""
    return value is None or (isinstance(value, str | tuple | list | frozenset | set) and not value)


def say(field: str, value: object, language: Language) -> str:
    """A canonical value in words, as plain text; empty for a value that is not set.

    Dates, enumerations, numbers, truth, people, and sets of these; text comes back as it is.
    """
    if is_unset(value):
        return ""
    match value:
        case bool():
            return pick({"True": ("yes", "是"), "False": ("no", "否")}, str(value), language)
        case datetime():
            return moment(value, language)
        case date():
            return day(value, language)
        case int() | float():
            return _hours(value, language) if field == "estimate_hours" else _number(value)
        case Person():
            return value.name or value.email or pick({"": ("a colleague", "同事")}, "", language)
        case frozenset() | set():
            return _joined(sorted(say(field, each, language) for each in value), language)
        case tuple() | list():
            return _joined([say(field, each, language) for each in value], language)
        case _:
            return pick(_CHOICES.get(field, {}), str(value), language)


def _joined(words: list[str], language: Language) -> str:
    return ("、" if language == "zh-CN" else ", ").join(words)
