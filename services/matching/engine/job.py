"""One job from start to end: build, solve, explain."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.matching.engine.build import build, roster
from services.matching.engine.explain import meetings
from services.matching.engine.instance import Level, Result
from services.matching.engine.model import solve
from services.matching.engine.people import Job
from services.matching.engine.reasons import reasons
from services.matching.engine.record import ENGINE, SEED, counts, digest, plain

Progress = Callable[[dict[str, Any]], None]


def run(job: Job, progress: Progress = lambda line: None) -> dict[str, Any]:
    """The whole result as plain JSON data; all but `seconds` and `peak_mb` is the same at every run."""
    start = time.perf_counter()
    table = roster(job.people, job.rules, job.wishes)
    instance = build(job.people, job.rules, job.wishes, table)
    progress({"step": "edges", "count": len(instance.edges), "seconds": _since(start)})

    def report(level: Level) -> None:
        progress({"step": "level", "level": level.name, **level_json(level), "seconds": _since(start)})

    result = solve(instance, time_limit=job.time_limit, seed=SEED, report=report)
    pairs = [(newcomer, local) for newcomer, local, _ in result.pairs]
    left = () if result.status == "infeasible" else reasons(table, instance, pairs)
    return {
        "engine": ENGINE,
        "seed": SEED,
        "input_digest": digest(job),
        "status": result.status,
        "seconds": _since(start),
        "peak_mb": _peak_mb(),
        "counts": counts(instance),
        "levels": {level.name: level_json(level) for level in result.levels},
        "pairs": [plain(meeting) for meeting in meetings(table, pairs)],
        "unmatched": [plain(reason) for reason in left],
        "conflicts": [plain(conflict) for conflict in result.conflicts],
        "proof": proof_json(result),
    }


def level_json(level: Level) -> dict[str, int]:
    return {"value": level.value, "bound": level.bound, "price_bound": level.price_bound}


def proof_json(result: Result) -> dict[str, Any]:
    return {
        level.name: {"scale": proof.scale, "prices": [list(price) for price in proof.prices]}
        for level, proof in zip(result.levels, result.proofs, strict=True)
    }


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)


def _peak_mb() -> int:
    """Highest resident memory of this program, in MB. What getrusage says begins with that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes.split()[1]) // 1024
