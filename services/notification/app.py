"""All wiring of notification, and only wiring."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from services.notification import api
from services.notification.consumer import SUBSCRIPTION
from services.notification.measuring import queue_gauges
from services.notification.retention import retention
from services.notification.sender.pace import Pace
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender, releasing
from services.notification.sender.smtp import MailServer
from services.notification.settings import Settings
from shared.runtime import db, http
from shared.runtime.audit_reading import audit_retention
from shared.runtime.consumer import consumer
from shared.runtime.loops import Loops
from shared.runtime.measuring import plumbing
from shared.runtime.relay import relay
from shared.runtime.retention import event_retention
from shared.runtime.settings import secrets
from shared.web.pages import Pages

HERE = Path(__file__).parent
ASK_SECONDS = 5.0


def create_app(settings: Settings) -> FastAPI:
    """Builds the service; nothing is opened before the lifespan begins."""
    pages = Pages("notification", HERE)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            # Every sender holds a connection while it sends; the rest is for the pace, consumer, gauges and HTTP.
            pool = await opened.enter_async_context(db.open_pool(settings.database_url, settings.pool_size))
            client = await opened.enter_async_context(httpx.AsyncClient(base_url=settings.registration_url, timeout=ASK_SECONDS))
            registration = Registration(client, secrets(settings.internal_secret_notification)[0])
            pace = Pace(pool, settings.mails_per_minute, settings.mails_per_minute_to_domain)
            sender = Sender(pool, registration, MailServer(settings.smtp_url), pages, pace, settings.mails_per_day)
            app.state.settings, app.state.pool, app.state.registration = settings, pool, registration
            app.state.loops = Loops(
                relay(settings),
                consumer(settings, pool, SUBSCRIPTION),
                plumbing(pool),
                event_retention(pool),
                retention(pool),
                audit_retention(pool, settings.audit_months),
                queue_gauges(pool),
                releasing(pool),
                *(sender.loop(number) for number in range(1, settings.senders + 1)),
            )
            await opened.enter_async_context(app.state.loops.running(app.state.is_migrated, db.DATABASE_AWAY))
            yield

    app = FastAPI(title="myBuddy notification", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    http.install(app, HERE / "migrations")
    app.include_router(api.router)
    return app
