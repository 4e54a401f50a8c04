"""The command line the service runs as a process of its own; exit codes are in `main`."""

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from services.matching.engine.parse import BadInputError, job, load

SOLVED, INFEASIBLE, BAD_INPUT, BROKEN = 0, 1, 2, 3
PR_SET_PDEATHSIG = 1
USAGE = "usage: python -m services.matching.engine job < JOB > RESULT | verify JOB RESULT"


def die_with_parent() -> None:
    """SIGTERM and the end of the parent's thread that started this process both end it at once, inside CP-SAT too."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)


def write(stream: Any, value: Any) -> None:
    stream.write(json.dumps(value, separators=(",", ":")) + "\n")
    stream.flush()


def solve_job() -> int:
    given = job(load(sys.stdin.buffer.read(), "job"))
    from services.matching.engine.job import run  # OR-Tools costs a second, bad input need not wait for it

    result = run(given, lambda line: write(sys.stderr, line))
    write(sys.stdout, result)
    return INFEASIBLE if result["status"] == "infeasible" else SOLVED


def verify_files(job_path: str, result_path: str) -> int:
    from services.matching.engine.verify import verify

    given = job(load(read(job_path), "job"))
    try:
        wrong = verify(given, load(read(result_path), "result"))
    except BadInputError:
        raise
    except ValueError as error:
        raise BadInputError(f"result: {error}") from None
    for line in wrong:
        write(sys.stdout, {"false": line})
    return 1 if wrong else 0


def read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None


def main(arguments: list[str]) -> int:
    """0 solved or sound, 1 infeasible or a claim is false, 2 bad input in at most three lines, 3 our own fault."""
    die_with_parent()
    try:
        match arguments:
            case ["job"]:
                return solve_job()
            case ["verify", job_path, result_path]:
                return verify_files(job_path, result_path)
            case _:
                raise BadInputError(USAGE)
    except BadInputError as error:
        sys.stderr.write("\n".join(str(error).split("\n")[:3]) + "\n")
        return BAD_INPUT
    except Exception:
        traceback.print_exc()
        return BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
