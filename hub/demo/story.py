"""What the people of the story write: requirements of two clients, as Jira and Trello take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.demo.documents import Json, block, bullets, document, mention, paragraph, table, text

ANA, LI, MIA, BEN = "Ana Lima", "李伟", "Mia Novak", "Ben Okafor"
MAILS = {ANA: "ana@example.test", LI: "li.wei@example.test"}
"""Those with an account in both Jira and Trello, by the address that `[people]` knows them by."""
NORTHWIND, HUAQING = "northwind", "华清科技"
"""The clients' labels: Northwind Foods, and 华清科技 (Huaqing Technology)."""
COLUMNS = {"To Do": "Backlog", "In Progress": "Doing", "In Review": "Review", "Done": "Done"}
"""Which list of the board stands for which status of the issue."""
STAGES = {"To Do": "New", "In Progress": "In Progress", "In Review": "In Progress", "Done": "Done"}
"""What the CRM calls it: it has one word for work and for review."""


@dataclass(frozen=True)
class Issue:
    """What somebody enters in Jira. `due` counts days from the day of the story; `steps` are transitions to take."""

    by: str
    title: str
    description: Json
    labels: Sequence[str]
    due: int | None = None
    priority: str = "Medium"
    assignee: str | None = None
    type: str = "Story"
    steps: Sequence[str] = ()

    def fields(self, today: date, accounts: Mapping[str, str]) -> Json:
        """The body of `POST /rest/api/3/issue`; *accounts* are account ids by name."""
        filled: Json = {
            "project": {"key": "ACME"},
            "issuetype": {"name": self.type},
            "summary": self.title,
            "description": self.description,
            "labels": list(self.labels),
            "priority": {"name": self.priority},
            "duedate": day(today, self.due).isoformat() if self.due is not None else None,
            "assignee": {"accountId": accounts[self.assignee]} if self.assignee else None,
        }
        return {name: value for name, value in filled.items() if value is not None}


@dataclass(frozen=True)
class Card:
    """What somebody puts on the Trello board, in the column *column*."""

    by: str
    title: str
    description: str
    labels: Sequence[str]
    due: int | None = None
    members: Sequence[str] = ()
    column: str = "Backlog"


def day(today: date, days: int) -> date:
    """The day that is *days* after *today*."""
    return today + timedelta(days=days)


# The requirement that most scenes are about

HERO = "Warn before stock runs out"
HERO_RENAMED = "Warn two days before stock runs out"
HERO_NEW_LABEL = "warehouse"
HERO_OPENING = "The warehouse learns of empty shelves from angry customers."
HERO_OPENING_EDITED = "The warehouse learns of empty shelves two days too late, from angry customers."
HERO_CLOSING = "Send the warning by e-mail every morning."
HERO_CLOSING_EDITED = "Send the warning by e-mail every morning at 6:30, and show it on the start page."

CHECKLIST = ("Who reads the mail?", "周末也要发吗？")
"""What Ben wants to ask; the story's hub.toml takes no tasks, so that the hub leaves a checklist alone."""


def hero(accounts: Mapping[str, str]) -> Issue:
    """A description with a panel, a mention, a status lozenge and a table, which no Trello card can hold as such."""
    warning = block(
        "panel",
        paragraph(
            text("Agreed on the phone. ", "strong"), "Ask ", mention(accounts[LI], LI), " before changing a limit: ",
            {"type": "status", "attrs": {"text": "SIGNED OFF", "color": "green", "localId": "limits", "style": ""}},
        ),
        panelType="warning",
    )  # fmt: skip
    limits = table(("Article", "Warn below"), ("Flour", "200 kg"), ("橄榄油 Olive oil", "40 l"))
    described = document(paragraph(HERO_OPENING), warning, limits, paragraph(HERO_CLOSING))
    return Issue(ANA, HERO, described, [NORTHWIND], due=21, priority="High", assignee=LI)


def issues(accounts: Mapping[str, str]) -> list[Issue]:
    """What Jira holds in the beginning. *accounts* are Jira's account ids by name."""
    return [
        hero(accounts),
        Issue(
            LI,
            "对账单导出为 Excel",
            document(
                paragraph("财务部每月需要", text("对账单", "strong"), "，目前靠手工抄录。"),
                bullets("按客户分页", "金额保留两位小数", "文件名包含月份"),
                paragraph("与王经理确认过字段。"),
            ),
            [HUAQING],
            due=14,
            priority="High",
            assignee=LI,
        ),
        Issue(
            MIA,
            "Delivery notes as PDF",
            document(
                paragraph("Drivers lose paper. They want the note on the phone, ", text("readable offline", "em"), "."),
                bullets("one page per stop", "signature field at the bottom"),
            ),
            [NORTHWIND],
            due=30,
            assignee=ANA,
            steps=["Start work"],
        ),
        Issue(
            ANA,
            "VAT is rounded per line, not per invoice",
            document(paragraph("Invoice 4711 is one cent too high."), table(("Line", "Net"), ("1", "9.99"), ("2", "0.01"))),
            [NORTHWIND, "finance"],
            due=5,
            priority="Highest",
            type="Bug",
        ),
        Issue(
            LI,
            "登录时支持企业微信扫码",
            document(paragraph("员工不想再记一个密码。"), paragraph("先支持内网，外网下一期。")),
            [HUAQING],
            priority="Medium",
            assignee=ANA,
            steps=["Start work", "Ask for review"],
        ),
        Issue(
            MIA,
            "Archive orders older than ten years",
            document(paragraph("Wanted by the auditors; nobody is in a hurry.")),
            [NORTHWIND],
            priority="Low",
            assignee=MIA,
        ),
    ]  # fmt: skip


RENAMED = "Search by batch number"
RENAMED_AT_JIRA, RENAMED_AT_TRELLO = "Search by batch number or EAN", "Find goods by batch number"
DISPUTED = "对账单导出为 Excel"

CARDS = [
    Card(BEN, RENAMED, "Quality control types the **batch number** from the box.", [NORTHWIND], due=12, members=[ANA]),
    Card(
        BEN,
        "Remind customers of unpaid invoices",
        "Three letters:\n\n1. friendly, after 14 days\n2. firm, after 28 days\n3. by the lawyer\n\n> Not in December!",
        [NORTHWIND, "finance"],
        due=40,
        members=[BEN],
    ),
    Card(
        LI,
        "手机端显示库存",
        "业务员在客户现场查库存：\n\n- 扫码\n- 按名称搜索\n\n**离线时**显示上次的数据。",
        [HUAQING],
        due=18,
        members=[LI],
        column="Doing",
    ),
    Card(LI, "发票抬头自动填写", "从*企业信息库*读取，客户只需确认。", [HUAQING], members=[LI, ANA], column="Review"),
    Card(ANA, "Dark mode for the night shift", "See `theme.css`; contrast at least 7:1.", [NORTHWIND]),
    Card(ANA, "Logo on the start page", "Done with the new brand. 🎉", [NORTHWIND], due=1, column="Done"),
]
"""What the Trello board holds in the beginning."""
