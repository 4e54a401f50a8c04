"""What /proc says about processes: descendants, sessions, start times, memory. Linux only."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One line of the process table."""

    pid: int
    parent: int
    session: int
    state: str


def entries() -> list[Entry]:
    found = (read_entry(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [entry for entry in found if entry is not None]


def read_entry(pid: int) -> Entry | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return Entry(pid, int(fields[1]), int(fields[3]), fields[0])


def descendants(root: int) -> list[int]:
    """Every living process beneath `root`, nearest first; without `root` itself."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in entries():
        if entry.state not in "ZX":
            children[entry.parent].append(entry.pid)
    found: list[int] = []
    level = [root]
    while level:
        level = [child for parent in level for child in children[parent]]
        found += level
    return found


def members(leader: int) -> list[int]:
    """`leader`, all beneath it, and whoever stayed in its session after losing its parent."""
    below = descendants(leader)
    stayed = [e.pid for e in entries() if e.session == leader and e.state not in "ZX" and e.pid not in below]
    return list(dict.fromkeys([leader, *stayed, *below]))


def send(pid: int, number: int) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def signal_all(leader: int, number: int) -> None:
    """Signal the leader and everybody beneath it, looking again for those that were being born meanwhile."""
    done: set[int] = set()
    for _ in range(5):
        fresh = [pid for pid in members(leader) if pid not in done]
        if not fresh:
            return
        for pid in fresh:
            send(pid, number)
        done.update(fresh)


def alive(pid: int) -> bool:
    entry = read_entry(pid)
    return entry is not None and entry.state not in "ZX"


def peak_mb(leader: int) -> float:
    """The highest resident memory so far, summed over the process and those beneath it that still live."""
    return sum(_peak_kb(pid) for pid in members(leader)) / 1024


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1])
