"""Every sentence of the demo, in one place so that it can be told in another language."""

TITLE = "requirement-hub: one story, four systems, sixteen scenes"
INTRO = (
    "Northwind Foods, 华清科技 and Acme Trading want things from us. Sales keeps them in Zoho CRM, half of the team "
    "works in Jira, the other half on a Trello board, and clients write mails. This demo runs an imitation of all four "
    "on this machine, lets people work in them, and lets the hub keep them the same. Nothing leaves this machine. Four "
    "hours of the story take seconds here.\n\n"
    "Each line with ✓ was checked: by reading Jira, Trello and Zoho CRM through their own APIs, as people do, and the "
    "client's inbox as her mail program does."
)
CONFIG = "\nAll that the hub was told about the four systems is one file of {lines} lines:"
SCENE = "{number}  {title}"

# scenes: name in reports → title
TITLES = {
    "before": "Systems that do not know each other",
    "plan": "What would the hub do? `hub sync --dry-run`",
    "first sync": "The first `hub sync`",
    "second sync": "`hub sync` again: nothing to do",
    "mail": "A client writes a mail",
    "edits": "Two people work on the same requirement",
    "conflict": "Two people disagree about a date",
    "rule": "Two people rename the same requirement",
    "history": "Who changed what, and why? `hub blame`",
    "unknown content": "What Trello cannot show survives in Jira",
    "work": "The work is done, and the client is told once",
    "reply": "The client answers, and sends a file",
    "inside": "What stays inside, and what the client may read",
    "four": "Four people, four systems, at the same time",
    "everywhere": "Now everything is looked at",
    "quiet": "When nobody does anything",
}

BEFORE = (
    "Six requirements are issues in Jira, six others are cards in Trello. Neither side sees the other's half, and Zoho "
    "CRM, where sales knows the clients, sees none of them."
)
BEFORE_BOTH = "Jira holds {issues} issues, the Trello board holds {cards} cards"
BEFORE_APART = "no title is on both sides"

BEFORE_CRM = "Zoho CRM knows {number} clients, and no requirement"

UNTOUCHED = "all services show the very same as before, to the last byte"

PLAN = "A dry run reads all sides and says what a real run would write. It writes nothing."
PLAN_MORE = "With `--json` the plan also names every field with its old and its new value."
PLAN_FORGOTTEN = "the hub itself keeps nothing of it either"
PLAN_COMPLETE = "the plan makes {jira} issues in Jira, {trello} cards in Trello and {zoho} records in Zoho CRM"

FIRST = "Now for real. Every requirement gets a key of its own (REQ-…) and a copy wherever it is missing."
FIRST_DONE = "{writes} copies were written in {calls} calls."
FIRST_AS_PLANNED = "the run did what the plan had said, down to the keys"
FIRST_BOTH = "all {number} requirements are in Jira, in Trello and in Zoho CRM"
FIRST_SAME = "titles, due dates, labels and statuses agree everywhere"
FIRST_PEOPLE = "who is assigned and has both accounts (Ana, 李伟) is assigned in both"

SECOND = "A sync that runs every two minutes must not disturb anybody. The second run finds everything in order."
SECOND_WRITES = "the second run made {writes} writes"

EDITS = (
    "Ana opens {key} in Jira: she renames it, starts work on it and rewrites the first paragraph. A little later Ben, "
    "who only uses Trello, puts a label and a new due date on the card, and rewrites the last paragraph. "
    "Neither saw the other's change. Then comes `hub sync`."
)
EDITS_TABLE = "{key} afterwards"
EDITS_FIELDS = "title, due date, labels and status carry both people's work, everywhere"
EDITS_TEXT = "both paragraphs are in every system: the description was merged, nobody was overwritten"
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
CONFLICT_EQUAL = "all systems now say {day}"
CONFLICT_CLOSED = "no conflict is left"

RULE = (
    'For titles the rule is "latest". Ana renames {key} in Jira; {minutes} minutes later Ben renames the card. '
    "The later one wins, and the history keeps what was overruled, so that it can be brought back."
)
RULE_TABLE = "`hub history {key} --field title`"
RULE_WON = "it is called “{title}” everywhere"
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
UNKNOWN_CHECKLIST = "the card's checklist, of which this hub.toml says nothing, is still there"

MAIL = "Wei Li works for Acme Trading, and sales knows her. She has no account anywhere here. She writes a mail:"
MAIL_SYNC = "Then comes `hub sync`."
MAIL_EVERYWHERE = "her mail is {key}, in Zoho CRM, in Jira and in Trello"
MAIL_CLEAN = "her signature is in none of them"
MAIL_KNOWN = (
    "Zoho CRM knew her by her address: the requirement stands under her and Acme Trading, and nobody is there twice"
)
MAIL_ACKNOWLEDGED = "one mail is in her inbox, and names the key"

WORK = (
    "Mia starts {key} in Jira, asks for a review {short} minutes later, and finishes it. The hub runs after every step. "
    'hub.toml says `quiet = "10m"` of the mailbox: Wei Li is not told of every step, but of what came of it, once '
    "nobody has been at it for that long."
)
WORK_WAITS = "while Mia was at work, Wei Li got no mail"
WORK_TOLD = "then she got one mail, and it says that her requirement is delivered"
WORK_THREAD = "it stands in the same thread as the mail before"

