"""`make bench`: the matching engine in numbers beside other solvers, all in the same run, on the same invented rounds.

Every line is a whole process, started for it alone. Ours reads the people file, computes rules, fit and reasons, and writes
its result; the others get all pairs computed and weighed in a file of their own kind. Says nothing of right or wrong but
whether their plans are worth the same, level by level.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.load.invented import Invented
from tests.load.measure import Measured, free_bytes, measured
from tests.load.plans import Plan, compared, our_plan
from tests.load.replans import replans, written

NAMES = {"dense": "SciPy dense LAP", "sparse": "SciPy sparse LAP", "cp-sat": "CP-SAT as it comes", "highs": "HiGHS, full model"}
LAP, FULL_MODEL = ("dense", "sparse"), ("cp-sat", "highs")


@dataclass(frozen=True)
class Row:
    """An instance, and who is measured on it besides us."""

    kind: str
    newcomers: int
    locals: int
    peers: tuple[str, ...]
    sided: bool = False
    one_home: bool = False

    @property
    def name(self) -> str:
        wished = ", with wishes" if self.sided else ""
        return f"{self.kind} {self.newcomers:,} × {self.locals:,}{wished}{', parties in one home' if self.one_home else ''}"


WARM_UP = (Row("nation", 100, 100, LAP), Row("nation", 100, 80, FULL_MODEL, sided=True))
SMALL = (
    Row("nation", 10_000, 10_000, LAP),
    Row("city", 3_000, 3_000, LAP),
    Row("dense", 2_000, 2_000, LAP),
    Row("nation", 300, 240, FULL_MODEL, sided=True),
    Row("nation", 1_000, 800, FULL_MODEL, sided=True),
    Row("nation", 1_000, 800, ("highs",), sided=True, one_home=True),
    Row("city", 1_000, 800, ("highs",), sided=True),
)
LARGE = (
    Row("city", 10_000, 10_000, LAP),
    Row("dense", 10_000, 10_000, LAP),
    Row("nation", 100_000, 100_000, LAP),
    Row("nation", 10_000, 8_000, FULL_MODEL, sided=True),
    Row("city", 10_000, 8_000, FULL_MODEL, sided=True),
    Row("nation", 10_000, 8_000, (), sided=True, one_home=True),
    Row("nation", 50_000, 40_000, (), sided=True),
)


@dataclass(frozen=True)
class Limits:
    """Seconds until a process is ended."""

    ours: float
    lap: float
    full_model: float

    def of(self, peer: str) -> float:
        return self.lap if peer in LAP else self.full_model


SHORT, LONG = Limits(100, 60, 30), Limits(600, 200, 120)


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {text}", file=sys.stderr, flush=True)


def line(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def seconds(taken: Measured) -> str:
    return f"> {taken.seconds:.0f}" if taken.late else f"{taken.seconds:.2f}"


def ratio(peer: float, ours: float, *, at_least: bool) -> str:
    return f"{'> ' if at_least else ''}{peer / ours:.1f}"


def bench(row: Row, limits: Limits, folder: Path) -> Iterator[tuple[object, ...]]:
    """Lines of the table: ours with the first peer, then the other peers."""
    say(f"{row.name}: inventing people")
    given = Invented(row.kind, row.newcomers, row.locals, row.sided, row.one_home, folder)
    given.write()
    say(f"{row.name}: ours")
    ours = measured(given.command, limits.ours)
    plan = our_plan(given.result, ours)
    say(f"{row.name}: ours {seconds(ours)} s, {ours.peak_mb} MB, {plan.told}")
    cells: tuple[object, ...] = (row.name, seconds(ours), ours.peak_mb, plan.told)
    for peer in row.peers:
        yield *cells, NAMES[peer], *bench_peer(given, peer, limits.of(peer), ours, plan)
        cells = ("", "", "", "")
    if not row.peers:
        yield *cells, *[""] * 6


def bench_peer(given: Invented, peer: str, limit: float, ours: Measured, plan: Plan) -> tuple[object, ...]:
    if (needed := given.needs_bytes(peer)) > free_bytes():
        return "", "", "", "", f"not run: would need about {needed / 1e9:.0f} GB"
    pairs, chosen = given.file_for(peer), given.folder / f"{peer}.npy"
    say(f"  {NAMES[peer]}, {given.acceptable:,} pairs")
    taken = measured([sys.executable, "-m", "tests.load.peers", peer, str(pairs), str(chosen)], limit)
    say(f"  {NAMES[peer]}: {seconds(taken)} s, {taken.peak_mb} MB")
    ratios = [ratio(taken.seconds, ours.seconds, at_least=taken.late), ratio(taken.peak_mb, ours.peak_mb, at_least=taken.late)]
    return seconds(taken), taken.peak_mb, *ratios, compared(given.instance, plan, taken, chosen)


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((one.split(":", 1)[1].strip() for one in lines if one.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "ortools", "scipy"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {model}, {os.cpu_count()} processors, {memory:.0f} GB, load {os.getloadavg()[0]:.1f} "
        f"before the start; Python {platform.python_version()}, {packages}.\n"
    )


HEADER = ("instance", "ours s", "MB", "plan and bounds", "peer", "s", "MB", "time ×", "memory ×", "its plan")
NOTES = """
Whole processes, seconds and highest memory of each; × is the peer's by ours. Ours reads people and wishes, computes rules and
fit, and writes the plan with proof and reasons. Peers read pairs, weights and wishes already computed. Their weight is all four
levels in one number; "same" means a plan with our values at every level. CP-SAT has its defaults and uses all processors;
HiGHS has no gap allowed, its default would be content with the first level.
"""


def bench_plans(rows: tuple[Row, ...], limits: Limits) -> None:
    line(*HEADER)
    line(*("---:" if name in {"ours s", "s", "MB", "time ×", "memory ×"} else "---" for name in HEADER))
    for row in rows:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for cells in bench(row, limits, Path(folder)):
                line(*cells)
    print(NOTES)


def bench_replans() -> None:
    """A table of its own: the round is in memory, and what counts is the search."""
    line("on a solved round in memory", "change", "search", "whole call", "its proof", "solved from nothing")
    line("---", "---", "---:", "---:", "---:", "---:")
    for sided, locals_ in ((False, 10_000), (True, 8_000)):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            row = Row("nation", 10_000, locals_, (), sided, sided)
            say(f"{row.name}: changes")
            for cells in replans(written(Path(folder), row.kind, row.newcomers, row.locals, sided=sided)):
                line(row.name, *cells)


def warm_up() -> None:
    """Programs and libraries come from the disk once; nobody's first run should pay for it."""
    for row in WARM_UP:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            list(bench(row, SHORT, Path(folder)))


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.load.engine", description=__doc__)
    arguments.add_argument("--full", action="store_true", help="all sizes, most of an hour")
    full = arguments.parse_args().full
    print(machine(), flush=True)
    warm_up()
    bench_plans((*SMALL, *LARGE) if full else SMALL, LONG if full else SHORT)
    bench_replans()
    return 0


if __name__ == "__main__":
    sys.exit(main())
