"""`python -m shared.schemas.docs`: draws the topics into docs/design.md; `--check` says whether that is up to date."""

import argparse
import sys
from pathlib import Path

from shared.schemas.topics import TOPICS, Topic

FILE = Path(__file__).parents[2] / "docs" / "design.md"
BEGIN = "<!-- topics:begin -->"
END = "<!-- topics:end -->"
EMPTY = f"# Design\n\n{BEGIN}\n{END}\n"


def table() -> str:
    """One row per topic; the partition key in brackets."""
    rows = ["| topic (key) | producers → consumers | partitions | carries | events |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*rows, *(_row(topic) for topic in TOPICS)])


def _row(topic: Topic) -> str:
    keys = ", ".join(dict.fromkeys(event.KEY for event in topic.events))
    way = f"{', '.join(topic.producers)} → {', '.join(topic.consumers)}"
    carried = ", ".join(f"`{event.TYPE}`" for event in topic.events)
    return f"| `{topic.name}` ({keys}) | {way} | {topic.partitions} | {topic.carries} | {carried} |"


def picture() -> str:
    """An arrow from each producer over the topic to each consumer."""
    arrows = [f"  {producer} --> {_box(topic)}" for topic in TOPICS for producer in topic.producers]
    arrows += [f"  {_box(topic)} --> {consumer}" for topic in TOPICS for consumer in topic.consumers]
    return "\n".join(["```mermaid", "flowchart LR", *arrows, "```"])


def _box(topic: Topic) -> str:
    return f"topic-{topic.name}([{topic.name}])"


def drawn(text: str) -> str:
    """The page with what stands between the markers replaced. Raises ValueError where it has not both, in order."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers are missing: {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table()}\n\n{picture()}\n\n{END}{after}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not up to date")
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args(arguments)
    text = given.file.read_text() if given.file.exists() else EMPTY
    try:
        wanted = drawn(text)
    except ValueError as error:
        sys.exit(f"{given.file}: {error}")
    if not given.check:
        given.file.parent.mkdir(parents=True, exist_ok=True)
        given.file.write_text(wanted)
    elif not given.file.exists() or wanted != text:
        sys.exit(f"{given.file} is not up to date: run python -m shared.schemas.docs")


if __name__ == "__main__":
    main()
