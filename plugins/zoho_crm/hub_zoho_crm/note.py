"""One note: as Zoho shows it, as a record, as it is sent. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from hub.sdk import Record, signed, unsigned
from hub_zoho_crm.forms import person
from hub_zoho_crm.records import instant, touch, version

FIELDS = "Created_By,Created_Time,Modified_By,Modified_Time,Note_Content,Note_Title,Owner,Parent_Id"


def is_of(row: Mapping[str, Any], modules: Collection[str]) -> bool:
    """Whether a note hangs on a record of one of *modules*, as far as it says on which."""
    parent = row.get("Parent_Id")
    if not isinstance(parent, Mapping) or not parent.get("id"):
        return False
    named = parent.get("module")
    module = named.get("api_name") if isinstance(named, Mapping) else row.get("$se_module")
    return module is None or module in modules


def note_record(row: Mapping[str, Any], me: str) -> Record:
    """The record of a note. The line that says who wrote it counts only where our own account made the note."""
    content = str(row.get("Note_Content") or "")
    ours = str((row.get("Created_By") or {}).get("id")) == me
    text, author = unsigned(content) if ours else (content, None)
    made = instant(row.get("Created_Time"))
    parent = row.get("Parent_Id")
    fields = {
        "body": {"title": row.get("Note_Title") or None, "text": text},
        "author": author or person(row.get("Created_By")),
        "at": made.isoformat() if made else None,
        "parent": str(parent["id"]) if isinstance(parent, Mapping) and parent.get("id") else None,
    }
    return Record(
        id=str(row["id"]),
        fields=fields,
        version=version(row.get("Modified_Time"), fields),
        touched=touch(row.get("Modified_By"), row.get("Modified_Time")),
        at=instant(row.get("Modified_Time")),
        extra={"line": content[: len(content) - len(text)] if author else "", "content": content},
    )


def note_values(
    fields: Mapping[str, Any], me: str, modules: Mapping[str, str], base: Record | None = None
) -> dict[str, Any]:
    """What is sent of a note.

    Args:
        me: The id of our own account, whose words need no line above them.
        modules: By id: the modules of the records that notes hang on.
        base: The note that is changed; it keeps its line.
    """
    body = fields.get("body") or {}
    text = str(body.get("text") or "")
    if base is not None:
        return {"Note_Title": body.get("title"), "Note_Content": f"{base.extra.get('line') or ''}{text}"}
    author = fields.get("author")
    own = isinstance(author, Mapping) and str(author.get("id") or "") == me
    content = text if own else signed(text, author, fields.get("at"))
    titled = {"Note_Title": body["title"]} if body.get("title") else {}
    parent = parent_of(fields)
    under: dict[str, Any] = {"id": parent}
    if parent is not None and parent in modules:
        under["module"] = {"api_name": modules[parent]}
    return {**titled, "Note_Content": content, "Parent_Id": under}


def parent_of(fields: Mapping[str, Any]) -> str | None:
    """The id of the record that a comment or a file belongs to."""
    return str(fields["parent"]) if fields.get("parent") else None
