"""A session of the service's own Python client, in a process of its own: it keeps global state, and talks.

Called with the address of a served sandbox, a folder to write in, the client's id and secret, and a refresh token;
prints one JSON object of what it saw.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken  # noqa: E402
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore  # noqa: E402
from zohocrmsdk.src.com.zoho.api.logger import Logger  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as Coql  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.modules import MinifiedModule  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.notes import BodyWrapper as NoteBody  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.notes import GetNotesParam, Note, NotesOperations, ParentId  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.record import (  # noqa: E402
    BodyWrapper,
    DeleteRecordsParam,
    Field,
    GetRecordsParam,
    Record,
    RecordOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations  # noqa: E402
from zohocrmsdk.src.com.zoho.crm.api.util import Choice  # noqa: E402


class Center(DataCenter):  # type: ignore[misc]
    """The served sandbox, as a data centre."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_iam_url(self) -> str:
        return f"{self.url}/oauth/v2/token"

    def get_file_upload_url(self) -> str:
        return self.url

    def environment(self) -> Any:
        return DataCenter.Environment(self.url, self.get_iam_url(), self.get_file_upload_url())


def sign_in(url: str, folder: str, client_id: str, client_secret: str, refresh_token: str) -> None:
    token = OAuthToken(client_id=client_id, client_secret=client_secret, refresh_token=refresh_token)
    Initializer.initialize(
        environment=Center(url).environment(),
        token=token,
        store=FileStore(str(Path(folder) / "tokens.csv")),
        resource_path=folder,
        logger=Logger.get_instance(level=Logger.Levels.ERROR, file_path=str(Path(folder) / "sdk.log")),
    )


def seen(response: Any) -> Any:
    """The object of an answer; None of one without a body."""
    return response.get_object() if response.get_status_code() not in (204, 304) else None


def wrapped(*records: Any) -> Any:
    body = BodyWrapper()
    body.set_data(list(records))
    body.set_trigger([])
    return body


def deal(name: str) -> Any:
    record = Record()
    record.add_field_value(Field.Deals.deal_name(), name)
    record.add_field_value(Field.Deals.stage(), Choice("Qualification"))
    return record


def write_notes(deal_id: int) -> list[str]:
    note, parent, module = Note(), ParentId(), MinifiedModule()
    module.set_api_name("Deals")
    parent.set_id(deal_id)
    parent.set_module(module)
    note.set_note_content("The client called")
    note.set_note_title("Call")
    note.set_parent_id(parent)
    body = NoteBody()
    body.set_data([note])
    seen(NotesOperations().create_notes(body))
    wanted = ParameterMap()
    wanted.add(GetNotesParam.fields, "Note_Title,Note_Content,Parent_Id,Owner,Created_Time,Modified_Time")
    return [one.get_note_content() for one in seen(NotesOperations().get_notes(wanted, HeaderMap())).get_data()]


def people() -> list[str]:
    wanted = ParameterMap()
    wanted.add(GetUsersParam.type, "ActiveUsers")
    return [one.get_email() for one in seen(UsersOperations().get_users(wanted, HeaderMap())).get_users()]


def listed(names: str) -> list[dict[str, Any]]:
    wanted = ParameterMap()
    wanted.add(GetRecordsParam.fields, names)
    found = seen(RecordOperations("Deals").get_records(wanted, HeaderMap()))
    return [{name: str(one.get_key_value(name)) for name in names.split(",")} for one in found.get_data()]


def queried() -> list[str]:
    body = Coql()
    body.set_select_query("select Deal_Name from Deals where Deal_Name is not null order by id asc limit 0, 10")
    return [one.get_key_value("Deal_Name") for one in seen(CoqlOperations().get_records(body)).get_data()]


def session() -> dict[str, Any]:
    deals = RecordOperations("Deals")
    made = seen(deals.create_records(wrapped(deal("Plant 4"), deal("Plant 5"), Record()), HeaderMap()))
    told = [one.get_status().get_value() for one in made.get_data()]
    first, second = (int(one.get_details()["id"]) for one in made.get_data()[:2])
    change = Record()
    change.add_field_value(Field.Deals.stage(), Choice("Closed Won"))
    updated = seen(deals.update_record(first, wrapped(change), HeaderMap())).get_data()[0].get_status().get_value()
    one = seen(deals.get_record(first, ParameterMap(), HeaderMap())).get_data()[0]
    rows, queries, notes = listed("Deal_Name,Stage,Modified_Time"), queried(), write_notes(first)
    wanted = ParameterMap()
    wanted.add(DeleteRecordsParam.ids, str(second))
    deleted = seen(deals.delete_records(wanted, HeaderMap())).get_data()[0].get_status().get_value()
    return {
        "created": told,
        "updated": updated,
        "stage": one.get_key_value("Stage").get_value(),
        "owner": one.get_key_value("Owner").get_name(),
        "modified": one.get_modified_time().isoformat(),
        "listed": rows,
        "queried": queries,
        "notes": notes,
        "users": people(),
        "deleted": deleted,
        "left": [row["Deal_Name"] for row in listed("Deal_Name")],
    }


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    sign_in(*sys.argv[1:])
    print("\n" + json.dumps(session()))  # noqa: T201 - the result of the script
