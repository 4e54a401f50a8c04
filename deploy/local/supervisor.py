"""The process that starts, signals and stops everything for one client, and stops it all when the client is gone.

Two processes: a guardian, and beneath it the supervisor, which does the work. Whichever of client, supervisor and
guardian dies, however it dies, one of the others notices and stops the rest. Standard library only: it starts fast.
"""

import argparse
import ctypes
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from deploy.local import proc
from deploy.local.spawn import Child, spawn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None, use_errno=True)


class Supervisor:
    """Children in the order of their first start; answers one request per line."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.children: dict[str, Child] = {}
        self.unread = b""

    def serve(self, client_exit: int) -> None:
        """Returns when the client is gone or a signal asks to end."""
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            for source in (self.client.fileno(), client_exit, wake_read):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                self.reap()
                if wake_read in ready and any(n != signal.SIGCHLD for n in os.read(wake_read, 512)):
                    return
                if client_exit in ready or (self.client.fileno() in ready and not self.answer()):
                    return

    def answer(self) -> bool:
        """Handle what has arrived; False when the client closed its end."""
        try:
            data = self.client.recv(1 << 16)
        except ConnectionError:
            return False
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            reply = {"id": request["id"], **self.handle(request)}
            with suppress(OSError):
                self.client.sendall(json.dumps(reply).encode() + b"\n")
        return bool(data)

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "start": self.start,
            "signal": self.send,
            "state": self.state,
        }
        try:
            return operations[request["op"]](request)
        except (OSError, ValueError, KeyError) as error:
            return {"error": f"{request.get('name')}: {error}"}

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["name"]
        if name in self.children and self.children[name].code is None:
            raise ValueError("is running already")
        self.children[name] = spawn(request)
        return {"pid": self.children[name].pid}

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        child = self.children[request["name"]]
        if child.code is None:
            (proc.signal_all if request["whole"] else proc.send)(child.pid, request["signal"])
        return {}

    def state(self, request: dict[str, Any]) -> dict[str, Any]:
        self.reap()
        child = self.children[request["name"]]
        return {"pid": child.pid, "code": child.code}

    def reap(self) -> None:
        """Collect the dead, and end what a dead child left in its session."""
        by_pid = {child.pid: child for child in self.children.values()}
        for pid, status in collect_dead():
            child = by_pid.get(pid)
            if child is not None:
                child.ended(status)
                for left in proc.members(pid)[1:]:
                    proc.send(left, signal.SIGKILL)

    def stop_all(self) -> None:
        for child in reversed(list(self.children.values())):
            if child.code is None:
                self.stop(child)
        end_everything_below()

    def stop(self, child: Child) -> None:
        """Ask, wait, kill. A frozen child is woken, else it could not hear."""
        proc.send(child.pid, child.stop_signal)
        proc.signal_all(child.pid, signal.SIGCONT)
        if not self.wait(child, child.grace):
            proc.signal_all(child.pid, signal.SIGKILL)
            self.wait(child, 5)

    def wait(self, child: Child, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while child.code is None and time.monotonic() < deadline:
            time.sleep(0.01)
            self.reap()
        return child.code is not None


def collect_dead() -> list[tuple[int, int]]:
    dead: list[tuple[int, int]] = []
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead.append(found)
    return dead


def end_everything_below(patience: float = 0) -> None:
    """Kill every descendant, orphans included (we are their reaper), after `patience` seconds of waiting."""
    deadline = time.monotonic() + patience
    while below := proc.descendants(os.getpid()):
        if time.monotonic() >= deadline:
            for pid in below:
                proc.send(pid, signal.SIGKILL)
        collect_dead()
        time.sleep(0.005)
    collect_dead()


def guard(supervisor: int) -> None:
    """Wait for the supervisor; whatever outlives it ends here."""
    signal.signal(signal.SIGTERM, lambda *_: proc.send(supervisor, signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            break
        if pid == supervisor:
            end_everything_below(patience=0 if status == 0 else 1)
            break


def supervise(client: socket.socket, client_exit: int, guardian: int, leftovers: list[str]) -> None:
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    supervisor = Supervisor(client)
    if os.getppid() == guardian:
        client.sendall(json.dumps({"id": 0, "pid": os.getpid(), "scratch": leftovers[0]}).encode() + b"\n")
        supervisor.serve(client_exit)
    supervisor.stop_all()
    remove(leftovers)


def remove(paths: list[str]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    """`--client-fd` is our end of a socket pair, `--client-pid` the client, whose threads may come and go."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--client-fd", type=int, required=True)
    arguments.add_argument("--client-pid", type=int, required=True)
    arguments.add_argument("--scratch-in", required=True)
    arguments.add_argument("--remove", action="append", default=[])
    given = arguments.parse_args()
    # A process handle and no PDEATHSIG here: that follows the thread that forked us, which may end before the client.
    client_exit = os.pidfd_open(given.client_pid)
    os.set_inheritable(given.client_fd, False)
    client = socket.socket(fileno=given.client_fd)
    if os.getppid() != given.client_pid:
        sys.exit(1)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    leftovers = [tempfile.mkdtemp(prefix="mybuddy-", dir=given.scratch_in), *given.remove]
    guardian = os.getpid()
    if (supervisor := os.fork()) == 0:
        supervise(client, client_exit, guardian, leftovers)
        os._exit(0)
    client.close()
    guard(supervisor)
    remove(leftovers)


if __name__ == "__main__":
    main()
