"""`python -m deploy.local up`: the stack, one installation and all services, until Ctrl-C (`make dev`)."""

import argparse
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.demo.report import invitation
from deploy.local.demo.story import DURING
from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack

DAY = datetime.fromisoformat(DURING)


def up(name: str, run_dir: Path) -> None:
    started = time.monotonic()
    print(f"Starting; the logs are in {run_dir / 'logs'}", flush=True)
    with Stack.start(run_dir, durable=True) as stack:
        for line in stack.describe():
            print(f"  {line}", flush=True)
        installation = stack.installation(name)
        installation.move_clock(DAY)
        installation.start_all()
        print(f"  It is {DAY:%d %B %Y} here, in the sign-up time of the round of Ludwigsburg.")
        for line in invitation(installation, stack.mailbox):
            print(line)
        _show(installation)
        print(f"Up after {time.monotonic() - started:.1f} s. Ctrl-C ends everything.", flush=True)
        _watch(installation)
        print("Stopping …", flush=True)


def _show(installation: Installation) -> None:
    for line in installation.describe():
        print(f"  {line}")
    print("  For a coordinator's command:")
    for variable, value in installation.coordinator_environment().items():
        print(f"    export {variable}={value}")


def _watch(installation: Installation) -> None:
    """Until Ctrl-C or SIGTERM; a service that dies is named once, the others go on."""
    dead: set[str] = set()
    try:
        while True:
            for name, one in installation.services.items():
                if name not in dead and not one.running:
                    dead.add(name)
                    print(f"{name} has ended: see {one.log}", file=sys.stderr, flush=True)
            time.sleep(1)
    except KeyboardInterrupt:
        return


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    arguments.add_argument("command", choices=["up"])
    arguments.add_argument("--name", default="dev", help="the installation's name")
    arguments.add_argument("--run-dir", type=Path, help="where logs and data go; build/up-<time> otherwise")
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run_dir = given.run_dir or ROOT / "build" / f"up-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        up(given.name, run_dir)
    except KeyboardInterrupt:
        return 130
    except (MissingPartError, ProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
