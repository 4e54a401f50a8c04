"""Translations are complete and safe, and the check that says so finds what is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from markupsafe import Markup

from shared.web import check, sample_mails, samples
from shared.web.catalogues import Catalogue, Catalogues, Entry, MissingKeyError, fill, fill_html, po_path, read
from shared.web.languages import LANGUAGES

REGISTRATION_PO = "services/registration/locale/{}/LC_MESSAGES/registration.po"
FIRST = '# machine\nmsgid "ask.back"\n'


def test_the_translations_of_this_tree_are_in_order() -> None:
    assert check.problems() == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", check.folders())
def test_every_plural_header_is_the_one_of_cldr(domain: str, language: str) -> None:
    catalog = read(po_path(check.folders()[domain], language, domain))
    count, formula = check.plural_of(language)
    assert (catalog.num_plurals, catalog.plural_expr.strip("()")) == (count, formula)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything the check reads."""
    for folder in check.folders().values():
        target = tmp_path / folder.relative_to(check.ROOT)
        for part in ("locale", "templates"):
            shutil.copytree(folder / part, target / part)
    for code in (check.ROOT / "shared" / "web").glob("*.py"):
        shutil.copy(code, tmp_path / "shared" / "web")
    return tmp_path


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def added(key: str, said: str) -> str:
    return f'\n# machine\nmsgid "{key}"\nmsgstr "{said}"\n'


@pytest.mark.parametrize(
    ("language", "change", "expected"),
    [
        ("tr", lambda text: text.replace(FIRST, FIRST.replace("ask.back", "ask.bakc")), "tr: ask.back: missing"),
        ("tr", lambda text: text.replace(FIRST, FIRST.replace("ask.back", "ask.bakc")), "tr: ask.bakc: not in de"),
        ("uk", lambda text: text.replace('msgstr "Ні, назад"', 'msgstr ""'), "uk: ask.back: empty"),
        ("ar", lambda text: text.replace(FIRST, "#, fuzzy\n" + FIRST), "ar: ask.back: fuzzy"),
        ("en", lambda text: text.replace(FIRST, FIRST.replace("# machine\n", "")), "en: ask.back: no provenance"),
        ("en", lambda text: text.replace(FIRST, "# human\n" + FIRST), "en: ask.back: no provenance"),
        ("fa", lambda text: text.replace("سلام {name}", "سلام {nam}"), "fa: me.hello: placeholders ['nam']"),
        ("fa", lambda text: text.replace("سلام {name}", "سلام"), "fa: me.hello: placeholders []"),
        ("en", lambda text: text.replace("Hello {name}", "Hello {name} {0.x}"), "en: me.hello: a brace outside"),
        ("ar", lambda text: text.replace("\u2068name@", "\u202ename@"), "ar: error.email_invalid: a bidi control"),
        ("ar", lambda text: text.replace("example.org\u2069", "example.org"), "ar: error.email_invalid: a bidi control"),
        ("uk", lambda text: text.replace("nplurals=3", "nplurals=4"), "uk: plural header is not nplurals=3"),
        ("tr", lambda text: text.replace("Language: tr", "Language: de"), "tr: header says language de"),
        ("de", lambda text: text + '\n# machine\nmsgid "base.skip"\nmsgstr "x"\n', "registration: base.skip: also in shared"),
        ("de", lambda text: text + '\n# machine\nmsgid "never.said"\nmsgstr "x"\n', "registration: never.said: unused"),
        ("de_formal", lambda text: text + added("never.said", "x"), "de-formal: never.said: not in de"),
        ("de_formal", lambda text: text + added("ask.back", "Nein, zurück"), "de-formal: ask.back: the same as in de"),
        ("de_formal", lambda text: text + added("gap.years", "x"), "de-formal: gap.years: 1 forms"),
        ("de_formal", lambda text: text.replace("heißen möchten", "du heißt"), "de-formal: error.name_missing: not formal: du"),
        (
            "de_formal",
            lambda text: text.replace("Wählen Sie 1", "wähle 1"),
            "de-formal: error.capacity_invalid: not formal: wähle",
        ),
        (
            "de_formal",
            lambda text: text.replace("{max} Zeichen", "40 Zeichen"),
            "de-formal: error.name_too_long: placeholders []",
        ),
        ("de_formal", lambda text: text.replace("# machine\n", "", 1), "de-formal: form.title: no provenance"),
        ("de_formal", lambda text: text.replace("Language: de", "Language: tr"), "de-formal: header says language tr"),
        ("de", lambda text: text.replace("Nein, zurück", "Geh zurück"), "de-formal: ask.back: not formal: Geh"),
        ("de", lambda text: text.replace("Nein, zurück", "Deine Angaben"), "de-formal: ask.back: not formal: Deine"),
    ],
)
def test_the_check_names_what_is_wrong(tree: Path, language: str, change: Callable[[str], str], expected: str) -> None:
    edit(tree / REGISTRATION_PO.format(language), change)
    assert any(expected in problem for problem in check.problems(tree))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{{ _("sent.nowhere") }}', "no text sent.nowhere"),
        ('{{ _("nowhere." ~ x) }}', "nothing is called nowhere.*"),
        ('{{ ngettext("sent.title", 2) }}', "sent.title is no plural"),
        ('{{ _("gap.years") }}', "gap.years is a plural"),
    ],
)
def test_the_check_reads_templates(tree: Path, said: str, expected: str) -> None:
    edit(tree / "services/registration/templates/sent.html", lambda text: text + said)
    assert any(expected in problem for problem in check.problems(tree))


