"""What a run is made from, and what becomes of its result."""

from typing import Any, Literal
from uuid import UUID

from services.matching.handlers import again, outbox
from services.matching.store import pairs as published
from services.matching.store import plans, rounds, runs
from services.matching.store.plans import LeftOver, Proposal
from services.matching.store.runs import Run
from shared.runtime.db import Connection
from shared.schemas.pairings import RunFinished

RunState = Literal["solved", "infeasible", "dropped"]
WHY = ("languages", "hobbies", "band", "parts", "km")


async def job(conn: Connection, run: Run) -> dict[str, Any]:
    """The engine's input, in one order whatever the database's: people, rules, history, and for a repair the plan before."""
    people = await (again.people if run.kind == "again" else _people)(conn, run)
    never = await published.never_again(conn, run.round_id, here_too=run.kind == "again")
    met = [[str(row["newcomer"]), str(row["local"])] for row in never]
    former = await _former(conn, run.round_id) if run.kind == "repair" else []
    return {
        "people": [_known(person) for person in people],
        "rules": await _rules(conn, run),
        "wishes": {"met": met, "former": former},
    }


async def _people(conn: Connection, run: Run) -> list[dict[str, Any]]:
    """The roster without the gone."""
    return [
        {**row["attributes"], "id": str(row["person_id"]), "waiting": row["waiting"]}
        for row in await plans.job_people(conn, run.round_id)
    ]


FIELDS = (
    *("id", "role", "lat", "lon", "birth_year", "gender", "wish", "languages", "hobbies"),
    *("max_km", "max_age_gap", "capacity", "party", "group", "waiting"),
)


def _known(person: dict[str, Any]) -> dict[str, Any]:
    return {name: person[name] for name in FIELDS}


async def _rules(conn: Connection, run: Run) -> dict[str, Any]:
    frozen = await rounds.rules(conn, run.round_id)
    return {name: frozen[name] for name in ("year", "min_age", "max_km", "max_age_gap", "quality_floor", "levels", "weights")}


async def _former(conn: Connection, round_id: UUID) -> list[list[str]]:
    """All pairs of the plan so far that still have both members."""
    before = await runs.solved(conn, round_id)
    gone = set(await rounds.gone(conn, round_id))
    pairs = await plans.proposals(conn, before.id) if before else []
    return [[str(one.newcomer), str(one.local)] for one in pairs if not {one.newcomer, one.local} & gone]


async def keep_result(conn: Connection, run: Run, digest: str, result: dict[str, Any] | None, stored: Run | None) -> RunState:
    """Keeps a new result, or the stored one of the same input. A run of a closing that is no longer counts for nothing."""
    round_ = await rounds.locked(conn, run.round_id)
    if round_.closing != run.closing or round_.phase != ("published" if run.kind == "again" else "solving"):
        return "dropped"
    proof = stored.proof if stored else _proof(result or {})
    assert proof is not None
    state: Literal["solved", "infeasible"] = "infeasible" if proof["status"] == "infeasible" else "solved"
    if not await runs.finish(conn, run, state, digest, proof):
        return "dropped"
    if stored:
        await plans.copy_plan(conn, stored.id, run.id)
    else:
        await plans.keep_plan(conn, run.id, *_plan(result or {}))
    await plans.forget_erased(conn, run.id)
    if run.kind == "again":
        await again.ask(conn, round_, run)
    else:
        await rounds.set_phase(conn, run.round_id, "solved")
        await _say_finished(conn, run, proof["status"])
    return state


def _proof(result: dict[str, Any]) -> dict[str, Any]:
    names = ("status", "levels", "seconds", "peak_mb", "seed", "engine", "versions", "rules", "input_digest", "conflicts")
    return {name: result.get(name) for name in names}


def _plan(result: dict[str, Any]) -> tuple[list[Proposal], list[LeftOver]]:
    taken: dict[str, int] = {}
    pairs = []
    for pair in sorted(result["pairs"], key=lambda pair: (pair["local"], pair["newcomer"])):
        slot = taken[pair["local"]] = taken.get(pair["local"], 0) + 1
        why = {name: pair[name] for name in WHY}
        pairs.append(Proposal(UUID(pair["newcomer"]), UUID(pair["local"]), slot, pair["fit"], why))
    left_over = [LeftOver(UUID(one["id"]), one["reason"], _suggestion(one)) for one in result["unmatched"]]
    return pairs, left_over


def _suggestion(one: dict[str, Any]) -> dict[str, Any] | None:
    change = one.get("change")
    if not change:
        return None
    to = change.get("to")
    return {"change": change["change"], "to": None if to is None else str(to), "opens": change["opens"]}


async def _say_finished(conn: Connection, run: Run, status: Literal["optimal", "feasible", "infeasible"]) -> None:
    pairs, left_over = await plans.proposals(conn, run.id), await plans.left_over(conn, run.id)
    gone = await rounds.gone(conn, run.round_id)
    await outbox.append(
        conn,
        RunFinished(
            round=run.round_id,
            closing=run.closing,
            run=run.id,
            status=status,
            pairs=len(pairs),
            unmatched=len(left_over),
            gone=len(gone),
        ),
    )
