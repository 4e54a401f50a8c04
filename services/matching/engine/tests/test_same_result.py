"""The same people give the same result, to the last letter: in whatever order they come, however many threads look for pairs."""

import json
import random
from typing import Any

import pytest

from services.matching.engine import parse
from services.matching.engine.job import run
from services.matching.engine.tests.county import county

Raw = dict[str, Any]
NEWCOMERS, LOCALS = 1_200, 800  # more than one thread takes at a time, in each part of the engine


@pytest.fixture(scope="module")
def given() -> Raw:
    """A round with parties, locals who take several, and every kind of wish; pins and keeps are of a plan without them."""
    made = county(11, NEWCOMERS, LOCALS, 25)
    free = run(parse.job(made))["pairs"]
    pairs = [[pair["newcomer"], pair["local"]] for pair in free]
    some = sorted({pair["local"] for pair in free})[:60]
    wishes = made["wishes"]
    wishes |= {"pins": pairs[:3], "keep": pairs[3:6], "bans": pairs[6:26], "met": pairs[26:46], "former": pairs[46:400]}
    wishes["quotas"] += [{"name": "club", "members": some, "min": 5, "max": 30}]
    return made


@pytest.fixture(scope="module")
def told(given: Raw) -> str:
    result = run(parse.job(given))
    assert result["status"] == "optimal"
    assert next(iter(result["levels"])) == "kept"
    assert len(result["pairs"]) > LOCALS // 2
    assert len(result["unmatched"]) > LOCALS // 4
    return text(result)


def text(result: Raw) -> str:
    return json.dumps({name: value for name, value in result.items() if name not in ("seconds", "peak_mb")}, indent=1)


def shuffled(value: Any, draw: random.Random) -> Any:
    """Everything that has no order of its own in another one: lists of people, names and wishes, fields of records."""
    if isinstance(value, dict):
        return {name: shuffled(value[name], draw) for name in draw.sample(list(value), len(value))}
    if isinstance(value, list):
        return draw.sample([shuffled(one, draw) for one in value], len(value))
    return value


def turned(given: Raw, seed: int) -> Raw:
    """Levels and pairs keep their order, for there it means something."""
    draw = random.Random(seed)
    mixed: Raw = shuffled({"people": given["people"], "quotas": given["wishes"]["quotas"]}, draw)
    pairs = {name: draw.sample(found, len(found)) for name, found in given["wishes"].items() if name != "quotas"}
    return {**given, "people": mixed["people"], "wishes": {**pairs, "quotas": mixed["quotas"]}}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_neither_order_nor_threads_change_a_letter(given: Raw, told: str, threads: int) -> None:
    mixed = turned(given, seed=threads)
    assert [one["id"] for one in mixed["people"]] != [one["id"] for one in given["people"]]
    assert text(run(parse.job(mixed), threads=threads)) == told


def test_a_second_run_in_the_same_process_changes_none_either(given: Raw, told: str) -> None:
    assert text(run(parse.job(given), threads=2)) == told
