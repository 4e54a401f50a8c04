"""One job from start to end: build, solve, explain."""

from pathlib import Path
from typing import Any

from services.matching.engine.build import build
from services.matching.engine.explain import meetings
from services.matching.engine.instance import Instance, Level, Proof, Result
from services.matching.engine.levels import solve
from services.matching.engine.people import Job
from services.matching.engine.reasons import reasons
from services.matching.engine.record import ENGINE, SEED, counts, digest, plain, rules, versions
from services.matching.engine.roster import Roster
from services.matching.engine.watch import Watch


def run(job: Job, watch: Watch | None = None, threads: int = 1) -> dict[str, Any]:
    """The whole result of a round of people as plain JSON data; all but `seconds` and `peak_mb` is the same at every run.
    Its seconds and its time limit begin with `watch`, else now.
    """
    watch = watch or Watch(job.time_limit)
    instance = build(job.people, job.rules, job.wishes, threads)
    watch.say("people", **counts(instance))
    assert isinstance(instance.pairs, Roster)
    result = solve(instance, watch)
    told = plain(meetings(instance.pairs, [(n, m) for n, m, _ in result.pairs]))
    return {**_answer(job, instance, result, watch), "pairs": told}


def run_instance(instance: Instance, watch: Watch | None = None) -> dict[str, Any]:
    """The same for an instance whose pairs are written down."""
    watch = watch or Watch()
    watch.say("people", **counts(instance))
    result = solve(instance, watch)
    return {**_answer(instance, instance, result, watch), "pairs": [list(pair) for pair in result.pairs]}


def _answer(given: Job | Instance, instance: Instance, result: Result, watch: Watch) -> dict[str, Any]:
    pairs = [(newcomer, local) for newcomer, local, _ in result.pairs]
    left = () if result.status == "infeasible" else reasons(instance, pairs)
    watch.say("reasons", left_over=len(left))
    return {
        "input_digest": digest(given),
        "rules": rules(given),
        "engine": ENGINE,
        "versions": versions(),
        "seed": SEED,
        "status": result.status,
        "seconds": round(watch.seconds, 3),
        "peak_mb": _peak_mb(),
        "counts": counts(instance),
        "levels": {level.name: level_json(level) for level in result.levels},
        "unmatched": plain(left),
        "conflicts": plain(result.conflicts),
        "proof": proof_json(result),
    }


def level_json(level: Level) -> dict[str, int]:
    return {"value": level.value, "bound": level.bound, "price_bound": level.price_bound}


def proof_json(result: Result) -> dict[str, Any]:
    return {level.name: _proof(proof) for level, proof in zip(result.levels, result.proofs, strict=True)}


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "weights": dict(proof.weights),
        "newcomers": proof.newcomers.tolist(),
        "locals": proof.locals.tolist(),
        "parties": [list(prices) for prices in proof.parties],
        "quotas": list(proof.quotas),
        "links": [list(link) for link in proof.links],
    }


def _peak_mb() -> int:
    """Highest resident memory of this program, in MB. What getrusage says begins with that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes.split()[1]) // 1024
