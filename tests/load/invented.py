"""One round to measure with: its files for the command, and the same pairs for whoever needs them written down."""

import json
import random
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from pathlib import Path

from services.matching.engine.build import build
from services.matching.engine.files import people_job
from services.matching.engine.instance import Instance
from services.matching.engine.people_csv import read, rules
from services.matching.engine.roster import roster
from tests.load import pairs
from tests.load.population import YEAR, population, write
from tests.load.wishes import add_to_people, wishes

RULES = f"year = {YEAR}\nmax_km = 40\nquality_floor = 400\n"
SEED = 1
# What a peer reads, and how many bytes it holds about for each acceptable pair, as measured with 16,000 of them.
FILES: dict[str, tuple[str, Callable[[Path, Instance], None]]] = {
    "dense": ("matrix.npy", pairs.write_matrix),
    "sparse": ("rows.npz", pairs.write_sparse),
    "cp-sat": ("model.npz", pairs.write_model),
    "highs": ("model.npz", pairs.write_model),
}
BYTES_EACH = {"sparse": 40, "cp-sat": 10_000, "highs": 1_500}


@dataclass(frozen=True)
class Invented:
    """`kind` of `tests.load.population`; `sided`: with the wishes of `tests.load.wishes`, `one_home`: a party in one home."""

    kind: str
    newcomers: int
    locals: int
    sided: bool
    one_home: bool
    folder: Path

    def write(self) -> None:
        people = population(self.kind, self.newcomers, self.locals, SEED)
        draw = random.Random(SEED)
        (self.folder / "rules.toml").write_text(RULES, encoding="utf-8")
        if self.sided:
            add_to_people(people, draw, one_home=self.one_home)
        write(self.folder / "people.csv", people)
        if self.sided:
            everybody = read(self.folder / "people.csv", complain)
            known = roster(everybody, rules(self.folder / "rules.toml"))
            (self.folder / "wishes.json").write_text(json.dumps(wishes(people, known, draw)), encoding="utf-8")

    @property
    def command(self) -> list[str]:
        """As a user would call it."""
        files = [str(self.folder / "people.csv"), "--rules", str(self.folder / "rules.toml")]
        wished = ["--wishes", str(self.folder / "wishes.json")] if self.sided else []
        return [sys.executable, "-m", "services.matching.engine", "people", *files, *wished, "--out", str(self.result)]

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    @cached_property
    def instance(self) -> Instance:
        wished = self.folder / "wishes.json" if self.sided else None
        asked = Namespace(people=self.folder / "people.csv", rules=self.folder / "rules.toml", wishes=wished, year=None)
        job = people_job(asked, complain)
        return build(job.people, job.rules, job.wishes, cpu_count() or 1)

    @cached_property
    def acceptable(self) -> int:
        """Pairs."""
        return pairs.count(self.instance)

    def needs_bytes(self, peer: str) -> int:
        """What a peer holds about; the matrix alone is 8 bytes for each two people."""
        return 8 * self.newcomers * self.locals if peer == "dense" else BYTES_EACH[peer] * self.acceptable

    def file_for(self, peer: str) -> Path:
        """What the peer reads, written when first asked for."""
        name, write_it = FILES[peer]
        if not (self.folder / name).exists():
            write_it(self.folder / name, self.instance)
        return self.folder / name


def complain(line: str) -> None:
    raise ValueError(line)
