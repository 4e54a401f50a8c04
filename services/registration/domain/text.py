"""What people type: cleaned without changing what it says, or refused."""

import re
import unicodedata

JOINERS = "\u200c\u200d"
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad"))
SPACES = re.compile(r"[ \t\u00a0]+")
DASHES = re.compile("[\u2010-\u2015\u2212]")
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters by name, and nothing to be seen
MOST_MARKS = 4
NOT_IN_NAMES = frozenset({"Cc", "Co", "Cn", "Cs", "Zl", "Zp"})


def clean(typed: str) -> str:
    """NFC, single spaces, none of the invisible signs that phones add. Joiners inside a word are letters' business: they stay."""
    visible = unicodedata.normalize("NFC", typed.translate(INVISIBLE))
    return SPACES.sub(" ", visible).strip(" " + JOINERS)


def western_digits(typed: str) -> str:
    """As ٧١٦٣٨ is typed on an Arabic keyboard, and meant as 71638."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in typed)


def dialled(typed: str) -> str:
    """A number or handle as it is meant: contact apps copy signs along that turn the line, and long dashes."""
    return clean(DASHES.sub("-", "".join(sign for sign in western_digits(typed) if not _turns(sign))))


def one_line(typed: str) -> str:
    """Words for people to read: cleaned, with a space for everything that could turn or break the line they stand in."""
    return clean("".join(" " if unicodedata.category(sign) in NOT_IN_NAMES or _turns(sign) else sign for sign in clean(typed)))


def paragraphs(typed: str) -> str:
    """Words of several lines: each cleaned, with one empty line between two at most, and no towers of marks."""
    lines = [_few_marks(one_line(line)) for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", typed)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _few_marks(line: str) -> str:
    kept: list[str] = []
    for sign in line:
        newest = kept[-MOST_MARKS:]
        if not (_is_mark(sign) and len(newest) == MOST_MARKS and all(map(_is_mark, newest))):
            kept.append(sign)
    return "".join(kept)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in {"Mn", "Me"}


def is_a_name(cleaned: str) -> bool:
    """False for line breaks, control signs, direction overrides, unassigned signs, towers of marks, or nothing to be seen."""
    if any(unicodedata.category(sign) in NOT_IN_NAMES or _turns(sign) for sign in cleaned):
        return False
    marks = "".join("m" if _is_mark(sign) else "." for sign in cleaned)
    return "m" * (MOST_MARKS + 1) not in marks and any(
        unicodedata.category(sign)[0] in "LN" and sign not in FILLERS for sign in cleaned
    )


def _turns(sign: str) -> bool:
    """Invisible, and it changes how the signs around it are shown."""
    return unicodedata.category(sign) == "Cf" and sign not in JOINERS


def folded(typed: str) -> str:
    """For comparing what two forms say: case and spaces do not count."""
    return " ".join(clean(typed).casefold().split())
