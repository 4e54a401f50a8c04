"""What matching does with what registration says of rounds."""

from services.matching.handlers import again
from services.matching.handlers.pairs import give_up_asking
from services.matching.store import following, rounds, runs
from shared.runtime.db import Connection
from shared.schemas.rounds import RosterPage, RoundClosed, RoundEnded, RoundOpened, RoundReopened


async def on_round_opened(conn: Connection, event: RoundOpened) -> None:
    await rounds.locked(conn, event.round)
    await rounds.opened(conn, event.round, event.region, event.slug, event.rules.model_dump(mode="json"))


async def on_round_closed(conn: Connection, event: RoundClosed) -> None:
    """The highest closing wins; a lower one, or the same again, changes nothing."""
    found = await rounds.locked(conn, event.round)
    if event.closing > found.closing and found.phase not in {"published", "ended"}:
        await runs.drop(conn, event.round)
        await rounds.closed(conn, event.round, event.closing, event.count, event.digest)


async def on_round_reopened(conn: Connection, event: RoundReopened) -> None:
    """Whatever was begun for this closing is moot; a higher one may have been heard of already."""
    found = await rounds.locked(conn, event.round)
    if event.closing == found.closing and found.phase in {"closed", "solving", "solved"}:
        await runs.drop(conn, event.round)
        await rounds.set_phase(conn, event.round, "open")


async def on_roster_page(conn: Connection, event: RosterPage) -> None:
    await rounds.keep_page(conn, event.round, event.closing, event.page, event.pages, event.lines)


async def on_round_ended(conn: Connection, event: RoundEnded) -> None:
    """Whoever is asked or looked for still hears that nothing comes of it. Pairs that were introduced may be ended later too."""
    round_ = await rounds.locked(conn, event.round)
    await give_up_asking(conn, round_)
    await again.give_up_searching(conn, round_.id)
    await runs.drop(conn, event.round)
    await rounds.set_phase(conn, event.round, "ended")
    await following.forget_round(conn, event.round)
    await rounds.forget_round(conn, event.round)