def test_the_check_reads_code(tree: Path) -> None:
    (tree / "services/registration/subjects.py").write_text(
        'pages.text("de", "mail.nowhere")\npages.text("de", f"nowhere.{x}")\n'
    )
    found = "\n".join(check.problems(tree))
    assert "registration/subjects.py:1: no text mail.nowhere" in found
    assert "registration/subjects.py:2: nothing is called nowhere.*" in found


@pytest.mark.parametrize(("folder", "name"), [("fa", "fa"), ("de_formal", "de-formal")])
def test_a_missing_catalogue_is_named(tree: Path, folder: str, name: str) -> None:
    (tree / REGISTRATION_PO.format(folder)).unlink()
    assert f"registration: no catalogue for {name}" in check.problems(tree)


def catalogues(*, strict: bool) -> Catalogues:
    german = Catalogue("de", {"both": Entry(("beide",), "human"), "half": Entry(("halb",), "human")}, lambda n: n != 1)
    english = Catalogue("en", {"both": Entry(("both",), "machine")}, lambda n: n != 1)
    return Catalogues({"de": german, "en": english}, strict=strict)


def test_a_missing_text_raises_where_we_are_strict() -> None:
    with pytest.raises(MissingKeyError):
        catalogues(strict=True).message("en", "half")


def test_a_missing_text_is_said_in_german_and_logged_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogues(strict=False).message("en", "half") == "halb"
    assert catalogues(strict=False).message("en", "none") == "none"
    logged = capsys.readouterr().out
    assert "missing translation" in logged
    assert "half" in logged


def test_values_are_never_interpreted() -> None:
    for value in ("{other}", "{0.__class__}", "%s%n", "{{7*7}}", "\\1"):
        assert fill("{name}!", {"name": value, "other": "no"}) == f"{value}!"
    assert fill("100 % {name} {Name} {0}", {"name": 1}) == "100 % 1 {Name} {0}"


def test_html_escapes_text_and_values_but_not_markup() -> None:
    assert fill_html("<b> {name}", {"name": "<i>"}) == "&lt;b&gt; &lt;i&gt;"
    assert fill_html("{name}", {"name": Markup("<bdi>x</bdi>")}) == "<bdi>x</bdi>"


@pytest.mark.parametrize(
    ("language", "n", "expected"),
    [
        ("ar", 0, "لا رفيق"),
        ("ar", 1, "رفيق واحد"),
        ("ar", 2, "رفيقان"),
        ("ar", 3, "3 رفاق"),
        ("ar", 11, "11 رفيقًا"),
        ("ar", 100, "100 رفيق"),
        ("uk", 1, "1 бадді"),
        ("de", 1, "1 Buddy"),
        ("de", 3, "3 Buddys"),
    ],
)
def test_numbers_take_the_form_of_the_language(language: str, n: int, expected: str) -> None:
    page = samples.registration().render("me.html", language, **samples.mine(person=samples.person("Anna", capacity=n)))
    assert f"<dd>{expected}</dd>" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language: str) -> None:
    texts = samples.registration()
    for code, params in samples.ERROR_CODES.items():
        assert texts.text(language, f"error.{code}", **params)
    words = sample_mails.notification()
    for reason in sample_mails.REASONS[:-1]:
        assert words.text(language, f"reason.{reason}")