REPLY = (
    "Wei Li answers with her mail program. It quotes the whole mail below her words, and adds her signature. She "
    "attaches a list of stores."
)
REPLY_EVERYWHERE = "her answer is one comment in each system"
REPLY_CLEAN = "without the quoted mail and without the signature"
REPLY_FILE = "her file is there once in each, whole"
REPLY_NO_ECHO = "nothing of it was sent back to her"

INSIDE = (
    "A comment is for colleagues, unless it begins with @client. 李伟 writes in Jira: “{internal}” Ben writes in Trello: "
    "“{marked}” Wei Li gets this:"
)
INSIDE_EVERYWHERE = "both comments are once in each system"
INSIDE_MARKED = "Ben's is in Wei Li's inbox, without the mark"
INSIDE_KEPT = "李伟's is in no mail to her, neither in its text nor in what lies hidden in it"

FOUR = (
    "Between two runs, Mia renames {key} in Jira, Ben moves its due date in Trello, Ravi rewrites its description in "
    "Zoho CRM, and Wei Li answers once more. Then comes one `hub sync`."
)
FOUR_NO_CONFLICT = "nobody was in anybody's way: no conflict"
FOUR_FIELDS = "title, due date and description are the new ones, everywhere"
FOUR_WORD = "Wei Li's question is a comment everywhere"

EVERYWHERE = (
    "After some quiet minutes Wei Li is told of the new title and the new date. Then every system is asked through its "
    "own API, and her inbox is read from the beginning:"
)
EVERYWHERE_SAME = "all {number} requirements are in all three systems once, and agree in title, date, labels and status"
EVERYWHERE_SAID = "all {number} comments are once in each"
EVERYWHERE_FILE = "so is the file"
EVERYWHERE_THREAD = "Wei Li got {number} mails, all in one thread"

QUIET = "After writing, the hub reads once more what it wrote. From then on, a run that finds nothing new costs this:"
QUIET_WRITES = "the run wrote nothing"
QUIET_CALLS = "Jira, Trello and Zoho CRM counted the same number of calls"

GOOD_END = "All {number} scenes came out as told, in {seconds:.1f} s."
BAD_END = "{number} of {all} scenes did not come out as told: {names}. Please report this with the output above."
CLAIM_FAILED = "NOT TRUE: {said}"
BROKE = "the scene broke off: {error}"
NOT_PLAYED = "not played"

NEXT = "What to try next"
NEXT_COMMANDS = {
    "hub demo --keep": "the same, and all services stay up for you to play with",
    "hub init": "write a hub.toml of your own, by answering a few questions",
    "hub check --live": "look over a hub.toml of your own, and sign in everywhere",
}

KEPT = "All services keep running until you press Ctrl-C. In another terminal:"
KEPT_COMMANDS = {
    "cd {folder}": "hub.toml and hub.db are here",
    "hub status": "how things stand",
    "hub list": "all requirements and where they are",
    "hub history REQ-1": "what happened to one of them",
}
KEPT_EDIT = "Be Ana and rename an issue in Jira, then let the hub carry it over:"
KEPT_SYNC = "hub sync"
KEPT_TITLE = "Warn me while there is still time"
KEPT_MAIL = "Be Wei Li and write a mail; after the next `hub sync`, read your inbox:"
KEPT_SUBJECT, KEPT_WISH = "One more wish", "Could the sheet have our logo?"
KEPT_STOPPED = "Stopped. The folder stays; delete it when you are done with it:"

MISSING = "the demo needs the connectors {names}"
MISSING_FIX = "pip install {packages}"

CHECKLIST_NAME = "Ask the warehouse"

# heads and fixed cells of tables
WHERE, WHAT, STATUS, DUE, WHO, KEY = "Where", "What", "Status", "Due", "Who", "Key"
LABELS, WHY, WHEN, FIELD, VALUE, OLD, NEW = "Labels", "Why", "When", "Field", "Value", "From", "To"
TITLE_FIELD, FIRST_PARAGRAPH, LAST_PARAGRAPH = "Title", "First paragraph", "Last paragraph"
OPERATION, COUNT, CALLS, READ, WRITES = "What would be done", "How many", "Calls", "Records read", "Writes"
DESCRIPTION, COMMENTS, LAST_COMMENT, FILES, FILE = (
    "Description",
    "Comments",
    "Last comment",
    "Files",
    "{name}, {size} bytes",
)
FROM, SUBJECT, TOLD = "From", "Subject", "What the mail says"
JIRA, TRELLO, ZOHO = "Jira", "Trello", "Zoho CRM"
SERVICES = {"mail": "Mailbox", "zoho": ZOHO, "jira": JIRA, "trello": TRELLO}
OF_KIND = "Of what"
KINDS = {"client": "clients", "contact": "contacts", "requirement": "requirements"}
OPERATIONS = {
    "import": "take in from {spoke}, give a key",
    "create": "make a copy in {spoke}",
    "update": "change in {spoke}",
    "delete": "delete in {spoke}",
}
