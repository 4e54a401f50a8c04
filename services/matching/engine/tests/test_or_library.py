"""Published assignment problems give their published optima, by the command line too."""

import gzip
import json
from pathlib import Path

import pytest

from services.matching.engine.instance_file import read
from services.matching.engine.job import run_instance
from services.matching.engine.verify import verify

FILES = Path(__file__).parent / "or_library"
OPTIMA = {"assign100": 305, "assign200": 475, "assign300": 626, "assign400": 804, "assignp800": 2239}
MOST = 100  # no cost is larger


def arcs(name: str) -> tuple[int, list[tuple[int, int, int]]]:
    """How many are assigned, and (row, column, cost)."""
    size, *numbers = (int(word) for word in gzip.decompress((FILES / f"{name}.txt.gz").read_bytes()).split())
    if name.startswith("assignp"):
        triples = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
        return size, [(row - 1, column - 1, cost) for row, column, cost in triples]
    return size, [(place // size, place % size, cost) for place, cost in enumerate(numbers)]


@pytest.mark.parametrize("name", OPTIMA)
def test_published_optimum_is_found_and_verified(tmp_path: Path, name: str) -> None:
    size, costs = arcs(name)
    given = {
        "newcomers": [{"id": f"n{row}"} for row in range(size)],
        "locals": [{"id": f"l{column}"} for column in range(size)],
        "edges": [[f"n{row}", f"l{column}", MOST - cost] for row, column, cost in costs],
        "levels": ["pairs", "fit"],
    }
    path = tmp_path / "instance.json.gz"
    path.write_bytes(gzip.compress(json.dumps(given).encode(), 1))
    instance = read(path)
    result = run_instance(instance)
    assert result["status"] == "optimal"
    assert result["levels"]["pairs"]["value"] == size
    assert MOST * size - result["levels"]["fit"]["value"] == OPTIMA[name]
    assert verify(instance, result) == []
