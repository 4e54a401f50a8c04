"""Compiles all kernels once: their machine code is kept beside the sources, or in NUMBA_CACHE_DIR."""

from typing import Any

from services.matching.engine import parse
from services.matching.engine.instance import Instance, Pin, Quota, Side, whole
from services.matching.engine.job import run, run_instance
from services.matching.engine.listed import Listed
from services.matching.engine.verify import verify

COUNT = 6


def person(number: int, role: str) -> dict[str, Any]:
    return {
        "id": f"{role}{number}",
        "role": role,
        "lat": 48.9,
        "lon": 9.2,
        "birth_year": 1990,
        "languages": {"de": "well", "ar": "native"},
        "hobbies": ["chess"],
        "party": "p" if number < 2 and role == "newcomer" else None,
        "max_km": 10 if number else 0,
    }


def warm() -> None:
    """A round of people and one of pairs, solved and verified, with every kind of wish."""
    people = [person(number, role) for role in ("newcomer", "local") for number in range(COUNT)]
    quotas = [{"name": "q", "members": [f"newcomer{number}" for number in range(4)], "max": 2}]
    given = {
        "people": people,
        "rules": {"year": 2026, "max_km": 40},
        "wishes": {"quotas": quotas, "bans": [["newcomer5", "local5"]]},
    }
    run(parse.job(given))
    run(parse.job({**given, "people": people[:-2], "wishes": {}}))
    verify(instance(), run_instance(instance()))


def instance() -> Instance:
    newcomers = Side(tuple(f"n{k}" for k in range(COUNT)), whole([0] * COUNT), whole([1] * COUNT))
    locals_ = Side(tuple(f"l{k}" for k in range(COUNT)), whole([0] * COUNT), whole([2] * COUNT))
    row, column = (
        whole(k // COUNT for k in range(COUNT**2)).astype("int32"),
        whole(k % COUNT for k in range(COUNT**2)).astype("int32"),
    )
    pairs = Listed.of(COUNT, COUNT, row, column, (row + column))
    quota = Quota("q", ("n2", "n3", "n4"), 1, 2)
    return Instance(newcomers, locals_, pairs, (("n0", "n1"),), (Pin("n5", "l5"),), (quota,), 4)
