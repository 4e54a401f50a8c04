"""The command line: solve or verify a file, or solve a job as a process of the service; exit codes are in `main`."""

import argparse
import ctypes
import errno
import gc
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from services.matching.engine.parse import BadInputError, job, load
from services.matching.engine.watch import Watch

SOLVED, INFEASIBLE, BAD_INPUT, BROKEN = 0, 1, 2, 3
FALSE = 1
PR_SET_PDEATHSIG = 1


class _Parser(argparse.ArgumentParser):
    """Wrong arguments are bad input like any other: one sentence, and how it is meant."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{self.prog}: {message}\n{' '.join(self.format_usage().split())}")


def parser() -> argparse.ArgumentParser:
    made = _Parser(
        "python -m services.matching.engine", description="Pairs newcomers and locals, and proves that no plan is better."
    )
    commands = made.add_subparsers(dest="command", required=True, parser_class=_Parser)
    solve = commands.add_parser("solve", help="the best plan of an instance file")
    solve.add_argument("instance", type=Path, metavar="INSTANCE.json[.gz]")
    people = commands.add_parser("people", help="the best plan of a people file, rules and fit computed from the people")
    people.add_argument("people", type=Path, metavar="PEOPLE.csv")
    replan = commands.add_parser("replan", help="a plan again after changes, moving as few pairs as possible")
    replan.add_argument("instance", type=Path, metavar="INSTANCE.json[.gz]")
    replan.add_argument("before", type=Path, metavar="RESULT.json", help="the plan before")
    for one in (solve, people, replan):
        one.add_argument("--out", type=Path, metavar="RESULT.json", help="where the result is written; else to standard output")
        one.add_argument("--time-limit", type=_seconds, metavar="S", help="seconds after which the best plan so far is given")
        one.add_argument(
            "--threads", type=_count, default=os.cpu_count() or 1, metavar="N", help="change the time, never the result"
        )
        one.add_argument("--progress", choices=["json"], help="lines of JSON on standard error")
    verify = commands.add_parser("verify", help="checks a result without the solver")
    verify.add_argument("instance", type=Path, metavar="INSTANCE.json[.gz] | JOB.json | PEOPLE.csv")
    verify.add_argument("--job", action="store_true", help="INSTANCE is a job as the service gives it")
    verify.add_argument("result", type=Path, metavar="RESULT.json")
    verify.add_argument("--before", type=Path, metavar="RESULT.json", help="of a re-plan: the plan before, with --changes")
    for one in (replan, verify):
        told = "who is gone, bans, pins, fixed pairs"
        one.add_argument("--changes", type=Path, metavar="CHANGES.json", required=one is replan, help=told)
    for one in (people, verify):
        one.add_argument(
            "--rules",
            type=Path,
            metavar="RULES.toml",
            required=one is people,
            help="of a people file: a region file, or its [rules]",
        )
        one.add_argument("--wishes", type=Path, metavar="WISHES.json", help="of a people file: pins, bans, parties, quotas")
        one.add_argument("--year", type=_count, help="ages are counted in this year; else the file's, else this one")
    commands.add_parser("job", help="a job on standard input, its result on standard output: how the service calls")
    commands.add_parser("warm", help="compiles what is not compiled yet, so that nobody waits for it later")
    return made


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 <= (value := float(text)) <= 1e6:
            return value
    raise argparse.ArgumentTypeError("must be seconds from 0 to 1000000")


def _count(text: str) -> int:
    with suppress(ValueError):
        if 1 <= (value := int(text)) <= 9999:
            return value
    raise argparse.ArgumentTypeError("must be a whole number from 1 to 9999")


def die_with_parent() -> None:
    """SIGTERM and the end of the parent's thread that started this process both end it at once, inside CP-SAT too."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)


def write(stream: Any, value: Any) -> None:
    if stream is None:  # closed by whoever started this program
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    stream.write(json.dumps(value, separators=(",", ":")) + "\n")
    stream.flush()


def show(asked: argparse.Namespace, line: dict[str, Any]) -> None:
    """Progress for a program, for somebody who watches, or for nobody; that nobody listens any more ends no run."""
    try:
        if asked.progress == "json":
            write(sys.stderr, line)
        elif sys.stderr is not None and sys.stderr.isatty():
            facts = "  ".join(f"{name} {value}" for name, value in line.items() if name not in ("step", "seconds"))
            sys.stderr.write(f"{line['seconds']:8.1f} s  {line['step']:<8} {facts}\n")
    except OSError:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # else the last words fail once more


