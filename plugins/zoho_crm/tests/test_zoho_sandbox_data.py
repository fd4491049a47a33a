"""Recorded answers of the service, loaded into the sandbox."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox

DATA = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "zoho"
NOT_TO_BE_TOLD = {
    "Create_Bulk_Read_job_367_5": "a job, not a record",
    "Create_Bulk_Read_job_367_6": "a job, not a record",
    "List_of_Attachments_392_0": "the files name no record",
    "List_of_Deleted_Records_162_0": "nothing in it tells the module",
    "Records_through_a_COQL_Query_381_14": "columns of other modules only",
    "Records_through_a_COQL_Query_381_16": "columns of other modules only",
    "Records_through_a_COQL_Query_381_20": "columns of people only",
    "Records_through_a_COQL_Query_381_22": "columns by names made up for the query",
    "Records_through_a_COQL_Query_381_44": "columns of other modules only",
    "Related_Records_Using_External_ID_372_1": "a role and a key of someone's own, nothing else",
    "Related_Records_of_a_Deleted_Record_360_0": "an owner and no field",
}

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the folder of recorded answers is not beside the project"),
]


def answers() -> Iterator[tuple[str, Any]]:
    for folder in ("records", "metadata"):
        for path in sorted((DATA / folder).glob("*_response.json")):
            yield path.stem.removeprefix("zohodocs_").removesuffix("_response"), json.loads(path.read_text())


def has_records(document: Any) -> bool:
    rows = document.get("data") if isinstance(document, dict) else None
    return isinstance(rows, list) and all("id" in row and "status" not in row for row in rows)


def test_every_answer_with_records_loads_with_all_of_them() -> None:
    loaded = 0
    for name, document in answers():
        if has_records(document) and name not in NOT_TO_BE_TOLD:
            sandbox = ZohoSandbox()
            sandbox.load(document)
            kept = {one["id"] for records in sandbox.state()["records"].values() for one in records}
            assert kept == {row["id"] for row in document["data"]}, name
            loaded += 1
    assert loaded >= 25


@pytest.mark.parametrize("name", NOT_TO_BE_TOLD)
def test_what_cannot_be_taken_is_refused_in_words_and_changes_nothing(name: str) -> None:
    sandbox = ZohoSandbox()
    before = sandbox.state()
    document = next(found for one, found in answers() if one == name)
    with pytest.raises(ValueError, match=r"module|records the files"):
        sandbox.load(document)
    assert sandbox.state() == before


def test_every_other_answer_is_refused_in_words() -> None:
    refused = 0
    for name, document in answers():
        if not has_records(document) and "Modules_0" not in name and "Territory_76" not in name:
            with pytest.raises(ValueError, match=r"can be loaded|no records|how a write went|lack"):
                ZohoSandbox().load(document)
            refused += 1
    assert refused >= 100


def test_recorded_values_are_shown_as_they_were_recorded() -> None:
    sandbox = ZohoSandbox()
    document = next(found for name, found in answers() if name == "Subform_382_0")
    sandbox.load(document)
    (shown,) = sandbox.state()["records"]["Contacts"]
    told = document["data"][0]
    for name in ("Last_Name", "Full_Name", "Lead_Source", "Modified_Time", "Languages", "Date_created", "Tag", "Owner"):
        assert shown[name] == told[name], name


def test_modules_and_people_of_recorded_answers_are_there() -> None:
    sandbox = ZohoSandbox()
    for name, document in answers():
        if "Modules_0" in name or "Territory_76" in name:
            sandbox.load(document)
    state = sandbox.state()
    assert "Vehicles" in {one["api_name"] for one in state["modules"]}
    assert "431581000000278001" in {one["id"] for one in state["users"]}


def test_recorded_notifications_have_the_keys_of_those_sent() -> None:
    sandbox = ZohoSandbox()
    path = DATA / "notifications" / "zohodocs_Update_Specific_Information_of_a_Notification_376_2_response.json"
    told = json.loads(path.read_text())
    channel = {"channel_id": "1", "token": "t", "notify_url": "http://x.example", "return_affected_field_values": True}
    payload = sandbox.deliveries.payload(channel, sandbox.org.module("Leads"), "update", {"7": {"Mobile": "1"}})
    assert payload.keys() == told.keys()
    assert payload["affected_fields"] == [{"7": ["Mobile"]}]
    assert payload["affected_values"] == [{"record_id": "7", "values": {"Mobile": "1"}}]
