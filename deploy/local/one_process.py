"""What everything in the stack that is one process has in common: it can be looked at, ended and frozen."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.process import Process


@dataclass
class OneProcess:
    """Its ports and data stay the same over restarts."""

    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.process.log

    @property
    def running(self) -> bool:
        return self.process.running

    @property
    def peak_mb(self) -> float:
        """Highest resident memory since its start, with the processes beneath it that live now."""
        return self.process.peak_mb

    def terminate(self) -> None:
        """SIGTERM to it alone, as Kubernetes does; see `wait_exit`."""
        self.process.terminate()

    def stop(self) -> int:
        """Asked, and killed after the grace period. Returns the exit code."""
        return self.process.stop()

    def kill(self) -> None:
        """SIGKILL to it and all beneath it; returns when it is gone."""
        self.process.kill()

    def freeze(self) -> None:
        self.process.freeze()

    def thaw(self) -> None:
        self.process.thaw()

    def wait_exit(self, deadline: float = 10) -> int:
        """The exit code, negative for a signal. Raises ProcessError where it still runs."""
        return self.process.wait_exit(deadline)

    def log_text(self) -> str:
        """What it wrote since its last start."""
        return self.process.log_text()
