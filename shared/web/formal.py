"""German as "Sie" is an overlay: a catalogue beside the German one with the texts that differ, and no others."""

import re
from collections.abc import Iterator, Mapping

from babel.messages.catalog import Message

from shared.web.catalogues import forms_of

_FRIENDS = r"du|dir|dich|dein\w*|euch|euer|eure\w*"
# What texts ask people to do, said to a friend. Left out is what may be a noun too: "Klick", "Suche", "Tipp".
_ASKED = r"""
    achte ändere beachte behalte bestätige bringe denke drucke drück drücke erlaube erzähle finde frag frage(?=\suns) füll fülle
    geh gehe gib halte hilf hole höre klicke komm kopiere kreuze lade lass lege lerne lies lösche mach melde nenne nimm öffne
    probiere prüf prüfe rufe sag sage schau schaue schick schicke schließe schreib schreibe sende sieh speichere sprich stelle
    tippe trage triff versuche vergiss vertraue wähl wähle warte zeig zeige
"""
# "Ich melde mich" is said by the reader.
_INFORMAL = re.compile(rf"\b(?:{_FRIENDS}|(?<!\bich )(?:{'|'.join(_ASKED.split())}))\b", re.IGNORECASE)


def informal(text: str) -> list[str]:
    """The words that speak to the reader, or to two of them, as to friends."""
    return _INFORMAL.findall(text)


def in_overlay(german: Mapping[str, Message], overlay: Mapping[str, Message]) -> Iterator[str]:
    """What is wrong with the texts that differ, and each German one that should differ and does not."""
    for key, message in german.items():
        forms, formal = forms_of(message.string), forms_of(overlay.get(key, message).string)
        if key in overlay and forms == formal:
            yield f"{key}: the same as in de"
        if words := informal(" ".join(formal)):
            yield f"{key}: not formal: {', '.join(words)}"
