"""A county's round at its real size: proved, repaired, and refused with the reason."""

import copy
from typing import Any

import pytest

from services.matching.engine import parse
from services.matching.engine.job import run
from services.matching.engine.tests.county import county
from services.matching.engine.verify import verify

Raw = dict[str, Any]


@pytest.fixture(scope="module")
def solved() -> tuple[Raw, Raw]:
    given = county(1)
    return given, run(parse.job(given))


def verified(given: Raw, result: Raw) -> bool:
    return verify(parse.job(given), result) == []


def ids(pairs: list[Raw]) -> set[tuple[str, str]]:
    return {(pair["newcomer"], pair["local"]) for pair in pairs}


def test_a_county_is_proved_on_all_levels(solved: tuple[Raw, Raw]) -> None:
    given, result = solved
    assert result["status"] == "optimal"
    assert all(level["value"] == level["bound"] for level in result["levels"].values())
    assert verified(given, result)


def test_a_repair_keeps_every_other_pair(solved: tuple[Raw, Raw]) -> None:
    given, result = copy.deepcopy(solved[0]), solved[1]
    gone = {result["pairs"][0]["newcomer"], result["pairs"][10]["local"]}
    keep = {pair for pair in ids(result["pairs"]) if not gone & set(pair)}
    given["people"] = [one for one in given["people"] if one["id"] not in gone]
    given["wishes"]["keep"] = [list(pair) for pair in keep]
    repaired = run(parse.job(given))
    assert repaired["status"] == "optimal"
    assert keep <= ids(repaired["pairs"])
    assert verified(given, repaired)


def test_what_a_county_cannot_give_is_named(solved: tuple[Raw, Raw]) -> None:
    given = copy.deepcopy(solved[0])
    members = [one["id"] for one in given["people"] if one["role"] == "newcomer"][:100]
    given["wishes"]["quotas"].append({"name": "all of them", "members": members, "min": 100})
    result = run(parse.job(given))
    assert result["status"] == "infeasible"
    assert result["conflicts"] == [{"kind": "quota", "names": ["all of them"], "why": "min"}]
    assert verified(given, result)
