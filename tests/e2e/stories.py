"""What the tests of the client's side share: looking at four services as their people do."""

from dataclasses import dataclass
from typing import Any

from tests.e2e import editions
from tests.e2e.bench import done
from tests.e2e.house import House


@dataclass(frozen=True)
class Everywhere:
    """One requirement, as the people of each service see it."""

    house: House
    key: str

    def issue(self) -> dict[str, Any]:
        """The fields of its issue."""
        with self.house.as_jira() as jira:
            path = f"/issue/{self.house.remote(self.key, 'jira')}"
            return editions.shown(self.house.services["jira"], done(jira.get(path))["fields"])

    def card(self) -> dict[str, Any]:
        """Its card."""
        with self.house.as_trello() as trello:
            return dict(done(trello.get(f"/cards/{self.house.remote(self.key, 'trello')}")))

    def row(self) -> dict[str, Any]:
        """Its record in the CRM."""
        with self.house.as_zoho() as zoho:
            return dict(done(zoho.get(f"/Requirements/{self.house.remote(self.key, 'zoho')}"))["data"][0])

    def titles(self) -> set[str]:
        """What it is called in each of them."""
        return {self.issue()["summary"], self.card()["name"], self.row()["Name"]}

    def said(self) -> dict[str, list[str]]:
        """By service: the comments on it, as plain text, oldest first."""
        with self.house.as_jira() as jira:
            comments = done(jira.get(f"/issue/{self.house.remote(self.key, 'jira')}/comment"))["comments"]
        with self.house.as_trello() as trello:
            path = f"/cards/{self.house.remote(self.key, 'trello')}/actions"
            actions = done(trello.get(path, params={"filter": "commentCard"}))
        with self.house.as_zoho() as zoho:
            path = f"/Requirements/{self.house.remote(self.key, 'zoho')}/Notes"
            answer = zoho.get(path, params={"fields": "Note_Content,Created_Time"})
            notes = done(answer)["data"] if answer.content else []
        return {
            "jira": [words(each["body"]) for each in comments],
            "trello": [each["data"]["text"] for each in reversed(actions)],
            "zoho": [each["Note_Content"] for each in notes],
        }

    def files(self) -> dict[str, list[tuple[str, int]]]:
        """By service: name and size of each attached file."""
        with self.house.as_trello() as trello:
            path = f"/cards/{self.house.remote(self.key, 'trello')}/attachments"
            uploads = [each for each in done(trello.get(path)) if each["isUpload"]]
        with self.house.as_zoho() as zoho:
            path = f"/Requirements/{self.house.remote(self.key, 'zoho')}/Attachments"
            answer = zoho.get(path, params={"fields": "id,File_Name,Size"})
            rows = done(answer)["data"] if answer.content else []
        return {
            "jira": [(each["filename"], int(each["size"])) for each in self.issue().get("attachment") or ()],
            "trello": [(each["name"], int(each["bytes"])) for each in uploads],
            "zoho": [(each["File_Name"], int(each["Size"])) for each in rows],
        }


def words(document: Any) -> str:
    """The text of a document in Jira's own format, a line for each block."""
    if isinstance(document, str):
        return document
    if document.get("type") == "text":
        return str(document["text"])
    if document.get("type") == "hardBreak":
        return "\n"
    inside = [words(each) for each in document.get("content") or ()]
    return ("\n" if document["type"] in {"doc", "bulletList", "listItem", "blockquote"} else "").join(inside)


def comment_in_jira(house: House, key: str, text: str) -> str:
    """Somebody of the team comments on the issue; the comment's id."""
    body = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }
    told = editions.put(house.services["jira"], {"body": body})
    with house.as_jira() as jira:
        return str(done(jira.post(f"/issue/{house.remote(key, 'jira')}/comment", json=told))["id"])


def comment_in_trello(house: House, key: str, text: str) -> str:
    """Somebody of the team comments on the card; the action's id."""
    with house.as_trello() as trello:
        path = f"/cards/{house.remote(key, 'trello')}/actions/comments"
        return str(done(trello.post(path, params={"text": text}))["id"])


def note_in_zoho(house: House, key: str, text: str) -> str:
    """Somebody of sales notes something; the note's id."""
    parent = {"id": house.remote(key, "zoho"), "module": {"api_name": "Requirements"}}
    with house.as_zoho() as zoho:
        made = done(zoho.post("/Notes", json={"data": [{"Note_Content": text, "Parent_Id": parent}]}))
        return str(made["data"][0]["details"]["id"])


def move_issue(house: House, key: str, *names: str) -> None:
    """The team takes the issue through transitions, called by their names."""
    with house.as_jira() as jira:
        path = f"/issue/{house.remote(key, 'jira')}/transitions"
        for name in names:
            there = {each["name"]: each["id"] for each in done(jira.get(path))["transitions"]}
            screen = {"fields": {"resolution": {"name": "Done"}}} if name == "Finish" else {}
            done(jira.post(path, json={"transition": {"id": there[name]}, **screen}))
