"""Every sentence of the demo, in one place so that it can be told in another language."""

TITLE = "requirement-hub: one story, two systems, ten scenes"
INTRO = (
    "Northwind Foods and 华清科技 want things from us. Half of the team writes them down in Jira, the other half on a "
    "Trello board. This demo runs an imitation of both services on this machine, lets people work in them, and lets "
    "the hub keep both sides the same. Nothing leaves this machine. Two hours of the story take seconds here.\n\n"
    "Each line with ✓ was checked: what it says of Jira and Trello, by reading them through their own APIs, as people "
    "do."
)
CONFIG = "\nAll that the hub was told about the two systems is one file of {lines} lines:"
SCENE = "{number}  {title}"

# scenes: name in reports → title
TITLES = {
    "before": "Two systems that do not know each other",
    "plan": "What would the hub do? `hub sync --dry-run`",
    "first sync": "The first `hub sync`",
    "second sync": "`hub sync` again: nothing to do",
    "edits": "Two people work on the same requirement",
    "conflict": "Two people disagree about a date",
    "rule": "Two people rename the same requirement",
    "history": "Who changed what, and why? `hub blame`",
    "unknown content": "What Trello cannot show survives in Jira",
    "quiet": "When nobody does anything",
}

BEFORE = "Six requirements are issues in Jira, six others are cards in Trello. Neither side sees the other's half."
BEFORE_BOTH = "Jira holds {issues} issues, the Trello board holds {cards} cards"
BEFORE_APART = "no title is on both sides"

UNTOUCHED = "both services show the very same as before, to the last byte"

PLAN = "A dry run reads both sides and says what a real run would write. It writes nothing."
PLAN_MORE = "With `--json` the plan also names every field with its old and its new value."
PLAN_FORGOTTEN = "the hub itself keeps nothing of it either"
PLAN_COMPLETE = "the plan makes {jira} issues in Jira and {trello} cards in Trello"

FIRST = "Now for real. Every requirement gets a key of its own (REQ-…) and a copy on the other side."
FIRST_DONE = "{writes} copies were written in {calls} calls."
FIRST_AS_PLANNED = "the run did what the plan had said, down to the keys"
FIRST_BOTH = "all {number} requirements are on both sides"
FIRST_SAME = "titles, due dates, labels and statuses agree everywhere"
FIRST_PEOPLE = "who is assigned and has both accounts (Ana, 李伟) is assigned on both sides"

SECOND = "A sync that runs every two minutes must not disturb anybody. The second run finds everything in order."
SECOND_WRITES = "the second run made {writes} writes"

EDITS = (
    "Ana opens {key} in Jira: she renames it, starts work on it and rewrites the first paragraph. A little later Ben, "
    "who only uses Trello, puts a label and a new due date on the card, and rewrites the last paragraph. "
    "Neither saw the other's change. Then comes `hub sync`."
)
EDITS_TABLE = "{key} afterwards"
EDITS_FIELDS = "title, due date, labels and status carry both people's work, on both sides"
EDITS_TEXT = "both paragraphs are in Jira and in Trello: the description was merged, nobody was overwritten"
EDITS_PANEL = "the warning panel between the two paragraphs is still a panel in Jira"
EDITS_WORKFLOW = "the card moved to Doing because the issue went to In Progress"

CONFLICT = (
    "Ana (in Jira) and 李伟 (in Trello) move the due date of {key}, to different days. A program cannot know who is "
    'right. The rule for due dates in this hub.toml is "ask", so the hub holds this one field and leaves both sides '
    "as they are."
)
CONFLICT_TABLE = "`hub conflicts`"
CONFLICT_HELD = "one conflict is held, and `hub sync` says so with exit code 1"
CONFLICT_KEPT = "meanwhile each side keeps its own date"
CONFLICT_RESOLVE = "The project manager decides for 李伟's date: `hub resolve {hold} --take trello`."
CONFLICT_EQUAL = "both sides now say {day}"
CONFLICT_CLOSED = "no conflict is left"

