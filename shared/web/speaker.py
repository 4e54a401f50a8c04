"""The functions a template speaks with: one language, and either HTML or plain text."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from markupsafe import Markup

from shared.web.catalogues import SOURCE, Address, Catalogues, catalogue_of, fill, fill_html
from shared.web.hobbies import PICTURES
from shared.web.languages import LANGUAGES, SPOKEN_COMMON, SPOKEN_OTHERS, alphabetical, cldr_name, locale, other_language

_WESTERN = {ord(digit): str(value) for zero in "٠۰" for value, digit in enumerate(chr(ord(zero) + step) for step in range(10))}


class Speaker:
    """Says texts, dates and names of languages and hobbies in one language; `address` is how German speaks to people."""

    def __init__(self, catalogues: Catalogues, language: str, address: Address, *, html: bool) -> None:
        self._catalogues = catalogues
        self._language, self._address = language, address
        self._texts, self._german = catalogue_of(language, address), catalogue_of(SOURCE, address)
        self._html = html
        self._said: dict[str, str] = {}
        self.names = self._names()

    def _names(self) -> dict[str, object]:
        """What templates call these functions."""
        return {
            "_": self.say,
            "ngettext": self.say_number,
            "german": self.say_german,
            "say_in": self.say_in,
            "other_language": lambda shared: other_language(self._language, shared),
            "known": self.known,
            "is_machine": self.is_machine,
            "date": self.date,
            "moment": self.moment,
            "hobby": self.hobby,
            "picture": PICTURES.get,
            "spoken": self.spoken,
            "spoken_choices": self.spoken_choices,
            "spoken_list": lambda codes: self._enumerated([self.spoken(code) for code in codes]),
            "hobby_list": lambda codes: self._enumerated([self.hobby(code) for code in codes]),
            "autonym": lambda tag: LANGUAGES[tag].autonym,
            "direction_of": lambda tag: LANGUAGES[tag].direction,
        }

    def say(self, key: str, /, **params: object) -> str:
        if params:
            return self._filled(self._catalogues.message(self._texts, key), params)
        if key not in self._said:
            self._said[key] = self._filled(self._catalogues.message(self._texts, key), params)
        return self._said[key]

    def say_number(self, key: str, n: int, /, **params: object) -> str:
        return self._filled(self._catalogues.message(self._texts, key, n), {"n": n, **params})

    def say_german(self, key: str, /, **params: object) -> str:
        """The German beside a text that binds legally and that nobody has reviewed."""
        return self._filled(self._catalogues.message(self._german, key), params)

    def say_in(self, key: str, language: str, /, **params: object) -> str:
        """The same text in another language of the pages; whoever shows it says which language and direction it has."""
        return self._filled(self._catalogues.message(catalogue_of(language, self._address), key), params)

    def known(self, key: str) -> bool:
        return self._catalogues.known(self._texts, key)

    def is_machine(self, key: str) -> bool:
        return self._catalogues.provenance(self._texts, key) == "machine"

    def date(self, when: datetime, zone: str) -> str:
        """The day in the region's zone, with Western digits."""
        return format_date(when.astimezone(ZoneInfo(zone)), "full", locale(self._language)).translate(_WESTERN)

    def moment(self, when: datetime, zone: str) -> str:
        """Day and time in the region's zone, with Western digits."""
        time = format_time(when.astimezone(ZoneInfo(zone)), "HH:mm", locale=locale(self._language)).translate(_WESTERN)
        return self.say("moment", date=self.date(when, zone), time=time)

    def hobby(self, code: str) -> str:
        return self.say(f"hobby.{code}") if self.known(f"hobby.{code}") else code

    def spoken(self, code: str) -> str:
        """The name of a spoken language: ours where CLDR's is one nobody uses for themselves, else CLDR's."""
        if self.known(f"language.{code}"):
            return self._catalogues.message(self._texts, f"language.{code}")
        return cldr_name(code, self._language)

    def spoken_choices(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Codes and names: the common ones in our order, all others in the reader's alphabet."""
        others = [(code, self.spoken(code)) for code in SPOKEN_OTHERS]
        common = [(code, self.spoken(code)) for code in SPOKEN_COMMON]
        return common, sorted(others, key=lambda pair: alphabetical(pair[1], self._language))

    def _enumerated(self, items: Sequence[str]) -> str:
        """Several names joined as the language joins them: "a, b and c"."""
        return format_list(list(items), locale=locale(self._language))

    def _filled(self, message: str, params: dict[str, object]) -> str | Markup:
        return fill_html(message, params) if self._html else fill(message, params)