def answer(asked: argparse.Namespace, result: dict[str, Any]) -> int:
    try:
        if asked.out is None:
            write(sys.stdout, result)
        else:
            with asked.out.open("w", encoding="ascii") as file:
                write(file, result)
    except OSError as error:
        raise BadInputError(f"{asked.out or 'standard output'}: {error.strerror}") from None
    return INFEASIBLE if result["status"] == "infeasible" else SOLVED


def check_out(asked: argparse.Namespace) -> None:
    """Before the work, not after it."""
    try:
        if getattr(asked, "out", None):
            asked.out.open("ab").close()
    except OSError as error:
        raise BadInputError(f"{asked.out}: {error.strerror}") from None


def watch(asked: argparse.Namespace) -> Watch:
    """Time counts from before anything is read."""
    return Watch(asked.time_limit, lambda line: show(asked, line))


def run_solve(asked: argparse.Namespace) -> int:
    from services.matching.engine.instance_file import read

    clock, instance = watch(asked), read(asked.instance)
    from services.matching.engine.job import run_instance  # the solver costs most of a second, bad input need not wait for it

    return answer(asked, run_instance(instance, clock))


def run_replan(asked: argparse.Namespace) -> int:
    from services.matching.engine.files import replanned

    clock, instance = watch(asked), replanned(asked)
    from services.matching.engine.job import run_instance

    return answer(asked, run_instance(instance, clock))


def run_people(asked: argparse.Namespace) -> int:
    from services.matching.engine.files import people_job

    clock, found = watch(asked), people_job(asked, complain)
    from services.matching.engine.job import run

    return answer(asked, run(found, clock, asked.threads))


def complain(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line + "\n")


def run_job(_: argparse.Namespace) -> int:
    if sys.stdin is None:
        raise BadInputError("job: standard input is closed")
    given = job(load(sys.stdin.buffer.read(), "job"))
    from services.matching.engine.job import run

    clock = Watch(given.time_limit, lambda line: write(sys.stderr, line))
    result = run(given, clock, os.cpu_count() or 1)
    write(sys.stdout, result)
    return INFEASIBLE if result["status"] == "infeasible" else SOLVED


def run_verify(asked: argparse.Namespace) -> int:
    from services.matching.engine.files import given
    from services.matching.engine.json_file import content

    source, told = given(asked, complain), load(content(asked.result), "result")
    from services.matching.engine.verify import rests_on_the_solver, verify

    try:
        wrong = verify(source, told)
    except ValueError as error:
        raise BadInputError(f"result: {error}") from None
    told_lines = [{"false": line} for line in wrong] or [{"open": line} for line in rests_on_the_solver(told)]
    with suppress(BrokenPipeError):  # whoever reads may have read enough
        for line in told_lines:
            write(sys.stdout, line)
    return FALSE if wrong else SOLVED


def run_warm(_: argparse.Namespace) -> int:
    from services.matching.engine.warm import warm

    warm()
    return SOLVED


COMMANDS = {
    "job": run_job,
    "solve": run_solve,
    "people": run_people,
    "replan": run_replan,
    "verify": run_verify,
    "warm": run_warm,
}


def main(arguments: list[str]) -> int:
    """0 solved or sound, 1 infeasible or a claim is false, 2 bad input in at most three lines, 3 our own fault."""
    die_with_parent()
    try:
        asked = parser().parse_args(arguments)
        check_out(asked)
        return COMMANDS[asked.command](asked)
    except BadInputError as error:
        complain("\n".join(str(error).split("\n")[:3]))
        return BAD_INPUT
    except MemoryError:
        complain("out of memory: the round needs more than this process may take")
        return BROKEN
    except Exception:
        traceback.print_exc()
        return BROKEN


if __name__ == "__main__":
    # Half a second of a process that lives for three: what Numba would import for nothing where it is installed, and looks
    # for circles among a million small objects of which hardly any will go.
    sys.modules |= dict.fromkeys(("scipy", "cffi"))  # type: ignore[arg-type]
    gc.set_threshold(200_000, 20, 20)
    sys.exit(main(sys.argv[1:]))
