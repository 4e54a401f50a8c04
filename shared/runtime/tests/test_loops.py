"""A loop waits out what is away, with growing pauses, and shows that it lives; anything else ends it."""

import asyncio
import time
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from shared.runtime import loops
from shared.runtime.loops import STALE_SECONDS, Loop, Loops, every, finished
from shared.runtime.tests.waiting import retrying, running, until


async def _nothing(_: Loop) -> None:
    return


async def test_work_is_tried_again_with_growing_pauses_until_it_is_done() -> None:
    tried: list[float] = []
    errors: list[Exception] = [OSError(), TimeoutError(), OSError()]

    async def work() -> None:
        tried.append(time.monotonic())
        if errors:
            raise errors.pop(0)

    await retrying().until_done(work, (OSError, TimeoutError))
    first, second, third = (later - earlier for earlier, later in pairwise(tried))
    assert 0.1 < first < second < third < 3


async def test_another_error_is_raised_at_once() -> None:
    tried = []

    async def work() -> None:
        tried.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        await retrying().until_done(work, (OSError,))
    assert tried == [1]


async def test_every_does_the_work_again_and_again_also_after_a_failure() -> None:
    tried: list[int] = []

    async def work() -> None:
        tried.append(1)
        if len(tried) == 2:
            raise OSError

    async def four_times() -> bool:
        return len(tried) >= 4

    async with running(every(0.01, "often", work, (OSError,))):
        await until("it was done four times", four_times)


async def test_nothing_is_done_before_it_may_begin_and_meanwhile_all_counts_as_alive() -> None:
    tried: list[int] = []
    asked: list[int] = []

    async def work() -> None:
        tried.append(len(asked))

    async def may_begin() -> bool:
        asked.append(1)
        return len(asked) > 2

    async def was_done() -> bool:
        return bool(tried)

    all_of_them = Loops(every(0.01, "waiting", work, ()))
    async with all_of_them.running(may_begin):
        await until("it was done", was_done)
    assert (min(tried), len(asked), all_of_them.failed) == (3, 3, False)


async def test_what_cannot_be_asked_whether_it_may_begin_is_waited_for_and_said() -> None:
    errors: list[Exception] = [OSError(), OSError()]
    tried: list[int] = []

    async def may_begin() -> bool:
        if errors:
            raise errors.pop(0)
        return True

    async def work() -> None:
        tried.append(1)

    async def was_done() -> bool:
        return bool(tried)

    all_of_them = Loops(every(0.01, "waiting", work, ()))
    with capture_logs() as said:
        async with all_of_them.running(may_begin, (OSError,)):
            await until("it was done", was_done)
    assert [(one["event"], one["loop"], one["error"]) for one in said] == [("waiting", "waiting", "OSError")] * 2
    assert not all_of_them.failed


def test_a_loop_without_a_turn_for_long_counts_as_dead_and_is_named() -> None:
    stuck, lively = retrying(), Loop("lively", _nothing)
    stuck._last_beat -= STALE_SECONDS + 1
    assert Loops(lively, stuck).dead == ["test"]
    stuck.beat()
    assert Loops(lively, stuck).dead == []


@pytest.mark.parametrize(("patience", "ends"), [(5.0, ["begun", "done"]), (0.0, ["begun", "let go"])])
async def test_work_in_hand_is_brought_to_its_end_when_its_loop_is_told_to_stop_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, patience: float, ends: list[str]
) -> None:
    monkeypatch.setattr(loops, "FINISH_SECONDS", patience)
    seen: list[str] = []

    async def so_many(count: int) -> bool:
        return len(seen) == count

    async def work() -> None:
        seen.append("begun")
        try:
            await asyncio.sleep(0.2)
            seen.append("done")
        except asyncio.CancelledError:
            seen.append("let go")
            raise

    task = asyncio.create_task(finished(work()))
    await until("the work has begun", lambda: so_many(1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until("the work has ended", lambda: so_many(2))
    assert seen == ends
