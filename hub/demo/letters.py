"""The client of the story, what the CRM knows of her, and what she and the team write to each other."""

from collections.abc import Mapping

from hub.demo.documents import Json

CLIENT, COMPANY, ADDRESS = "Wei Li", "Acme Trading", "wei.li@acme.example"
TEAM = "Delivery Team"
"""What stands beside the hub's address."""
RAVI = "Ravi Kumar"
"""Who works in the CRM."""
ACCOUNTS = (
    ("Northwind Foods", "https://www.northwind.example"),
    ("华清科技", "https://huaqing.example"),
    (COMPANY, "https://www.acme.example"),
)
"""The clients that sales knows: names and websites."""


def contact(account: str) -> Json:
    """What sales has noted of the client's person; *account* is the id of her company."""
    first, _, last = CLIENT.partition(" ")
    return {"First_Name": first, "Last_Name": last, "Email": ADDRESS, "Title": "Planner", "Account_Name": account}


SIGNATURE = f"-- \n{CLIENT}\n{COMPANY} · Planning · +49 30 5550 142"
ASKED = "Delivery dates as an Excel sheet"
WISH = "our planners type the delivery dates over from the website every morning."
WISHED = f"Dear team,\n\n{WISH}\n\nCould they have them as an Excel sheet?\n\n{SIGNATURE}"

REPLY = "Wonderful! Please sort the sheet by store, in the order of the attached list."
REPLIED = f"{REPLY}\n\n{SIGNATURE}"
FILE = "stores 门店.csv"
FILES: Mapping[str, bytes] = {FILE: "store,order\nLübeck,1\n上海,2\nPorto,3\n".encode() * 400}

INTERNAL = "Between us: sorting takes an hour, the other half day is for the tests."
MARKED, FOR_CLIENT = (
    "@client You will have it sorted by store on Monday.",
    "You will have it sorted by store on Monday.",
)

RENAMED = "Delivery dates as an Excel sheet, sorted by store"
WANTED = "The sheet has one row for each delivery and one column for each day."
LAST_WORD = "Could the weekend be grey?"
