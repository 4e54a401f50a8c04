"""`python -m deploy.local.prepare`: fetches Kafka and lets Java learn its classes once, so that each start is faster.

Optional: without it the first start fetches, and every start takes about two seconds longer. Takes 65 MB of `.cache`.
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from deploy.local import kafka
from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.process import Processes

LEARNING_SECONDS = 120


def learn(run_dir: Path) -> None:
    """One broker, started and stopped; Java writes what it learnt while it ends, next to its final place."""
    target = kafka.aot_file()
    processes = Processes(run_dir)
    try:
        fresh = processes.scratch / target.name
        broker = kafka.launch(processes, processes.scratch, options=[f"-XX:AOTCacheOutput={fresh}"])
        broker.wait_ready()
        broker.process.spec = replace(broker.process.spec, grace=LEARNING_SECONDS)
        broker.stop()
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        part.write_bytes(fresh.read_bytes())
        part.replace(target)
    finally:
        processes.close()


def main() -> int:
    try:
        kafka.fetch_jars()
        if not kafka.aot_file().exists():
            print("Letting Java learn Kafka's classes (once, about 15 s) …", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as run_dir:
                learn(Path(run_dir))
    except (MissingPartError, ProcessError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
