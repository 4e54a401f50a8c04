"""What a phone can reach, and the picture its camera reads."""

import re

import pytest
import segno

from deploy.local import phone


def test_nothing_is_reachable_from_outside_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(phone.VARIABLE, raising=False)
    assert (phone.listen(), phone.host()) == (phone.HERE, phone.HERE)


def test_where_it_is_asked_for_the_address_is_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(phone.VARIABLE, "1")
    assert phone.listen() == phone.EVERYWHERE
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", phone.host())


def test_the_picture_holds_every_cell_of_the_code() -> None:
    url = "http://192.0.2.7:8000/ludwigsburg"
    drawn = re.sub(r"\033\[[0-9;]*m", "", phone.code(url)).split("\n")
    dark = sum({"█": 0, "▄": 1, "▀": 1, " ": 2}[sign] for line in drawn for sign in line)
    cells = [list(row) for row in segno.make(url, error="m").matrix_iter(border=2)]
    odd = len(cells) % 2 * len(cells[0])  # half a line below, light
    assert dark == sum(bool(cell) for row in cells for cell in row)
    assert sum(map(len, drawn)) * 2 == len(cells) * len(cells[0]) + odd
