"""Reading all region files of an installation, or naming all their mistakes at once."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.registration.regions.lines import lines
from services.registration.regions.model import Region
from services.registration.regions.sentences import named, of_settings, of_toml
from services.registration.regions.values import Way

MOST_SENTENCES = 20
# What a file says, to the way to each fault and its sentence.
Check = Callable[[dict[str, Any]], Iterable[tuple[Way, str]]]


class RegionFilesError(ValueError):
    """What is wrong, a sentence on each line: file, line and reason."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(sentences)
        more = len(self.sentences) - MOST_SENTENCES
        shown = self.sentences[:MOST_SENTENCES] + ([f"… and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


def read_regions(folder: Path, also: Check = lambda _: ()) -> dict[str, Region]:
    """All regions of an installation by slug. `also`: more that may be wrong with a file. Raises RegionFilesError."""
    regions: dict[str, Region] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            region = _read(path, regions, also)
        except RegionFilesError as error:
            wrong += error.sentences
        else:
            regions[region.slug] = region
    if not regions and not wrong:
        wrong = [f"There is no region file, whose name ends with .toml, in {folder}."]
    if wrong:
        raise RegionFilesError(wrong)
    return regions


def _read(path: Path, others: dict[str, Region], also: Check) -> Region:
    text = _text(path)
    given = _parsed(path, text)
    try:
        region = Region.model_validate(given, context={"folder": path.parent})
    except ValidationError as error:
        raise _error(path, text, list(of_settings(error))) from None
    if region.slug in others:
        raise _error(path, text, [(("slug",), f'another file has "{region.slug}" too')])
    if more := list(also(given)):
        raise _error(path, text, more)
    return region


def _text(path: Path) -> str:
    """What the file says; the mark that some editors put at the beginning does not matter."""
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RegionFilesError([f"{path.name}, line {line}: this cannot be read; save the file as UTF-8"]) from None
    except OSError as error:
        raise RegionFilesError([f"{path.name}: the file cannot be read ({error.strerror})"]) from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, sentence = of_toml(error, text)
        raise RegionFilesError([f"{path.name}, line {line}: {sentence}"]) from None
    except (RecursionError, ValueError):  # brackets without end, a number of thousands of digits, a 13th month
        raise RegionFilesError([f"{path.name}: the file cannot be read as TOML"]) from None


def _error(path: Path, text: str, faults: Iterable[tuple[Way, str]]) -> RegionFilesError:
    stands = lines(text)
    placed = sorted((_line(way, stands), named(way), sentence) for way, sentence in faults)
    return RegionFilesError(f"{path.name}, line {line}: {name}: {sentence}" for line, name, sentence in placed)


def _line(way: Way, stands: dict[Way, int]) -> int:
    """Of what is missing, the line of the block where it should be."""
    while way not in stands:
        way = way[:-1]
    return stands[way]
