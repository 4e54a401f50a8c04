"""`python -m deploy.checks`: all steps one after the other, each with its seconds; what one says is shown where it fails."""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PYTHON = sys.executable

STEPS: dict[str, list[str]] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "--output-format", "concise", "."],
    "types": [PYTHON, "-m", "mypy"],
    "walls": [str(BIN / "lint-imports"), "--no-logo"],
    "locks": [PYTHON, "-m", "deploy.checks.locks"],
    "translations": [PYTHON, "-m", "shared.web.check"],
    "regions": [PYTHON, "-m", "deploy.checks.regions"],
    "documents": [PYTHON, "-m", "shared.schemas.docs", "--check"],
    "contract": [PYTHON, "-m", "shared.schemas.freeze", "--check"],
    "compose": [PYTHON, "-m", "deploy.checks.compose"],
    "dockerfile": [str(BIN / "hadolint"), "services/Dockerfile"],
}
OPERATIONS: dict[str, list[str]] = {
    "metrics": [PYTHON, "-m", "deploy.checks.metrics"],
    "metrics page": [PYTHON, "-m", "deploy.checks.metrics_page", "--check"],
    "rules": [PYTHON, "-m", "deploy.checks.rules"],
    "alerting": [PYTHON, "-m", "deploy.checks.alerting"],
    "dashboards": [PYTHON, "-m", "deploy.checks.dashboards"],
    "manifests": [PYTHON, "-m", "deploy.checks.manifests"],
}
"""What an installation is watched and deployed by. They need promtool, amtool and kubectl."""


def run(steps: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of those that failed."""
    return [name for name, command in steps.items() if not _passes(name, command)]


def _passes(name: str, command: Sequence[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    fine = done.returncode == 0
    _say(f"{name:<13} {'ok' if fine else 'FAILED':<6} {time.monotonic() - started:5.1f} s")
    if not fine:
        _say("\n".join(f"    {line}" for line in done.stdout.splitlines()))
    return fine


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.checks", description=__doc__)
    known = STEPS | OPERATIONS
    arguments.add_argument("steps", nargs="*", help=f"only these of: {', '.join(known)}")
    arguments.add_argument("--ops", action="store_true", help=f"instead of all: {', '.join(OPERATIONS)}")
    given = arguments.parse_args()
    wanted = given.steps or list(OPERATIONS if given.ops else STEPS)
    if unknown := [name for name in wanted if name not in known]:
        arguments.error(f"no such step: {', '.join(unknown)}")
    started = time.monotonic()
    failed = run({name: known[name] for name in wanted})
    seconds = f"after {time.monotonic() - started:.0f} s"
    _say(f"FAILED: {', '.join(failed)}, {seconds}." if failed else f"All {len(wanted)} checks passed {seconds}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
