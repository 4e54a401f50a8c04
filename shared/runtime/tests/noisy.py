"""A process that says CANARY in every way a program can say something, but for writing it itself."""

import asyncio
import gc
import logging
import sys
import threading
import warnings

import structlog

from shared.runtime import logs

CANARY = "Musterfrau"


class SaidError(Exception):
    """An error whose words quote what somebody typed."""

    def __init__(self) -> None:
        super().__init__(f"cannot send to {CANARY}")


async def never_awaited_result() -> None:
    raise SaidError


async def loop_errors() -> None:
    task = asyncio.create_task(never_awaited_result(), name=CANARY)
    await asyncio.wait({task})
    del task
    gc.collect()
    asyncio.get_running_loop().call_exception_handler({"message": f"from {CANARY}", "exception": SaidError()})


def ours() -> None:
    log = structlog.get_logger()
    log.info("ours", reason="fine", name=CANARY, email=CANARY, region="ludwigsburg")
    try:
        raise SaidError
    except SaidError as error:
        log.exception("in a handler", person=CANARY)
        log.error("given by hand", exc_info=error)
    log.error("outside a handler", exc_info=SaidError())


def libraries() -> None:
    library = logging.getLogger("library")
    library.warning("to %s", CANARY)
    library.error(f"already put together for {CANARY}")
    library.warning("as a dictionary: %(who)s", {"who": CANARY})
    library.error(SaidError())
    library.info("quiet")
    library.warning("with a stack", stack_info=True, extra={"who": CANARY})
    try:
        raise SaidError
    except SaidError:
        library.exception("it failed")
    warnings.warn(f"deprecated {CANARY}", stacklevel=1)


def thread_dies() -> None:
    raise SaidError


if __name__ == "__main__":
    logs.configure("noisy", "INFO")
    ours()
    libraries()
    asyncio.run(loop_errors())
    thread = threading.Thread(target=thread_dies, name=CANARY)
    thread.start()
    thread.join()
    sys.stdout.flush()
    raise SaidError
