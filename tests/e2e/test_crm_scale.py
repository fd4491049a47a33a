"""A whole CRM reaches the tools of the team in batches, and is then left alone."""

from pathlib import Path

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.model import Kind
from tests.e2e.bench import Clock, done
from tests.e2e.house import House, house

ACCOUNTS, CONTACTS, REQUIREMENTS = 1_000, 3_000, 2_000
BATCH = 100


def fill(home: House) -> None:
    """Sales enters everything, a hundred at a time."""
    with home.as_zoho() as zoho:

        def made(module: str, rows: list[dict[str, object]]) -> list[str]:
            ids: list[str] = []
            for start in range(0, len(rows), BATCH):
                answer = done(zoho.post(f"/{module}", json={"data": rows[start : start + BATCH]}))
                ids += [each["details"]["id"] for each in answer["data"]]
            return ids

        accounts = made(
            "Accounts",
            [{"Account_Name": f"Client {n}", "Website": f"https://client{n}.example"} for n in range(ACCOUNTS)],
        )
        contacts = made(
            "Contacts",
            [
                {"Last_Name": f"Person {n}", "Email": f"p{n}@x.example", "Account_Name": {"id": accounts[n % ACCOUNTS]}}
                for n in range(CONTACTS)
            ],
        )
        made(
            "Requirements",
            [
                {
                    "Name": f"Need {n}",
                    "Status": "New",
                    "Description": f"Number **{n}** 需求",
                    "Account": {"id": accounts[n % ACCOUNTS]},
                    "Contact": {"id": contacts[n % CONTACTS]},
                }
                for n in range(REQUIREMENTS)
            ],
        )


@pytest.mark.timeout(600)
async def test_a_crm_reaches_the_other_spokes_in_batches_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    clock = Clock()
    services = {"zoho": ZohoSandbox(now=clock), "jira": JiraSandbox(now=clock), "trello": TrelloSandbox(now=clock)}
    with house(tmp_path, services, described=False) as home:
        home.clock = clock
        fill(home)
        for name in services:
            home.calls(name)
        report = await home.sync()
        assert report.outcome == "done", report.problems[:3]
        kinds = report.spokes["zoho"]["kinds"]
        assert kinds["client"]["imported"] == ACCOUNTS
        assert kinds["contact"]["imported"] == CONTACTS
        assert kinds["requirement"]["imported"] == REQUIREMENTS
        assert report.spokes["jira"]["kinds"]["requirement"]["created"] == REQUIREMENTS
        assert report.spokes["trello"]["kinds"]["requirement"]["created"] == REQUIREMENTS

        zoho, jira, trello = (home.calls(name) for name in ("zoho", "jira", "trello"))
        assert zoho["GET /crm/v8/{module_api_name}"] <= (ACCOUNTS + CONTACTS + REQUIREMENTS) / 200 + 15, zoho
        assert jira["POST /rest/api/3/issue/bulk"] == REQUIREMENTS / 50, jira
        assert sum(jira.values()) < REQUIREMENTS / 10, jira
        assert trello["POST /1/cards"] == REQUIREMENTS, "Trello makes cards one by one"
        assert sum(trello.values()) < REQUIREMENTS * 1.02, trello

        # What was written so lately that a second-wide clock may hide an edit behind it is read once more.
        for _ in range(2):
            home.clock.pass_time(900)
            assert (await home.sync()).writes == 0
        for name in services:
            home.calls(name)
        again = await home.sync()
        assert (again.outcome, again.writes) == ("done", 0)
        for name, spoke in again.spokes.items():
            kinds, signing_in = len([k for k in Kind if k in home.spokes[name]]), 2
            assert spoke["calls"] <= kinds + signing_in, (name, home.calls(name))
