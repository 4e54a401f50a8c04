"""People of the file fill in the form that the page shows, and read from the answer what it asks of them."""

from dataclasses import replace

import pytest

from deploy.local.demo.door import Entered
from deploy.local.demo.page import Page
from deploy.local.demo.people import address, typed
from shared.schemas.people_file import Row
from shared.web import samples
from shared.web.tests.reading import Reading

ANNA = Row(
    id="lb001",
    name="Anna Groß-Müller",
    email="anna@example.org",
    role="local",
    language="de",
    postcode="71638",
    place="Ludwigsburg",
    birth_year=1980,
    gender="f",
    wish="same",
    languages=(("de", "native"), ("fa-AF", "little")),
    hobbies=("cooking", "chess"),
    max_km=15,
    max_age_gap=1,
    capacity=2,
    party="",
    group="",
    demo="",
)


def test_the_hidden_fields_choices_and_links_of_a_page_are_found() -> None:
    page = Page(
        '<form><input type="hidden" name="form_token" value="a&amp;b"><input type=hidden name=empty>'
        '<input type="radio" name="place_id" value="one"><input type="radio" name="place_id" value="two" checked>'
        '<input type="radio" name="place_id"><input name="name" value="Anna"><input type="submit" value="Send">'
        '</form><a href="/de/x?a=1&amp;b=2">x</a>'
    )
    assert page.hidden == {"form_token": "a&b", "empty": ""}
    assert page.choices == {"place_id": ["one", "two", ""]}
    assert page.links == ["/de/x?a=1&b=2"]


@pytest.mark.parametrize("html", ["", "no page", "<input", '<input type="hidden" name="a', "<<<>>>", "<a href='x"])
def test_what_is_no_page_holds_nothing(html: str) -> None:
    page = Page(html)
    assert (page.hidden, page.choices) == ({}, {})


def test_the_forms_own_fields_are_found_on_the_page_of_registration() -> None:
    html = samples.registration().render("form.html", "de", **samples.form(places=samples.places("Hemmingen")))
    page = Page(html)
    assert page.hidden["form_token"] == "token"
    assert page.choices["place_id"][:2] == ["hemmingen-71282", "hemmingen-30966"]


def test_a_row_is_typed_into_the_fields_of_the_form() -> None:
    assert typed(ANNA) == {
        "role": ["local"],
        "name": ["Anna Groß-Müller"],
        "email": ["anna@example.org"],
        "place": ["71638"],
        "birth_year": ["1980"],
        "gender": ["f"],
        "wish": ["same"],
        "hobbies": ["cooking", "chess"],
        "capacity": ["2"],
        "party": [""],
        "release_email": ["yes"],
        "consent": ["yes"],
        "max_km": ["15"],
        "max_age_gap": ["1"],
        "language_1": ["de"],
        "level_1": ["native"],
        "language_2": ["fa-AF"],
        "level_2": ["little"],
    }


def test_every_field_that_is_typed_is_one_of_the_form() -> None:
    form = Reading(samples.registration().render("form.html", "de", **samples.form()))
    assert set(typed(ANNA)) <= set(form.values("name"))


def test_what_the_row_leaves_open_is_left_to_the_round_or_made_up() -> None:
    form = typed(replace(ANNA, name="", email="", postcode="", max_km=None, max_age_gap=None, hobbies=()))
    assert (form["name"], form["email"], form["place"]) == (["lb001"], ["lb001@example.org"], ["Ludwigsburg"])
    assert form["hobbies"] == []
    assert not {"max_km", "max_age_gap"} & set(form)


def test_the_form_has_room_for_four_languages() -> None:
    form = typed(replace(ANNA, languages=tuple((tag, "well") for tag in ("de", "en", "fa", "ar", "tr"))))
    assert [form[f"language_{row}"] for row in (1, 2, 3, 4)] == [["de"], ["en"], ["fa"], ["ar"]]
    assert "language_5" not in form


def test_mails_find_their_people_whatever_capitals_were_typed() -> None:
    assert address(replace(ANNA, email="Anna@Example.ORG")) == "anna@example.org"
    assert address(replace(ANNA, email="")) == "lb001@example.org"


def test_whoever_is_turned_back_is_told_why() -> None:
    faults = Page('<li><a href="#f-birth_year">Du musst <b>18</b>\n sein &amp; hier.</a></li>').faults
    assert faults == ["birth_year: Du musst 18 sein & hier."]
    assert Entered(ANNA, 422, tuple(faults)).why == faults[0]
    assert Entered(replace(ANNA, language="fr"), 404).why == "the form does not exist in the language fr"
    assert Entered(ANNA, 503).why == "the form was answered with 503"
