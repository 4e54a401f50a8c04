"""Numbered places at which a test may kill the process to see that nothing is lost. Without the variable they do nothing."""

import os
import signal

VARIABLE = "MYBUDDY_KILL_AT"


def killpoint(name: str) -> None:
    """Dies like kill -9 if this point is the one named in the environment."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
