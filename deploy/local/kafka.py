"""Apache Kafka in KRaft mode from its Maven artifacts: one small broker that is its own controller.

The jars lie in `<repository>/.cache` (or STACK_CACHE) and are fetched by `kafka-jars.txt` when they are missing,
from Maven Central or the mirror named in STACK_MAVEN.
"""

import base64
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.artifacts import fetch, missing, read_list
from deploy.local.errors import ProcessError
from deploy.local.java import java, java_version
from deploy.local.one_process import OneProcess
from deploy.local.ports import free_port
from deploy.local.process import ROOT, Process, Processes, Spec

VERSION = "4.3.1"
ARTIFACTS = read_list(Path(__file__).with_name("kafka-jars.txt"))
NODE = 1
START_SECONDS = 60.0
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
STARTED = "Kafka Server started"
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",  # says STARTED
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
)

# Sessions of a second: a broker killed with -9 is taken back at once and not after the ten seconds of a real cluster.
SETTINGS = """\
process.roles=broker,controller
node.id={node}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}{more_listeners}
controller.listener.names=CONTROLLER
controller.quorum.voters={node}@127.0.0.1:{controller_port}
log.dirs={folder}
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=4194304
log.index.size.max.bytes=1048576
log.segment.delete.delay.ms=1000
{more}"""


def cache_folder() -> Path:
    return Path(os.environ.get("STACK_CACHE", ROOT / ".cache")).resolve()


def jars_folder() -> Path:
    return cache_folder() / f"kafka-{VERSION}"


def aot_file() -> Path:
    """Classes loaded and linked in advance by `deploy.local.prepare`: a second saved at each start, where it exists."""
    return cache_folder() / f"kafka-{VERSION}-java-{java_version()}.aot"


def is_fetched() -> bool:
    return not missing(ARTIFACTS, jars_folder())


def fetch_jars() -> list[Path]:
    """Raises MissingPartError where they are not here and cannot be had."""
    return fetch(ARTIFACTS, jars_folder(), os.environ.get("STACK_MAVEN") or _maven())


def _maven() -> str:
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL)


@dataclass
class Kafka(OneProcess):
    """One broker. Ports and folder stay the same over restarts."""

    folder: Path
    port: int
    local: bool = True

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def describe(self) -> str:
        cache = cache_folder()
        shown = cache.relative_to(ROOT) if cache.is_relative_to(ROOT) else cache
        return f"Kafka {VERSION} (local, jars in {shown}) at {self.bootstrap}"

    def start(self, *, empty: bool = False, wait: bool = True) -> None:
        """`empty`: it has forgotten every topic, offset and group."""
        if empty or not (self.folder / "meta.properties").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            _format(self.folder)
        self.process.start()
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while STARTED not in self.process.log_text():
            if not self.process.running or time.monotonic() > end:
                raise ProcessError(f"Kafka did not start{self.process.log_tail()}")
            time.sleep(0.02)


@dataclass(frozen=True)
class More:
    """What a broker has beside the default: listeners, and lines of its properties."""

    listeners: str = ""
    lines: str = ""


def launch(
    processes: Processes, data: Path, port: int | None = None, options: list[str] | None = None, more: More = More()
) -> Kafka:
    """Started, not yet ready: see `wait_ready`. `options` are Java's."""
    jars = fetch_jars()
    kafka = _broker(processes, data, port or free_port(), jars, _aot_option() if options is None else options, more)
    kafka.start(wait=False)
    return kafka


def _aot_option() -> list[str]:
    return [f"-XX:AOTCache={aot_file()}"] if aot_file().exists() else []


def _broker(processes: Processes, data: Path, port: int, jars: list[Path], options: list[str], more: More) -> Kafka:
    folder = data / "kafka"
    config = processes.scratch / "kafka.properties"
    places = {"node": NODE, "port": port, "controller_port": free_port(), "folder": folder}
    config.write_text(SETTINGS.format(**places, more_listeners=more.listeners, more=more.lines))
    temporary = processes.scratch / "java"
    temporary.mkdir(exist_ok=True)
    class_path = ":".join(str(jar) for jar in jars)
    jvm = [str(java()), *JVM, *LOGGING, *options, f"-Djava.io.tmpdir={temporary}"]
    argv = [*jvm, "-cp", class_path, "kafka.Kafka", str(config)]
    spec = Spec("kafka", argv, env={"LANG": "C.UTF-8"}, cwd=processes.scratch, grace=10)
    return Kafka(Process(processes, spec), folder, port)


def _format(folder: Path) -> None:
    """What `kafka.tools.StorageTool format` writes for a fixed quorum, without starting Java for it."""
    folder.mkdir(parents=True)
    lines = ("version=1", f"cluster.id={_uuid()}", f"node.id={NODE}", f"directory.id={_uuid()}")
    (folder / "meta.properties").write_text("\n".join(lines) + "\n")


def _uuid() -> str:
    """Sixteen random bytes as Kafka writes them; the first is not 0, as in its reserved ones."""
    return base64.urlsafe_b64encode(b"m" + secrets.token_bytes(15)).decode().rstrip("=")
