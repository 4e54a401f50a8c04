"""Six months after a round nobody of it is left in any service, though nobody did anything."""

from functools import partial

from coordinator.desk import RefusedError
from shared.schemas.people_file import Row
from tests.integration.looking import rows_with
from tests.rounds import SLUG, Round, moment, person, until

FOUR = ["geo", "matching", "notification", "registration"]
LATER = "2022-06-01T12:00+02:00"


KEPT_NOWHERE = (
    *(("notification", "messages"), ("geo", "questions")),
    *(("matching", table) for table in ("pairs", "outcomes", "waiting")),
)


async def _is_empty(round_: Round, service: str, table: str) -> bool:
    return await round_.fetch(service, f"SELECT * FROM {table}") == []


async def forgotten(round_: Round, row: Row) -> bool:
    try:
        return bool(await round_.command("receipts", round_.region, str(round_.person_id(row))) == FOUR)
    except RefusedError:
        return False


async def test_all_services_forget_people_whose_last_round_is_long_over(own_round: Round) -> None:
    rows, silent = [person(0), person(1), person(100, "local"), person(101, "local")], person(2)
    await own_round.signed_up(rows)
    await own_round.sign_up([silent])
    await own_round.close()
    await own_round.solved()
    await own_round.publish()
    await own_round.told()
    await own_round.command("end", "--early", own_round.region, SLUG)

    own_round.installation.move_clock(moment(LATER))
    for row in rows:
        await until(f"four receipts of {row.id}", partial(forgotten, own_round, row), seconds=60)
    everybody = [*rows, silent]
    assert await rows_with(own_round.installation, [own_round.address(row) for row in everybody]) == {}
    assert await own_round.fetch("registration", "SELECT id FROM people") == []
    for service, table in KEPT_NOWHERE:
        await until(f"nothing is left in {table}", partial(_is_empty, own_round, service, table))
    assert (await own_round.command("audit", own_round.region, "--verify"))["lines"] > 0
