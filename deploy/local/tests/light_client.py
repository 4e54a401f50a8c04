"""A client to be killed: a stack with the parts named, a child with children of its own; says what runs, then waits."""

import json
import os
import signal
import sys
from pathlib import Path

from deploy.local import proc, watching
from deploy.local.ports import free_port
from deploy.local.process import Process, Spec
from deploy.local.stack import Stack
from deploy.local.watching import Watching

FAMILY = "sleep 1000 & setsid sleep 1001 & trap '' TERM; sleep 1002"


def main(run_dir: str, ending: str, *parts: str) -> None:
    with Stack.start(run_dir, provider="local", parts=[part for part in parts if part != "prometheus"]) as stack:
        watch = _watch(stack) if "prometheus" in parts else None
        spec = Spec("family", ["sh", "-c", FAMILY], env=dict(os.environ), grace=0.3)
        family: Process = stack.processes.start(spec)
        while len(proc.descendants(family.pid)) < 3:
            pass
        if ending == "frozen":
            family.freeze()
        guardian, supervisor = stack.processes.pids
        print(
            json.dumps(
                {
                    "guardian": guardian,
                    "supervisor": supervisor,
                    "pids": proc.descendants(os.getpid()),
                    "ports": _ports(stack, parts, watch),
                    "folders": [str(stack.processes.scratch), str(Path(run_dir) / "data")],
                }
            ),
            flush=True,
        )
        sys.stdin.readline()
        if ending == "exception":
            raise RuntimeError("as asked")
        if ending == "crash":
            os.abort()


def _watch(stack: Stack) -> Watching:
    """One that has nothing to look at."""
    watch = watching.launch(stack.processes, stack.data, free_port(), "light", [])
    watch.wait_ready()
    return watch


def _ports(stack: Stack, parts: tuple[str, ...], watch: Watching | None) -> list[int]:
    urls = {
        "kafka": lambda: stack.kafka.bootstrap,
        "postgres": lambda: stack.postgres.admin_url.split("/postgres?")[0],
        "mailbox": lambda: stack.mailbox.http_url,
        "prometheus": lambda: watch.prometheus.url if watch else "",
    }
    return [int(urls[part]().rpartition(":")[2]) for part in parts]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background, which ignores it
    main(*sys.argv[1:])
