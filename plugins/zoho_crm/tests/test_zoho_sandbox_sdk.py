"""The Zoho sandbox as the service's own Python client sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.sandbox import serve

SCRIPT = Path(__file__).with_name("zoho_sdk_session.py")


def test_the_official_client_reads_and_writes_records_notes_and_people(tmp_path: Path) -> None:
    pytest.importorskip("zohocrmsdk", reason="the service's own client is not installed")
    sandbox = ZohoSandbox()
    ana = sandbox.people()[0].credentials
    with serve(sandbox) as server:
        words = [server.url, str(tmp_path), ana["client_id"], ana["client_secret"], ana["refresh_token"]]
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**kept, "TZ": "UTC"},
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["created"] == ["success", "success", "error"]
    assert (seen["updated"], seen["stage"], seen["owner"]) == ("success", "Closed Won", "Ana Braun")
    assert [row["Deal_Name"] for row in seen["listed"]] == ["Plant 5", "Plant 4"]
    assert seen["queried"] == ["Plant 4", "Plant 5"]
    assert seen["notes"] == ["The client called"]
    assert "ana@acme.example" in seen["users"]
    assert (seen["deleted"], seen["left"]) == ("success", ["Plant 4"])
    record = sandbox.state()["records"]["Deals"][0]
    assert record["Modified_Time"].endswith("+05:30")
    assert record["Probability"] == 100