RULE = (
    'For titles the rule is "latest". Ana renames {key} in Jira; {minutes} minutes later Ben renames the card. '
    "The later one wins, and the history keeps what was overruled, so that it can be brought back."
)
RULE_TABLE = "`hub history {key} --field title`"
RULE_WON = "both sides are called “{title}”"
RULE_KEPT = "the history knows the overruled title “{title}”, and that the rule decided"

HISTORY = "Every value of {key} can say who set it, where and why."
HISTORY_ANA = "title and status are Ana's work in Jira"
HISTORY_BEN = "due date and labels are Ben's work in Trello"
HISTORY_MERGE = "the description is marked as a merge of two edits"

UNKNOWN = (
    "Trello has plain Markdown. The description in Jira has more: a coloured panel, a mention of 李伟, a status badge. "
    "The card shows it as well as Markdown can. Ben edited the text around it there; in Jira it came to no harm."
)
PANEL_SHOWN = "[panel, yellow] {text}"
UNKNOWN_SAME = "{what} in Jira is the same as before, byte for byte"
UNKNOWN_NAMES = {"panel": "the panel with its mention and its badge", "table": "the table"}
UNKNOWN_CHECKLIST = "the card's checklist, which the hub does not synchronise, is still there"

QUIET = "After writing, the hub reads once more what it wrote. From then on, a run that finds nothing new costs this:"
QUIET_WRITES = "the run wrote nothing"
QUIET_CALLS = "both services counted the same number of calls"

GOOD_END = "All {number} scenes came out as told, in {seconds:.1f} s."
BAD_END = "{number} of {all} scenes did not come out as told: {names}. Please report this with the output above."
CLAIM_FAILED = "NOT TRUE: {said}"
BROKE = "the scene broke off: {error}"
NOT_PLAYED = "not played"

NEXT = "What to try next"
NEXT_COMMANDS = {
    "hub demo --keep": "the same, and both services stay up for you to play with",
    "hub init": "write a hub.toml of your own, by answering a few questions",
    "hub check --live": "look over a hub.toml of your own, and sign in everywhere",
}

KEPT = "Both services keep running until you press Ctrl-C. In another terminal:"
KEPT_COMMANDS = {
    "cd {folder}": "hub.toml and hub.db are here",
    "hub status": "how things stand",
    "hub list": "all requirements and where they are",
    "hub history REQ-1": "what happened to one of them",
}
KEPT_EDIT = "Be Ana and rename an issue in Jira, then let the hub carry it over:"
KEPT_SYNC = "hub sync"
KEPT_TITLE = "Warn me while there is still time"
KEPT_AGAIN = (
    "To begin again another day with both services empty, delete hub.db and serve them where hub.toml expects them:"
)
KEPT_STOPPED = "Stopped. The folder stays; delete it when you are done with it:"

MISSING = "the demo needs the connectors {names}"
MISSING_FIX = "pip install {packages}"

CHECKLIST_NAME = "Ask the warehouse"

# heads and fixed cells of tables
WHERE, WHAT, STATUS, DUE, WHO, KEY = "Where", "What", "Status", "Due", "Who", "Key"
LABELS, WHY, WHEN, FIELD, VALUE, OLD, NEW = "Labels", "Why", "When", "Field", "Value", "From", "To"
TITLE_FIELD, FIRST_PARAGRAPH, LAST_PARAGRAPH = "Title", "First paragraph", "Last paragraph"
OPERATION, COUNT, CALLS, READ, WRITES = "What would be done", "How many", "Calls", "Records read", "Writes"
JIRA, TRELLO = "Jira", "Trello"
SERVICES = {"jira": JIRA, "trello": TRELLO}
OPERATIONS = {
    "import": "take in from {spoke}, give a key",
    "create": "make a copy in {spoke}",
    "update": "change in {spoke}",
    "delete": "delete in {spoke}",
}
