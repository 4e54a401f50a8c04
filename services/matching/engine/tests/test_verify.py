"""`verify` accepts what the engine says and rejects every claim that was tampered with."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from services.matching.engine import parse
from services.matching.engine.job import run
from services.matching.engine.people import Job
from services.matching.engine.tests.county import county
from services.matching.engine.verify import verify

Raw = dict[str, Any]


def wished(seed: int, **more: Any) -> Raw:
    given = county(seed, 60, 40, 8) | more
    first = run(parse.job(given))["pairs"][:3]
    pairs = [[pair["newcomer"], pair["local"]] for pair in first]
    given["wishes"] |= {"pins": pairs[:1], "keep": pairs[1:2], "bans": pairs[2:]}
    return given


@pytest.fixture(scope="module")
def solved() -> tuple[Job, Raw]:
    job = parse.job(wished(3))
    return job, run(job)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", [None, 0, 0.01])
def test_every_result_is_sound(seed: int, limit: float | None) -> None:
    job = parse.job(wished(seed, time_limit=limit))
    result = json.loads(json.dumps(run(job)))
    assert verify(job, result) == []
    assert result["status"] == "optimal" or limit is not None


def test_an_infeasible_result_is_sound_and_names_wishes_of_the_job() -> None:
    given = county(1, 10, 8, 0)
    given["wishes"]["quotas"] = [{"name": "q", "members": ["n0001"], "min": 2}]
    job = parse.job(given)
    result = json.loads(json.dumps(run(job)))
    assert result["conflicts"] == [{"kind": "quota", "names": ["q"], "why": "min"}]
    assert verify(job, result) == []
    result["conflicts"][0]["names"] = ["r"]
    assert verify(job, result)


def swap(result: Raw) -> None:
    one, other = result["pairs"][0], result["pairs"][1]
    one["local"], other["local"] = other["local"], one["local"]


def steal_price(result: Raw, name: str) -> None:
    prices = result["proof"][name]["prices"]
    prices[0][1] -= 1000 * result["proof"][name]["scale"]


TAMPERED: dict[str, Callable[[Raw], Any]] = {
    "pair swapped": swap,
    "pair dropped": lambda result: result["pairs"].pop(),
    "pair doubled": lambda result: result["pairs"].append(result["pairs"][0]),
    "stranger": lambda result: result["pairs"][0].update(newcomer="x"),
    "fit raised": lambda result: result["pairs"][0].update(fit=1000),
    "part raised": lambda result: result["pairs"][0]["parts"].update(age=150_000),
    "band": lambda result: result["pairs"][0].update(band="near"),
    "value raised": lambda result: result["levels"]["fit"].update(value=result["levels"]["fit"]["value"] + 1),
    "bound raised": lambda result: result["levels"]["fit"].update(bound=10**9),
    "price bound raised": lambda result: result["levels"]["fit"].update(price_bound=10**9),
    "price bound lowered": lambda result: result["levels"]["pairs"].update(price_bound=1),
    "price of pairs lowered": lambda result: steal_price(result, "pairs"),
    "price of fit lowered": lambda result: steal_price(result, "fit"),
    "status": lambda result: result.update(status="feasible"),
    "digest": lambda result: result.update(input_digest="0" * 64),
    "engine": lambda result: result.update(engine="other"),
    "reason": lambda result: result["unmatched"][0].update(reason="place_unknown", change={"change": "x"}),
    "reason dropped": lambda result: result["unmatched"].pop(),
    "conflict": lambda result: result["conflicts"].append({"kind": "pin", "names": [], "why": ""}),
    "level dropped": lambda result: result["levels"].pop("fit"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_result_is_rejected(what: str, solved: tuple[Job, Raw]) -> None:
    job, sound = solved
    result = copy.deepcopy(sound)
    TAMPERED[what](result)
    assert verify(job, result)


@pytest.mark.parametrize("field", ["party", "pin", "quota", "capacity"])
def test_a_wish_of_the_job_is_checked(field: str, solved: tuple[Job, Raw]) -> None:
    """The same result against a job that asks for more: each check speaks up, not the digest alone."""
    _, result = solved
    given = wished(3)
    matched = next(pair for pair in result["pairs"] if pair["newcomer"] != given["wishes"]["pins"][0][0])
    if field == "party":
        ids = {matched["newcomer"], next(left["id"] for left in result["unmatched"] if left["role"] == "newcomer")}
        given["people"] = [one | ({"party": "new"} if one["id"] in ids else {}) for one in given["people"]]
    elif field == "pin":
        left = next(left["id"] for left in result["unmatched"] if left["role"] == "newcomer")
        given["wishes"]["pins"].append([left, matched["local"]])
    elif field == "quota":
        given["wishes"]["quotas"].append({"name": "new", "members": [matched["local"]], "max": 0})
    else:
        result = copy.deepcopy(result)
        result["pairs"].append(result["pairs"][0] | {"newcomer": result["unmatched"][-1]["id"]})
    words = {"party": "is split", "pin": "was wished", "quota": "quota new", "capacity": "at most"}
    assert any(words[field] in claim for claim in verify(parse.job(given), result))


@pytest.mark.parametrize(
    "wrong",
    [{}, [], None, {"pairs": 1}, {"status": "optimal"}],
)
def test_what_is_no_result_is_said_to_be_none(wrong: Any, solved: tuple[Job, Raw]) -> None:
    with pytest.raises(ValueError, match="not a result"):
        verify(solved[0], wrong)


@pytest.mark.parametrize(
    "proof",
    [
        {"scale": 1, "prices": [[10**6, 1]]},
        {"scale": 0, "prices": []},
        {"scale": 1 << 20, "prices": [[0, 1 << 61]]},
        {"scale": True, "prices": []},
        {"scale": 1, "prices": [["a", 1]]},
    ],
)
def test_prices_that_cannot_be_are_refused(proof: Any, solved: tuple[Job, Raw]) -> None:
    result = copy.deepcopy(solved[1])
    result["proof"]["fit"] = proof
    assert any("prices do not prove" in claim for claim in verify(solved[0], result))
