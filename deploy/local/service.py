"""One running process of a service: start it, break it, start it again on the same port, have another beside it."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace

from deploy.local.errors import ProcessError
from deploy.local.one_process import OneProcess
from deploy.local.ports import free_port
from deploy.local.process import Process

READY_SECONDS = 60.0


@dataclass
class Service(OneProcess):
    """Its port stays the same over restarts."""

    name: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def another(self, number: int) -> "Service":
        """The same service as a process of its own, on a port of its own; not started yet."""
        port, spec = free_port(), self.process.spec
        spec = replace(spec, name=f"{spec.name}-{number}", env={**spec.env, "MYBUDDY_HTTP_PORT": str(port)})
        return Service(Process(self.process.processes, spec), self.name, port)

    def start(self, env: Mapping[str, str] | None = None, *, wait: bool = True) -> None:
        """`env` is added for this start only."""
        self.process.start(env)
        if wait:
            self.wait_ready()

    def restart(self, env: Mapping[str, str] | None = None, *, wait: bool = True) -> None:
        """Ended kindly if it still runs, and started; `env` is added for this start only."""
        self.stop()
        self.start(env, wait=wait)

    def wait_ready(self, deadline: float = READY_SECONDS) -> None:
        """Until /readyz answers 200. Raises ProcessError with the end of the log."""
        end = time.monotonic() + deadline
        while (answer := self._ask()) != "200":
            if (code := self.process.exit_code) is not None:
                raise ProcessError(f"{self.process.spec.name} ended with {code}{self.process.log_tail()}")
            if time.monotonic() > end:
                raise ProcessError(
                    f"{self.process.spec.name} is not ready after {deadline:g} s ({answer}){self.process.log_tail()}"
                )
            time.sleep(0.05)

    def _ask(self) -> str:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own service
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return f"/readyz says {error.code}"
        except OSError as error:
            return str(error)
