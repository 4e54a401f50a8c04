"""The audit of a region, listed or proved: is each line still as it was written?"""

import json
from collections.abc import Iterator
from typing import Any

from coordinator.desk import Desk, RefusedError
from shared.runtime.audit import BEGINNING, Line, first_fault

KEPT_BY = ("registration", "geo", "matching", "notification")
"""Each service has a chain of its own: geo's is of open questions, matching's of plans and pairs, notification's of messages
that did not arrive.
"""


def listed(desk: Desk, service: str, region: str) -> str:
    """All lines, one JSON object a line, the oldest first."""
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in _lines(desk, service, region))


def verified(desk: Desk, service: str, region: str, noted: str | None) -> dict[str, Any]:
    """How far the chain reaches, and the newest hash, to be noted outside. Raises RefusedError naming what does not fit.

    `noted`: a hash from an earlier time. Who cuts off the newest lines, or makes the whole chain anew, cannot keep it.
    """
    lines = list(_lines(desk, service, region))
    fault = first_fault(lines)
    if fault is not None:
        raise RefusedError(f"The audit of {region} was changed: line {fault.get('id')} of {fault.get('at')} does not fit.")
    if noted and noted not in {line["hash"] for line in lines}:
        raise RefusedError(f"The audit of {region} has no line with the hash {noted}: lines are missing, or all was made anew.")
    if not lines:
        return {"lines": 0, "hash": BEGINNING}
    return {"lines": len(lines), "from": lines[0]["at"], "to": lines[-1]["at"], "hash": lines[-1]["hash"]}


def _lines(desk: Desk, service: str, region: str) -> Iterator[Line]:
    """Page by page, until one holds nothing but the line that the reading before has left."""
    page = desk.audit(service, region, 0)
    while page:
        yield from page
        page = desk.audit(service, region, page[-1]["id"]) if len(page) > 1 else []
