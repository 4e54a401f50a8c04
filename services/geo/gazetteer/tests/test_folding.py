"""One spelling for what people type and what places are called."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.geo.gazetteer.folding import MAX_TYPED, fold, stem


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("GROSSBOTTWAR", "Großbottwar"),
        ("Grosbottwar".replace("s", "ss"), "Großbottwar"),
        ("Moeglingen", "Möglingen"),
        ("moglingen", "Möglingen"),
        ("Mo\u0308glingen", "Möglingen"),
        ("  Bietigheim - Bissingen ", "Bietigheim-Bissingen"),
        ("Bietigheim/Bissingen", "Bietigheim-Bissingen"),
        ("marbach a.N.", "Marbach am Neckar"),
        ("Marbach a. N.", "Marbach am Neckar"),
        ("Marbach a. Neckar", "Marbach am Neckar"),
        ("Steinheim a.d. Murr", "Steinheim an der Murr"),
        ("Neustadt a. Rbge.", "Neustadt am Rübenberge"),
        ("Neustadt a. Rübenberge", "Neustadt am Rübenberge"),
        ("St. Leon-Rot", "Sankt Leon-Rot"),
        ("HANNOVER", "Hannover"),
        ("LUDWİGSBURG", "Ludwigsburg"),
        ("هانوفر\u200e", "هانوفر"),
        ("هـانوفر", "هانوفر"),
        ("کورن\u200cوستهایم", "کورنوستهایم"),
        ("كورن", "کورن"),
        ("Людвигсбург", "Людвігсбург"),
        ("٧١٢٨٢", "71282"),
        ("７１２８２", "71282"),
    ],
)
def test_what_is_the_same(typed: str, name: str) -> None:
    assert fold(typed) == fold(name) != ""


@pytest.mark.parametrize(
    "typed", ["Marbach", "Marbach am Neckar", "Marbach a.N.", "Marbach/Neckar", "Marbach (Neckar)", "Marbach (Württ.)"]
)
def test_the_stem_leaves_out_what_tells_it_apart(typed: str) -> None:
    assert stem(typed) == "marbach"


@pytest.mark.parametrize("typed", ["", " ", "\0", "\ud800", "!?", "\u200f"])
def test_nothing_to_compare(typed: str) -> None:
    assert fold(typed) == ""
    assert stem(typed) == ""


@given(st.text(st.characters(blacklist_categories=[])))
def test_only_letters_digits_and_single_spaces(text: str) -> None:
    for folded in (fold(text), stem(text)):
        assert len(folded) <= MAX_TYPED
        assert folded == " ".join(folded.split())
        assert all(one == " " or unicodedata.category(one)[0] == "L" or one in "0123456789" for one in folded)
