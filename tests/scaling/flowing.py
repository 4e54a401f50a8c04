"""People who go on coming as long as a test needs them: confirmed, changed, changed again or gone, each in this order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from deploy.local.installation import Installation
from shared.schemas.participants import Changed, Confirmed, Left
from tests.faults import topics
from tests.faults.people import someone
from tests.faults.topics import Said, told

VERSIONS = 3
PART_SECONDS = 0.2


@dataclass
class Flow:
    """The same events, in the same order, to each installation."""

    installations: Sequence[Installation]
    at_once: int = 20
    round_id: UUID = field(default_factory=uuid4)
    said: list[Said] = field(default_factory=list)
    _people: int = 0

    async def say(self, people: int) -> None:
        """All that so many new people have to say, one version after the other."""
        events = [event(someone(self.round_id, self._people + n), version) for version in (1, 2, 3) for n in range(people)]
        self._people += people
        self.said += events
        await asyncio.gather(*(topics.say(one, events) for one in self.installations))

    async def go_on(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.say(self.at_once)
            await asyncio.sleep(PART_SECONDS)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """What was begun to be said is said to its end."""
        over = asyncio.Event()
        task = asyncio.create_task(self.go_on(over))
        try:
            yield
        finally:
            over.set()
            await task


def event(about: dict[str, Any], version: int) -> Said:
    """Some live for a while where nobody knows a place, and some leave."""
    chance = about["person"].int
    about |= {"version": version, "postcode": "00001" if (chance + version) % 5 == 0 else about["postcode"]}
    if version == VERSIONS and chance % 7 == 0:
        return told(Left(person=about["person"], version=version, round=about["round"]), "registration")
    return told(Confirmed(**about) if version == 1 else Changed(**about), "registration")
