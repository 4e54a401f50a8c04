"""Which names somebody should look at, and when two entries may be of one human."""

import pytest

from services.registration.domain.doubts import is_doubtful_name, is_same, words
from services.registration.tests.made import REAL_NAMES

DOUBTFUL = (
    *(
        "evil.example/login",
        "https://evil.example",
        "www.buddy.de",
        "Geld-sofort.com",
        "t.me/geld",
        "bit.ly/x",
        "anna@example.org",
    ),
    *("Anna <a@example.org>", "0171 1234567", "+49 (171) 123-4567", "Anna 01711234567", "٠١٧١٢٣٤٥٦٧"),
    *("Arschloch", "Du ARSCHLOCH", "Hurensöhne", "fick dich", "Fick  dich!", "fuck you", "Orospu Çocuğu"),
    *("şerefsiz", "SIKTIR", "شَرموطة", "كس امك", "کس‌کش", "koskesh", "сука", "Сука Блядь", "хуйло", "blyat", "Heil Hitler"),
)
NAMES = (
    *REAL_NAMES,
    *("Dick Johnson", "Fanny Hensel", "Immanuel Kant", "Wanja Mues", "Adolf Fick", "Ludwig von Ficker", "Johnny Depp"),
    *("Peter Penner", "Hans Wanker", "James Gandon", "Charles Pic", "Nazi Kviria", "Anne Huré", "Isis", "Kunt Yılmaz"),
    *("Scunthorpe", "Nutter", "Nuttall", "Shitov", "Ernst Neger", "Adolf", "Cristina Sukalo", "Сукачов", "Хуан", "Курвиль"),
    *("Dr.Meier", "J.R. Tolkien", "St.John Smith", "Anna-Lena", "Anna/Ben", "O'Neill", "Ali 1990", "Anna 2", "Ben (Benjamin)"),
    *("Kir Royal", "كلب", "سارا", "Idris", "Assholt", "Amke", "Mohammed V.", "Ha Ly", "Sue Me"),
)
SAME = (
    ("Anna Müller", "anna  MÜLLER"),
    ("Anna Müller", "Müller, Anna"),
    ("Anna Müller", "Anna Muller"),
    ("Anna Müller", "Anna Mueller"),
    ("Mohammed Hassan", "Mohamed Hasan"),
    ("Sarah", "Sara"),
    ("Şükrü İpek", "Sukru Ipek"),
    ("محمد علي", "محمد علی"),
    ("Олена", "олена"),
)
OTHERS = (
    ("Anna Müller", "Anne Müller"),
    ("Anna Müller", "Anna Maier"),
    ("Anna Müller", "Anna"),
    ("Ali", "Ala"),
    ("Alexandros Papadopoulos", "Alexandra Papadopoulou"),
    ("Person 1", "Person 2"),
    ("Person Number10001", "Person Number10002"),
    ("محمد علي", "محمود علي"),
    ("", "Anna"),
)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_link_a_number_or_a_clear_insult_is_looked_at(name: str) -> None:
    assert is_doubtful_name(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_people_are_called_is_in_no_doubt(name: str) -> None:
    assert not is_doubtful_name(name)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert is_same(one, other)
    assert is_same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_names_are_two(one: str, other: str) -> None:
    assert not is_same(one, other)
    assert not is_same(other, one)


def test_words_are_compared_without_what_people_leave_out() -> None:
    assert words("Änne  GROSS-müller") == words("Anne Groß Müller") == ["anne", "gross", "muller"]
