"""`python -m shared.schemas.freeze`: writes the JSON Schema of every event to released/, where it stays readable for ever.

A change that an older or a newer release could not read is refused; `--check` writes nothing.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.schemas.envelope import Envelope, Event
from shared.schemas.topics import TOPICS

Schema = dict[str, Any]

HERE = Path(__file__).parent
RELEASED, EXAMPLES = HERE / "released", HERE / "examples"
ENVELOPE = "Envelope"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def events() -> dict[str, type[Event]]:
    """Every event that is on a topic, by its type."""
    return {event.TYPE: event for topic in TOPICS for event in topic.events}


def schemas() -> dict[str, Schema]:
    """What today's code says: one schema per event, and the envelope's."""
    return {ENVELOPE: _of_model(Envelope, ENVELOPE)} | {name: _of_event(event) for name, event in sorted(events().items())}


def released(folder: Path = RELEASED) -> dict[str, Schema]:
    """What was promised."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def refusals(old: dict[str, Schema], new: dict[str, Schema]) -> list[str]:
    """A sentence for each way in which what was promised is broken."""
    gone = [f"{name} is gone: whoever reads what is still on the topic needs it" for name in old if name not in new]
    changed = [sentence for name in old if name in new for sentence in breaking_changes(old[name], new[name])]
    return gone + changed


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Everything but added optional fields, in words that name the event and the field."""
    return [f"{old['title']}: {difference}" for difference in (*_identity(old, new), *_of_object(old, new, ""))]


def _identity(old: Schema, new: Schema) -> Iterator[str]:
    if old["title"] != new["title"]:
        yield f"its type is now {new['title']}"
    if old.get("x-key") != new.get("x-key"):
        yield f"its key was {old.get('x-key')} and is now {new.get('x-key')}: what must stay in order would not"
    topics = new.get("x-topics", {})
    for topic, partitions in old.get("x-topics", {}).items():
        if topic not in topics:
            yield f"it is no longer on the topic {topic}"
        elif topics[topic] != partitions:
            yield f"its topic {topic} had {partitions} partitions and now has {topics[topic]}: keys would move"


def _of_object(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, now = old.get("properties", {}), new.get("properties", {})
    for name in sorted({*before, *now}):
        field, needed = f"{path}{name}", name in new.get("required", [])
        if name not in now:
            yield f"the field {field} is gone"
        elif name not in before and needed:
            yield f"the new field {field} is required: only optional ones may be added"
        elif name in before:
            if needed != (name in old.get("required", [])):
                yield f"the field {field} {'became required' if needed else 'is no longer required'}"
            yield from _of_value(before[name], now[name], field)


def _of_value(old: Schema, new: Schema, field: str) -> Iterator[str]:
    if "properties" in old and "properties" in new:
        yield from _of_object(old, new, f"{field}.")
    for keyword in sorted({*old, *new} - {"properties", "required"}):
        before, now = old.get(keyword), new.get(keyword)
        if isinstance(before, dict) and isinstance(now, dict):
            yield from _of_value(before, now, f"{field}[]" if keyword == "items" else f"{field} ({keyword})")
        elif keyword == "anyOf" and before and now and len(before) == len(now):
            for one, other in zip(before, now, strict=True):
                yield from _of_value(one, other, field)
        elif before != now:
            yield f"the field {field} changed: {keyword} was {_shown(before)} and is now {_shown(now)}"


def _shown(value: Any) -> str:
    return "absent" if value is None else json.dumps(value)


def _of_event(event: type[Event]) -> Schema:
    topics = {topic.name: topic.partitions for topic in TOPICS if event in topic.events}
    return _of_model(event, event.TYPE) | {"x-key": event.KEY, "x-topics": topics}


def _of_model(model: type[BaseModel], title: str) -> Schema:
    whole = model.model_json_schema()
    plain: Schema = _inline(whole, whole.get("$defs", {}))
    return {"$schema": DIALECT} | plain | {"title": title}


def _inline(node: Any, definitions: Schema) -> Any:
    """References replaced by what they name; titles and descriptions promise nothing and go."""
    if isinstance(node, list):
        return [_inline(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rpartition("/")[2]] | {k: v for k, v in node.items() if k != "$ref"}, definitions)
    kept = {name: _inline(part, definitions) for name, part in node.items() if name not in {"$defs", "title", "description"}}
    if "properties" in node:  # a field may well be called title
        kept["properties"] = {name: _inline(part, definitions) for name, part in node["properties"].items()}
    return kept


def write(folder: Path = RELEASED) -> None:
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(_text(schema))


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def without_example() -> list[str]:
    """Examples are written by hand, so that no later release can write them anew."""
    return [name for name in events() if not (EXAMPLES / f"{name}.json").exists()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is not frozen yet")
    given = parser.parse_args()
    told = refusals(released(), schemas())
    if told:
        sys.exit("\n".join([*told, "Give it a new version; if it was never released, delete its file in released/."]))
    if not given.check:
        write()
    elif released() != schemas():
        sys.exit("Not frozen: run python -m shared.schemas.freeze")
    if missing := without_example():
        sys.exit(f"Write one by hand, every field filled, to shared/schemas/examples: {', '.join(missing)}")


if __name__ == "__main__":
    main()
