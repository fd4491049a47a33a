"""One attachment: as Zoho shows it, and as a record. Pure."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from hub.sdk import Record
from hub_zoho_crm.forms import person
from hub_zoho_crm.records import instant, touch, version

FIELDS = "id,Created_By,Created_Time,File_Name,Modified_By,Modified_Time,Owner,Parent_Id,Size"


def is_file(row: Mapping[str, Any]) -> bool:
    """Whether an attachment has bytes: a link has none."""
    return not row.get("$link_url") and bool(row.get("File_Name"))


def file_id(record: str, number: str) -> str:
    """The id that never changes: Zoho asks for files by the record they belong to."""
    return f"{record}/{number}"


def parts(remote: str) -> tuple[str, str]:
    """The record and the file of an id."""
    record, _, number = remote.partition("/")
    return record, number


def file_record(row: Mapping[str, Any], record: str) -> Record:
    """The record of a file. Zoho tells no media type: it is guessed from the name."""
    name, made = str(row["File_Name"]), instant(row.get("Created_Time"))
    size = str(row.get("Size") or "")
    fields = {
        "name": name,
        "media_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "size": int(size) if size.isdigit() else None,
        "author": person(row.get("Created_By")) or person(row.get("Owner")),
        "at": made.isoformat() if made else None,
        "parent": record,
    }
    changed = row.get("Modified_Time") or row.get("Created_Time")
    return Record(
        id=file_id(record, str(row["id"])),
        fields=fields,
        version=version(changed, fields),
        touched=touch(row.get("Modified_By") or row.get("Created_By"), changed),
        at=instant(changed),
    )
