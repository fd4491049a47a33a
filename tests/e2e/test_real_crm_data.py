"""What others recorded of real Zoho CRM organisations, kept one with an issue tracker."""

import json
from pathlib import Path

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from tests.e2e.bench import shared
from tests.e2e.house import house

MODULES = {
    "Deals": {
        "new": "Qualification",
        "delivered": "Closed Won",
        "otherwise": {"write": "Qualification", "read": "new"},
    },
    "Cases": {"new": "New", "delivered": "Closed", "otherwise": {"write": "New", "read": "new"}},
}


def loaded(zoho: ZohoSandbox) -> int:
    """How many files of recorded answers were records, fields or people; the others are refused in words."""
    taken = 0
    for folder in ("metadata", "records"):
        for file in sorted(shared(f"data/zoho/{folder}").glob("*.json")):
            try:
                zoho.load(json.loads(file.read_text(encoding="utf-8")))
            except ValueError as refused:
                assert len(str(refused)) > 10  # noqa: PT017 - most files are requests, or answers of another kind
            else:
                taken += 1
    return taken


@pytest.mark.data
@pytest.mark.parametrize("module", MODULES)
async def test_recorded_records_of_a_crm_are_kept_one_and_the_second_run_is_quiet(tmp_path: Path, module: str) -> None:
    zoho = ZohoSandbox()
    assert loaded(zoho) >= 30
    with house(tmp_path, {"zoho": zoho, "jira": JiraSandbox()}) as home:
        home.spokes["zoho"] |= {
            "requirement": {"originates": True, "creates": True, "module": module},
            "status": MODULES[module],
        }
        first = await home.sync()
        told = first.spokes["zoho"]["kinds"]
        assert first.outcome == "done", first.problems
        assert told["client"]["imported"] > 0
        assert told["contact"]["imported"] > 0
        await home.sync()
        again = await home.sync(full=True)
        assert (again.outcome, again.writes) == ("done", 0), again.problems
