"""What another rule would do: several rule sets on one round in memory, each solved and held against the rules as they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.matching.engine.build import build
from services.matching.engine.instance import Result
from services.matching.engine.levels import solve
from services.matching.engine.people import Job, Rules
from services.matching.engine.watch import Progress, Watch


@dataclass(frozen=True)
class Outcome:
    """The plan under `rules`; who has a pair in it and none in the plan as things are, and the other way round, by id."""

    rules: Rules
    result: Result
    newly_matched: tuple[str, ...]
    newly_left: tuple[str, ...]


def what_if(job: Job, others: Iterable[Rules], threads: int = 1, progress: Progress | None = None) -> tuple[Outcome, ...]:
    """The job's own rules first, then each of `others` (another distance, other weights, floor or order of levels) with
    the same people and wishes. Where the wishes set floor or levels, they do so under all rules. The job's time limit
    holds for each.
    """
    plans = [(rules, _solved(job, rules, threads, progress)) for rules in (job.rules, *others)]
    now = _matched(plans[0][1])
    return tuple(
        Outcome(rules, result, tuple(sorted(_matched(result) - now)), tuple(sorted(now - _matched(result))))
        for rules, result in plans
    )


def _solved(job: Job, rules: Rules, threads: int, progress: Progress | None) -> Result:
    watch = Watch(job.time_limit, progress)
    return solve(build(job.people, rules, job.wishes, threads), watch)


def _matched(result: Result) -> set[str]:
    return {name for newcomer, local, _ in result.pairs for name in (newcomer, local)}
