"""`python -m deploy.local up`: the stack, one installation and all services, until Ctrl-C (`make dev`)."""

import argparse
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import watching
from deploy.local.demo.report import invitation, watched
from deploy.local.demo.story import DURING
from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from deploy.local.staying import HOW, parts_of, stay

DAY = datetime.fromisoformat(DURING)


def up(name: str, run_dir: Path) -> None:
    started = time.monotonic()
    print(f"Starting; the logs are in {run_dir / 'logs'}", flush=True)
    with Stack.start(run_dir, durable=True) as stack:
        for line in stack.describe():
            print(f"  {line}", flush=True)
        installation = stack.installation(name)
        installation.move_clock(DAY)
        watch = stack.watch(installation) if watching.wanted() else None
        installation.start_all()
        print(f"  It is {DAY:%d %B %Y} here, in the sign-up time of the round of Ludwigsburg.")
        for line in [*watched(watch), *invitation(installation, stack.mailbox)]:
            print(line)
        _show(installation)
        print(f"Up after {time.monotonic() - started:.1f} s. Ctrl-C ends everything. {HOW}.", flush=True)
        stay(parts_of(stack, installation), while_typed=False)
        print("Stopping …", flush=True)


def _show(installation: Installation) -> None:
    for line in installation.describe():
        print(f"  {line}")
    print("  For a coordinator's command:")
    for variable, value in installation.coordinator_environment().items():
        print(f"    export {variable}={value}")


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
