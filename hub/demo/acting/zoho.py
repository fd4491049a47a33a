"""Somebody of sales, who uses Zoho CRM."""

from collections.abc import Mapping
from typing import Any

from hub.demo.acting.seen import PAGE, File, Seen, downloaded
from hub.demo.documents import Json
from hub.sdk.http import Http, Network

MODULE = "Requirements"
FIELDS = "Name,Status,Due_Date,Description,Priority,Account,Contact,Tag"


class AtZoho:
    """Somebody who uses Zoho CRM (REST API version 8, zoho.com/crm/developer/docs/api/v8)."""

    def __init__(self, url: str, credentials: Mapping[str, str]) -> None:
        signed = {"Authorization": f"Zoho-oauthtoken {credentials['access_token']}"}
        self._http = Http("zoho", f"{url}/crm/v8", Network(), headers=signed)

    async def close(self) -> None:
        """Sign out."""
        await self._http.close()

    async def write(self, module: str, **fields: Any) -> str:
        """Enter a record; its id."""
        made = await self._http.json("POST", f"/{module}", json={"data": [fields]})
        return str(made["data"][0]["details"]["id"])

    async def edit(self, number: str, **fields: Any) -> None:
        """Change some fields of a requirement."""
        await self._http.call("PUT", f"/{MODULE}/{number}", json={"data": [fields]})

    async def comment(self, number: str, words: str) -> None:
        """Put a note under a requirement."""
        parent = {"id": number, "module": {"api_name": MODULE}}
        await self._http.call("POST", "/Notes", json={"data": [{"Note_Content": words, "Parent_Id": parent}]})

    async def said(self, number: str) -> list[str]:
        """The notes under a requirement, oldest first."""
        asked = {"fields": "Note_Content,Created_Time", "sort_by": "Created_Time", "sort_order": "asc"}
        return [row["Note_Content"] for row in await self._rows(f"/{MODULE}/{number}/Notes", **asked)]

    async def files(self, number: str) -> list[File]:
        """The files of a requirement."""
        path = f"/{MODULE}/{number}/Attachments"
        rows = await self._rows(path, fields="id,File_Name")
        return [(row["File_Name"], await downloaded(self._http, f"{path}/{row['id']}")) for row in rows]

    async def known(self, module: str, fields: str) -> list[Json]:
        """All records of a module, oldest first."""
        return await self._rows(f"/{module}", fields=fields, sort_by="id", sort_order="asc", per_page=PAGE)

    async def all(self) -> list[Seen]:
        """Every requirement, oldest first."""
        return [_seen(row) for row in await self.known(MODULE, FIELDS)]

    async def one(self, number: str) -> Seen:
        """One requirement."""
        (row,) = await self._rows(f"/{MODULE}/{number}", fields=FIELDS)
        return _seen(row)

    async def _rows(self, path: str, **asked: Any) -> list[Json]:
        """Records; Zoho answers nothing at all where there are none."""
        shown = await self._http.json("GET", path, params=asked)
        return list(shown["data"]) if shown else []


def _seen(row: Json) -> Seen:
    return Seen(
        id=str(row["id"]),
        name=str(row["id"]),
        title=row["Name"],
        status=row["Status"],
        due=row.get("Due_Date"),
        labels=frozenset(tag["name"] for tag in row.get("Tag") or ()),
        people=(),
        description=row.get("Description") or "",
        raw=row,
    )
