"""What geo listens to, as a Faust stream in the one form that loses nothing (docs/design.md, "Geo's stream")."""

import asyncio
import tempfile
import time
from functools import partial
from typing import Any

import faust
import mode
import structlog
from faust.exceptions import ConsumerNotStarted

from services.geo import handlers
from shared.runtime import db, kafka
from shared.runtime.inbox import Record, Subscription, handle_batch
from shared.runtime.loops import Loop
from shared.runtime.metrics import CONSUMER_LAG
from shared.runtime.settings import RuntimeSettings
from shared.schemas import participants
from shared.schemas.topics import PARTICIPANTS

log = structlog.get_logger()

BATCH, WITHIN_SECONDS = 500, 0.1
WATCH_SECONDS, STOP_SECONDS, STUCK_SECONDS = 0.5, 10.0, 60.0

SUBSCRIPTION = Subscription(
    "geo",
    {
        PARTICIPANTS: {
            participants.Confirmed: handlers.on_attributes,
            participants.Changed: handlers.on_attributes,
            participants.Left: handlers.on_gone,
            participants.Withdrawn: handlers.on_gone,
            participants.Erased: handlers.on_erased,
        }
    },
)


class Stream:
    """The Faust app as one loop of the process."""

    def __init__(self, settings: RuntimeSettings, pool: db.Pool) -> None:
        self._settings, self._pool = settings, pool
        self._app: faust.App | None = None
        self._handled_at = time.monotonic()
        self.loop = Loop("stream", self._run)

    async def missing(self) -> list[str]:
        """What the stream still waits for before it is ready: nothing, or an assignment."""
        app = self._app
        try:
            ready = app is not None and app.started and not app.rebalancing and bool(app.consumer.assignment())
        except ConsumerNotStarted:  # which Faust does in a thread of its own, after it counts as started
            ready = False
        return [] if ready else ["assignment"]

    async def _run(self, loop: Loop) -> None:
        # Faust does not wait for Kafka: its start would be the end of the process. Nor does it say what it may not read.
        await loop.until_done(partial(kafka.reach, self._settings, SUBSCRIPTION), kafka.AWAY)
        self._app = app = self._build()
        listening = kafka.Listening(self._settings, SUBSCRIPTION, loop)
        try:
            await app.start()
            while not app.should_stop and not app.crashed:
                await listening.turn(heard=time.monotonic() - self._handled_at < WATCH_SECONDS)
                self._watch(app, loop)
                await asyncio.sleep(WATCH_SECONDS)
            raise RuntimeError("the stream has stopped")
        finally:
            await asyncio.wait({asyncio.ensure_future(app.stop())}, timeout=STOP_SECONDS)

    def _watch(self, app: faust.App, loop: Loop) -> None:
        """Alive as long as events are handled, or there are none to handle."""
        lag = _lag(app)
        CONSUMER_LAG.labels(PARTICIPANTS.name).set(lag)
        if not lag or time.monotonic() - self._handled_at < STUCK_SECONDS:
            loop.beat()

    def _build(self) -> faust.App:
        app = faust.App(
            self._settings.topic(SUBSCRIPTION.group),
            broker=f"kafka://{self._settings.kafka_bootstrap}",
            broker_credentials=_credentials(self._settings),
            store="memory://",
            datadir=tempfile.mkdtemp(prefix="geo-"),
            web_enabled=False,
            # Every one of these was paid for: the defaults lose events, hang, or wait for minutes.
            stream_wait_empty=False,
            agent_supervisor=mode.CrashingSupervisor,
            broker_max_poll_interval=10**6,
            broker_session_timeout=10,
            broker_heartbeat_interval=2,
            broker_commit_interval=1.0,
            table_standby_replicas=0,
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_metadata_max_age_ms=5000,
            consumer_auto_offset_reset="earliest",
            stream_buffer_maxsize=1000,
        )
        topic = app.topic(self._settings.topic(PARTICIPANTS.name), key_serializer="raw", value_serializer="raw")
        app.agent(topic, concurrency=1, name="geo")(self._handle)
        return app

    async def _handle(self, stream: Any) -> None:
        """A batch is acknowledged after its transaction, never before; while the database is away it waits in place."""
        async for events in stream.noack_take(BATCH, within=WITHIN_SECONDS):
            records = [_record(self._settings, event.message) for event in events]
            await self.loop.until_done(partial(handle_batch, self._pool, SUBSCRIPTION, records), db.DATABASE_AWAY)
            self._handled_at = time.monotonic()
            for event in events:
                await stream.ack(event)


def _record(settings: RuntimeSettings, message: "faust.types.Message") -> Record:
    topic = message.topic.removeprefix(settings.topic_prefix)
    return Record(topic, message.partition, message.offset, message.key, message.value)


def _credentials(settings: RuntimeSettings) -> Any:
    """As every client of aiokafka has them, in Faust's words."""
    if not settings.kafka_ca:
        return None
    context = kafka.authority(settings)
    if not settings.kafka_user:
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=settings.kafka_user, password=settings.kafka_password, ssl_context=context, mechanism=kafka.MECHANISM
    )


def _lag(app: faust.App) -> int:
    consumer: Any = app.consumer
    committed = consumer._committed_offset  # noqa: SLF001 - Faust keeps it to itself, and nothing else tells
    return sum(
        max(0, (consumer.highwater(partition) or 0) - (committed.get(partition) or 0)) for partition in consumer.assignment()
    )
