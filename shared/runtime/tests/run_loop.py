"""A process of its own that runs one loop: `relay`, or `consumer` with the tests' handler. For tests that kill it."""

import asyncio
import sys

from shared.runtime import db
from shared.runtime.consumer import consumer
from shared.runtime.relay import relay
from shared.runtime.settings import RuntimeSettings
from shared.runtime.tests.events import listening


async def main(name: str, settings: RuntimeSettings) -> None:
    async with db.open_pool(settings.database_url) as pool:
        await (relay(settings) if name == "relay" else consumer(settings, pool, listening())).run()


def arguments(name: str) -> list[str]:
    return [sys.executable, "-m", "shared.runtime.tests.run_loop", name]


def environment(settings: RuntimeSettings, kill_at: str) -> dict[str, str]:
    return {
        "MYBUDDY_DATABASE_URL": settings.database_url,
        "MYBUDDY_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MYBUDDY_TOPIC_PREFIX": settings.topic_prefix,
        "MYBUDDY_KILL_AT": kill_at,
    }


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], RuntimeSettings()))
