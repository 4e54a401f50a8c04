"""Which language a reader gets, and how languages are called and sorted."""

import pytest

from shared.web.languages import LANGUAGES, SPOKEN, SPOKEN_COMMON, SPOKEN_OTHERS, alphabetical, cldr_name, negotiate

NOW = tuple(LANGUAGES)
LATER = (*NOW, "fa-AF", "ckb", "ku", "ps")


@pytest.mark.parametrize(
    ("cookie", "header", "offered", "expected"),
    [
        ("ar", "uk", NOW, "ar"),
        ("xx", "uk", NOW, "uk"),
        (None, None, NOW, "de"),
        (None, "", NOW, "de"),
        (None, "*", NOW, "de"),
        (None, "en-US,en;q=0.9", NOW, "en"),
        (None, "de-AT", NOW, "de"),
        (None, "xx,uk-UA;q=0.5,ar;q=0.9", NOW, "ar"),
        (None, "ar;q=0,tr", NOW, "tr"),
        (None, "ary", NOW, "ar"),
        (None, "arz,de;q=0.1", NOW, "ar"),
        (None, "ar-SY", NOW, "ar"),
        (None, "prs", NOW, "fa"),
        (None, "fa-AF", NOW, "fa"),
        (None, "prs", LATER, "fa-AF"),
        (None, "fa-AF", LATER, "fa-AF"),
        (None, "fa-IR", LATER, "fa"),
        (None, "ku-Arab", LATER, "ckb"),
        (None, "ckb-IQ", LATER, "ckb"),
        (None, "kmr", LATER, "ku"),
        (None, "ku-TR,de;q=0.2", LATER, "ku"),
        (None, "so", NOW, "de"),
        (None, "ru", NOW, "de"),
        (None, "!!,;;q=,a\x00b,en;q=2,tr;q=0.3", NOW, "tr"),
        (None, "en," * 100_000, NOW, "en"),
    ],
)
def test_the_reader_gets_the_closest_offered_language(
    cookie: str | None, header: str | None, offered: tuple[str, ...], expected: str
) -> None:
    assert negotiate(cookie, header, offered, "de") == expected


def test_there_are_about_sixty_spoken_languages_each_once_and_all_page_languages_among_them() -> None:
    assert len(SPOKEN) == len(set(SPOKEN))
    assert 55 <= len(SPOKEN) <= 80
    assert set(LANGUAGES) <= set(SPOKEN_COMMON)


@pytest.mark.parametrize("reader", NOW)
def test_every_spoken_language_has_a_name_in_every_language(reader: str) -> None:
    names = [cldr_name(code, reader) for code in SPOKEN]
    assert not set(names) & set(SPOKEN)
    assert len(set(names)) == len(names)


def test_dari_is_not_called_persian() -> None:
    assert cldr_name("fa-AF", "de") == "Dari"
    assert cldr_name("fa-AF", "fa") == "دری"


def test_a_language_that_cldr_does_not_know_keeps_its_code() -> None:
    assert cldr_name("xyz", "de") == "xyz"


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("fa", ["آلمانی", "پشتو", "ترکی", "چکی", "روسی", "فارسی", "کردی", "گرجی", "یونانی"]),
        ("tr", ["Çekçe", "Çince", "Fince", "Ibo", "İbranice", "Şona", "Tayca"]),
        ("uk", ["в", "ґ", "є", "з", "і", "ї", "й", "я"]),
        ("de", ["Albanisch", "bosnisch", "Zulu"]),
    ],
)
def test_words_are_sorted_as_the_readers_alphabet_does(reader: str, words: list[str]) -> None:
    assert sorted(words, key=lambda word: alphabetical(word, reader)) == words


def test_others_are_not_common() -> None:
    assert not set(SPOKEN_COMMON) & set(SPOKEN_OTHERS)
