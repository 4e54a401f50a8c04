"""What the builders give, as the files that Grafana reads."""

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana import kafka_and_outbox, round_cockpit, services

FOLDER = Path(__file__).parent / "dashboards"
BUILDERS = (round_cockpit.build, services.build, kafka_and_outbox.build)

Board = dict[str, Any]


def built() -> dict[str, Board]:
    """By their files' names."""
    boards: list[Board] = [json.loads(JSONEncoder().encode(build().build())) for build in BUILDERS]
    return {f"{board['uid']}.json": board for board in boards}


def text(board: Board) -> str:
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    boards = built()
    for name, board in boards.items():
        (folder / name).write_text(text(board), encoding="utf-8")
    for old in folder.glob("*.json"):
        if old.name not in boards:
            old.unlink()


def changed(folder: Path = FOLDER) -> list[str]:
    """Files that are not what the builders give, are missing, or are nobody's."""
    boards = built()
    there = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    return sorted(name for name in {*boards, *there} if name not in boards or there.get(name) != text(boards[name]))
