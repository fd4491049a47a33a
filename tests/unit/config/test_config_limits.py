"""What a hub.toml says of the guard, the breaker and deleted copies."""

from datetime import timedelta
from pathlib import Path

import pytest

from hub.config import GUARD, Breaker, Limit, OnDelete, Sync, load_config
from hub.errors import ConfigError, Finding
from hub.plugins import Registry
from hub.testing import MemoryConnector

HEAD = """
[connections.left]
plugin = "memory"
service = "left"

[connections.right]
plugin = "memory"
service = "right"

[syncs.both.spokes.left]
requirement = { originates = true, creates = true }

[syncs.both.spokes.right]
requirement = { originates = true, creates = true }
"""


def read(folder: Path, text: str) -> tuple[Sync, tuple[Finding, ...]]:
    """The sync, and what is doubtful about its limits."""
    file = folder / "hub.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    config = load_config(file, Registry({"memory": MemoryConnector}))
    return config.syncs["both"], tuple(w for w in config.warnings if ".guard" in w.where or ".breaker" in w.where)


def test_without_a_word_the_usual_limits_hold(tmp_path: Path) -> None:
    sync, warnings = read(tmp_path, "")
    assert (sync.guard, sync.breaker, warnings) == (GUARD, Breaker(8, timedelta(minutes=10)), ())
    assert sync.guard["deletes"] == sync.guard["blanks"] == sync.guard["reversals"] == Limit(10, 0.02)
    assert (sync.guard["writes"], sync.guard["remapped"]) == (Limit(200, 0.2), Limit(0, 0.0))


def test_what_is_said_replaces_what_is_usual_and_nothing_else(tmp_path: Path) -> None:
    sync, warnings = read(
        tmp_path,
        """
        [syncs.both.guard]
        deletes = { count = 3 }
        blanks = { share = 0.5 }
        writes = { count = 0, share = 0 }
        [syncs.both.breaker]
        writes = 20
        within = "1h"
        """,
    )
    assert sync.guard == {**GUARD, "deletes": Limit(3, 0.02), "blanks": Limit(10, 0.5), "writes": Limit(0, 0.0)}
    assert (sync.breaker, warnings) == (Breaker(20, timedelta(hours=1)), ())


@pytest.mark.parametrize("harm", GUARD)
def test_a_limit_can_be_switched_off_and_is_warned_of(tmp_path: Path, harm: str) -> None:
    sync, (warning,) = read(tmp_path, f"[syncs.both.guard]\n{harm} = false")
    assert set(sync.guard) == set(GUARD) - {harm}
    assert (warning.level, warning.where) == ("warning", f"syncs.both.guard.{harm}")
    assert "nobody is asked" in warning.message
    assert "count = 10" in warning.fix


MISTAKES = {
    "guard = 7": ("syncs.both.guard", "valid dictionary"),
    "guard = { deletions = false }": ("syncs.both.guard.deletions", "did you mean deletes?"),
    "guard = { deletes = true }": ("syncs.both.guard.deletes", "or false"),
    "guard = { deletes = 10 }": ("syncs.both.guard.deletes", "write { count = 10, share = 0.02 }"),
    "guard = { deletes = { count = -1 } }": ("syncs.both.guard.deletes.count", "greater than or equal to 0"),
    "guard = { deletes = { share = 2 } }": ("syncs.both.guard.deletes.share", "less than or equal to 1"),
    "guard = { deletes = { counts = 2 } }": ("syncs.both.guard.deletes.counts", "did you mean count?"),
    "breaker = { writes = 0 }": ("syncs.both.breaker.writes", "greater than or equal to 1"),
    'breaker = { within = "soon" }': ("syncs.both.breaker.within", "is no length of time"),
    'breaker = { withn = "1h" }': ("syncs.both.breaker.withn", "did you mean within?"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    where, said = MISTAKES[text]
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[syncs.both]\n{text}")
    (finding,) = caught.value.findings
    assert (finding.where, said in f"{finding.message} {finding.fix}") == (where, True), finding


@pytest.mark.parametrize("policy", OnDelete)
def test_every_policy_for_deleted_copies_does_what_it_says_without_a_warning(tmp_path: Path, policy: OnDelete) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(HEAD.replace("[syncs.both.spokes.right]\n", f'[syncs.both.spokes.right]\non_delete = "{policy}"\n'))
    config = load_config(file, Registry({"memory": MemoryConnector}))
    assert config.syncs["both"].spokes["right"].on_delete is policy
    assert not [warning for warning in config.warnings if "on_delete" in warning.where]
