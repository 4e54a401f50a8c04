"""What somebody at the office looks at before an entry counts: names that are none, people under age, the same person twice,
and whoever was reported for safety's sake.
"""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["name", "under_age", "duplicate", "reported"]
Decision = Literal["accepted", "refused"]

# A kind of doubt, and the facts it is about: when one of them changes, what was decided before counts no more.
FACTS: dict[Kind, tuple[str, ...]] = {
    "name": ("name",),
    "under_age": ("birth_year",),
    "duplicate": ("role", "name", "birth_year", "email"),
    "reported": (),
}
INSULTS = Path(__file__).with_name("insults.txt")
# A surname may stand right behind a title ("Dr.Meier"): a host is known by its ending only.
_ENDINGS = "app biz cc click com de eu example gg gl info io ir link ly me net online org ru shop site space top tr tv ua uk xyz"
_LINK = re.compile(
    rf"\w@\w|://|\bwww\.|\b[\w-]{{2,}}\.({'|'.join(_ENDINGS.split())})\b|\w\.\w+/",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d[ ()/.+-]{0,2}){6}")
# One letter may differ, in words that are not short: Hasan and Hassan, but not Ali and Ala.
_LIKE = 0.85
# Numbers, and the scripts that leave out vowels: there one letter more is another name (Muhammad, Mahmud).
_EXACT = re.compile(r"[\d\u0590-\u08ff]")
_LETTERS = str.maketrans("ıłøđيىك", "ilodییک", "\u0640\u200c\u200d")


def is_doubtful_name(name: str) -> bool:
    """Looks like a link, an address or a telephone number, or holds a clear insult."""
    return bool(_LINK.search(name) or _NUMBER.search(name)) or _is_insult(name)


def is_same(name: str, other: str) -> bool:
    """Perhaps one person wrote both: the same words in any order, spelled alike. A number tells people apart."""
    one, two = sorted(words(name)), sorted(words(other))
    return len(one) == len(two) and all(map(_is_alike, one, two))


def words(name: str) -> list[str]:
    """Without capitals, accents, vowel signs and joiners; letters that one word is written with in two ways are one."""
    spelled = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return re.findall(r"\w+", "".join(sign for sign in spelled if not unicodedata.combining(sign)))


def _is_alike(one: str, two: str) -> bool:
    if one == two:
        return True
    if _EXACT.search(one + two):
        return False
    same = sum(block.size for block in SequenceMatcher(None, one, two).get_matching_blocks())
    return max(len(one), len(two)) - same <= 1 and 2 * same / len(one + two) >= _LIKE


def _is_insult(name: str) -> bool:
    said = f" {' '.join(words(name))} "
    return any(f" {insult} " in said for insult in _insults())


@cache
def _insults() -> frozenset[str]:
    lines = (line.partition("#")[0] for line in INSULTS.read_text(encoding="utf-8").splitlines())
    return frozenset(" ".join(words(line)) for line in lines if line.strip())
