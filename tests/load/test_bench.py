"""The measured programs solve the same problem: on small rounds every peer's plan has our values at every level."""

from pathlib import Path

import pytest

from tests.load.engine import SHORT, WARM_UP, Row, bench
from tests.load.replans import KINDS, replans, written


@pytest.mark.parametrize("row", WARM_UP, ids=lambda row: row.name)
def test_every_peer_finds_a_plan_as_good_as_ours(row: Row, tmp_path: Path) -> None:
    lines = list(bench(row, SHORT, tmp_path))
    assert [line[4] and line[-1] for line in lines] == ["same"] * len(row.peers)
    assert str(lines[0][3]).startswith("optimal")


@pytest.mark.parametrize("sided", [False, True])
def test_a_change_on_a_solved_round_is_measured_and_equals_a_fresh_solve(sided: bool, tmp_path: Path) -> None:
    lines = list(replans(written(tmp_path, "nation", 120, 100, sided=sided)))
    assert [line[0] for line in lines] == list(KINDS)
