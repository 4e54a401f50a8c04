"""A region's logo goes into the pages as it is: only a small picture that does nothing else is taken."""

import base64
import struct
import zlib
from pathlib import Path

import pytest

from services.registration.regions import RegionFilesError, read_regions
from services.registration.tests.made import HANNOVER, LUDWIGSBURG, REGIONS_DIR
from services.registration.tests.region_files import NEEDED

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
HARMLESS = {
    "shapes": '<rect width="9" height="9" fill="#0b5563"/>',
    "an inner link": '<g id="a"/><use href="#a"/><use xlink:href="#a"/>',
    "an inner gradient": '<path fill="url(#g)" style="stroke: url( \'#g\' )"/>',
    "a style": "<style>path { fill: red }</style>",
    "words": "<title>script, onload and url</title>",
}
HARMFUL = {
    "a script": ("<script>alert(1)</script>", "<script>"),
    "a script within": ("<g><g><SCRIPT/></g></g>", "<script>"),
    "HTML within": ("<foreignObject/>", "<foreignobject>"),
    "a prefix of its own": ('<s:script xmlns:s="http://www.w3.org/2000/svg"/>', "<script>"),
    "something that moves": ('<animate attributeName="x"/>', "<animate>"),
    "something that sets": ('<set attributeName="onclick" to="alert(1)"/>', "<set>"),
    "an event": ('<g onclick="alert(1)"/>', 'an attribute "onclick"'),
    "an event in capitals": ('<g OnLoad="alert(1)"/>', 'an attribute "onload"'),
    "a picture from elsewhere": ('<image href="https://example.org/a.png"/>', "a link to something outside"),
    "a picture in the old way": ('<image xlink:href="//example.org/a.png"/>', "a link to something outside"),
    "a link that is a program": ('<a href="javascript:alert(1)"/>', "a link to something outside"),
    "a picture within": ('<image href="data:image/png;base64,AA"/>', "a link to something outside"),
    "another base": ('<g xml:base="https://example.org/"/>', "a link to something outside"),
    "a colour from elsewhere": ('<path fill="url(https://example.org/a)"/>', "a link to something outside"),
    "a quoted address": ("<path style=\"fill: URL ( 'https://example.org/a' )\"/>", "a link to something outside"),
    "a style from elsewhere": ("<style>@import 'a.css'</style>", "a link to something outside"),
    "a style in hidden letters": (r"<style>a { fill: \75rl(a) }</style>", "a link to something outside"),
}


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes(1 + (width + 7) // 8) * height)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def logo(folder: Path, content: bytes, name: str = "logo.svg") -> str:
    (folder / "logo.svg").write_bytes(content)
    (folder / "logo.png").write_bytes(content)
    (folder / "region.toml").write_text(f'logo = "{name}"\n{NEEDED}', encoding="utf-8")
    return read_regions(folder)["smallest"].logo


def refused(folder: Path, content: bytes, name: str = "logo.svg") -> str:
    with pytest.raises(RegionFilesError) as caught:
        logo(folder, content, name)
    return str(caught.value).removeprefix("region.toml, line 1: logo: ")


def test_our_own_logo_is_small_and_becomes_a_data_address() -> None:
    content = (REGIONS_DIR / "logo.svg").read_bytes()
    assert len(content) < 1_500
    for region in (HANNOVER, LUDWIGSBURG):
        assert region.logo.startswith("data:image/svg+xml;")
        assert base64.b64decode(region.logo.partition(",")[2]) == content


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_svg_is_taken(name: str, tmp_path: Path) -> None:
    content = SVG.format(HARMLESS[name]).encode()
    assert base64.b64decode(logo(tmp_path, content).partition(",")[2]) == content


def test_an_svg_may_declare_its_xml(tmp_path: Path) -> None:
    assert logo(tmp_path, f'\ufeff<?xml version="1.0" encoding="UTF-8"?>\n{SVG}'.encode())


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_svg_is_refused(name: str, tmp_path: Path) -> None:
    inside, found = HARMFUL[name]
    said = refused(tmp_path, SVG.format(inside).encode())
    assert said == f'"logo.svg" holds {found}, which a logo may not; save it as plain SVG'


@pytest.mark.parametrize(
    "before", ['<!DOCTYPE svg [<!ENTITY a "aaaa">]>', "<!doctype svg>", '<?xml-stylesheet href="https://example.org/a.css"?>']
)
def test_an_svg_with_entities_or_instructions_is_refused(before: str, tmp_path: Path) -> None:
    assert refused(tmp_path, f"{before}{SVG}".encode()).startswith('"logo.svg" holds a document type or an instruction')


@pytest.mark.parametrize("content", [b"", b"<svg", b"<svg/>", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", b"\0"])
def test_what_is_no_svg_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refused(tmp_path, content) == '"logo.svg" is no SVG picture'


def test_an_svg_in_another_encoding_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, SVG.encode("utf-16")) == '"logo.svg" is not written in UTF-8'


def test_a_png_is_taken_and_what_only_calls_itself_so_is_not(tmp_path: Path) -> None:
    assert logo(tmp_path, png(64, 64), "logo.png").startswith("data:image/png;base64,")
    assert refused(tmp_path, SVG.encode(), "logo.png") == '"logo.png" is no PNG picture'
    assert refused(tmp_path, png(64, 64)[:-20], "logo.png") == '"logo.png" is no PNG picture'


def test_a_picture_that_fills_a_phone_s_memory_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, png(1025, 8), "logo.png") == '"logo.png" is wider or higher than 1024 pixels'


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    fits = SVG.replace("{}", "").encode().ljust(8 * 1024)
    assert logo(tmp_path, fits)
    assert refused(tmp_path, fits + b" ") == '"logo.svg" is larger than 8 KB'


@pytest.mark.parametrize("name", ["../logo.svg", "/logo.svg", "logo.gif", "logo.SVG", "", "logo"])
def test_a_logo_lies_beside_its_region_file(name: str, tmp_path: Path) -> None:
    assert refused(tmp_path, SVG.encode(), name) == f'"{name}" is no file name that ends with .svg or .png'


def test_a_logo_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, b"", "none.svg") == '"none.svg" is not there; put it beside the region file, readable to all'


def test_files_and_logo_may_be_links_as_kubernetes_mounts_them(tmp_path: Path) -> None:
    version, mounted = tmp_path / "..2026", tmp_path / "..data"
    version.mkdir()
    mounted.symlink_to(version.name)
    for name in ("ludwigsburg.toml", "logo.svg"):
        (version / name).write_bytes((REGIONS_DIR / name).read_bytes())
        (tmp_path / name).symlink_to(f"..data/{name}")
    assert read_regions(tmp_path) == {"ludwigsburg": read_regions(REGIONS_DIR)["ludwigsburg"]}
